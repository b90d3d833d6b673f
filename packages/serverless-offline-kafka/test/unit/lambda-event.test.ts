import { readFileSync } from 'node:fs';
import type { KafkaMessage } from 'kafkajs';
import { encodeEvent, encodeRecord, envelopeOf, eventBytes } from '../../src/lambda-event.ts';

const sample = JSON.parse(
  readFileSync(new URL('../fixtures/self-managed-kafka-event.json', import.meta.url), 'utf8'),
);

function message(changes: object = {}): KafkaMessage {
  return {
    key: null,
    value: null,
    timestamp: '1700000000000',
    attributes: 0,
    offset: '7',
    headers: {},
    ...changes,
  } as KafkaMessage;
}

const decode = (changes: object) => JSON.parse(encodeRecord('orders', 3, message(changes)).json);

test("encodes AWS's sample event", () => {
  const record = encodeRecord(
    'mytopic',
    0,
    message({
      offset: '15',
      timestamp: '1545084650987',
      key: Buffer.from('abcDEFghiJKLmnoPQRstuVWXyz1234==', 'base64'),
      value: Buffer.from('Hello, this is a test.'),
      headers: { headerKey: Buffer.from('headerValue') },
    }),
  );
  const servers = sample.bootstrapServers.split(',');
  // The sample's key has stray bits in its last character, which no encoder writes.
  sample.records['mytopic-0'][0].key = Buffer.from(sample.records['mytopic-0'][0].key, 'base64').toString(
    'base64',
  );
  expect(
    JSON.parse(encodeEvent([{ envelope: envelopeOf('mytopic', 0, servers), records: [record] }])),
  ).toEqual(sample);
});

test('omits a key or a value that is absent in Kafka, and keeps an empty one', () => {
  expect(decode({})).toEqual({
    topic: 'orders',
    partition: 3,
    offset: 7,
    timestamp: 1700000000000,
    timestampType: 'CREATE_TIME',
    headers: [],
  });
  expect(decode({ key: Buffer.alloc(0), value: Buffer.alloc(0) })).toMatchObject({ key: '', value: '' });
});

test('encodes header bytes as signed, and each value of a repeated header as an entry', () => {
  expect(
    decode({ headers: { é: Buffer.from('ë'), many: [Buffer.from('a'), Buffer.from('b')] } }).headers,
  ).toEqual([{ é: [-61, -85] }, { many: [97] }, { many: [98] }]);
});

test('marks a timestamp that the broker has set', () => {
  expect(decode({ batchContext: { timestampType: 1 } }).timestampType).toBe('LOG_APPEND_TIME');
});

test('calculates the bytes of an event without building it', () => {
  const envelope = envelopeOf('orders', 3, ['a:9092', 'b:9092']);
  const records = [1, 2, 3].map((offset) =>
    encodeRecord('orders', 3, message({ offset: String(offset), headers: { é: Buffer.from('ë') } })),
  );
  for (const count of [1, 2, 3]) {
    const some = records.slice(0, count);
    expect(eventBytes(envelope, some)).toBe(Buffer.byteLength(encodeEvent([{ envelope, records: some }])));
  }
});
