import {
  type EncodedRecord,
  encodeEvent,
  encodeRecord,
  envelopeOf,
  eventBytes,
  MAX_PAYLOAD_BYTES,
} from '../../src/lambda-event.ts';
import { RecordBuffer } from '../../src/record-buffer.ts';

const envelope = envelopeOf('orders', 3, ['a:9092', 'b:9092']);

function recordOf(offset: number, valueBytes = 10): EncodedRecord {
  return encodeRecord('orders', 3, {
    key: null,
    value: Buffer.alloc(valueBytes, 120),
    timestamp: '1',
    attributes: 0,
    offset: String(offset),
    headers: {},
  });
}

const offsetsOf = (batch: EncodedRecord[]) => batch.map(({ offset }) => offset);

test('an empty buffer has nothing due', () => {
  expect(new RecordBuffer(10, 500, envelope).dueIn(0)).toBeUndefined();
});

test('the window of a batch starts with its first record', () => {
  const buffer = new RecordBuffer(10, 500, envelope);
  buffer.push([recordOf(1)], 1000);
  buffer.push([recordOf(2)], 1400);
  expect(buffer.dueIn(1400)).toBe(100);
  expect(buffer.dueIn(1499)).toBe(1);
  expect(buffer.dueIn(1500)).toBe(0);
  expect(buffer.dueIn(9999)).toBe(0);
});

test('a full batch is due at once, and the remaining records keep their own window', () => {
  const buffer = new RecordBuffer(2, 500, envelope);
  buffer.push([recordOf(1), recordOf(2), recordOf(3)], 1000);
  expect(buffer.dueIn(1000)).toBe(0);
  expect(offsetsOf(buffer.take())).toEqual([1, 2]);
  expect(buffer.dueIn(1000)).toBe(500);
  expect(offsetsOf(buffer.take())).toEqual([3]);
  expect(buffer.length).toBe(0);
});

test('a batch is cut at the payload limit, exact to the byte', () => {
  const [first, second] = [recordOf(1, 1_000_000), recordOf(2, 1_000_000)];
  const room = MAX_PAYLOAD_BYTES - eventBytes(envelope, [first, second]) - 1;
  const withBytes = (bytes: number): EncodedRecord => ({ ...recordOf(3), json: 'x'.repeat(bytes), bytes });

  const fits = new RecordBuffer(100, 500, envelope);
  fits.push([first, second, withBytes(room)], 0);
  const batch = fits.take();
  expect(offsetsOf(batch)).toEqual([1, 2, 3]);
  expect(Buffer.byteLength(encodeEvent([{ envelope, records: batch }]))).toBe(MAX_PAYLOAD_BYTES);

  const tooLarge = new RecordBuffer(100, 500, envelope);
  tooLarge.push([first, second, withBytes(room + 1)], 0);
  expect(tooLarge.dueIn(0)).toBe(0);
  expect(offsetsOf(tooLarge.take())).toEqual([1, 2]);
  expect(offsetsOf(tooLarge.take())).toEqual([3]);
});

test('a record above the payload limit is a batch of its own', () => {
  const buffer = new RecordBuffer(100, 500, envelope);
  buffer.push([recordOf(1, MAX_PAYLOAD_BYTES), recordOf(2)], 0);
  expect(offsetsOf(buffer.take())).toEqual([1]);
  expect(offsetsOf(buffer.take())).toEqual([2]);
});

test('a buffer is full with the largest possible batch, and low with half of it', () => {
  const buffer = new RecordBuffer(3, 500, envelope);
  const megabyte = recordOf(1, 750_000);
  buffer.push(Array(6).fill(megabyte), 0);
  expect(buffer.isFull).toBe(false);
  buffer.push([megabyte], 0);
  expect(buffer.isFull).toBe(true);
  buffer.take();
  expect(buffer.isLow).toBe(false);
  buffer.take();
  expect(buffer.isLow).toBe(true);
});
