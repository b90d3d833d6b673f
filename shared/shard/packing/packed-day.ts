import { hash, randomBytes } from 'node:crypto';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { type Cells, encodeCells, visitCells } from './cells.ts';

/**
 * The bytes of a settled day, see packed-parts.ts for what is packed.
 *
 * A **container** is a Redis string: a token, the members, and the small sections of a day compressed together.
 *
 *   8 bytes   token: random, another one for each packing
 *   4 bytes   length of the members, big-endian
 *   …         members: which values of breakdowns are counted separately; packed-values in commit.lua reads them
 *   …         small sections, compressed
 *
 * A section that is larger is a field of the day's hash of large sections. Many products are in buckets, so that one
 * product costs one bucket.
 */

/** Of UTF-8 names that nearly every section has. It is part of the format: every change needs another STATE_FORMAT. */
const DICTIONARY = Buffer.from(
  [
    ...['b:bot', 'b:brand', 'b:category', 'b:search_term', 'b:coupon', 'b:visit_country', 'b:visit_os'],
    ...['b:visit_browser', 'b:visit_device', 'b:landing_page', 'b:referrer', 'b:campaign', 'b:medium'],
    ...['b:source', 'b:channel', 'b:page', 'b:os', 'b:browser', 'b:device', 'b:country', 'f:shop'],
    ...['unassigned', 'display', 'affiliate', 'partner', 'newsletter', 'instagram.com', 'facebook.com'],
    ...['Paid Social', 'Organic Social', 'Paid Search', 'Organic Search', 'Referral', 'Email', 'Direct'],
    ...['(not set)', '(other)', 'www.google.com', 'google', 'organic', 'cpc', 'email', 'social', 'referral'],
    ...['Linux', 'macOS', 'Windows', 'iOS', 'Android', 'Edge', 'Firefox', 'Safari', 'Chrome'],
    ...[
      'tablet',
      'desktop',
      'mobile',
      'GB',
      'FR',
      'DE',
      'ES',
      'US',
      '/cart',
      '/checkout',
      '/product/',
      '/p/',
      '/c/',
    ],
    ...['shipping_orders:EUR', 'tax_orders:EUR', 'discount_orders:EUR', 'shipping:EUR', 'tax:EUR'],
    ...['discount:EUR', 'repeat_revenue:EUR', 'first_revenue:EUR', 'repeat_orders', 'first_orders'],
    ...[
      'viewed_sessions',
      'carted_sessions',
      'checkout_sessions',
      'new_accounts',
      'new_customers',
      'new_users',
    ],
    ...['n:identify', 'n:refund', 'n:remove_from_cart', 'n:add_payment_info', 'n:add_shipping_info'],
    ...['n:begin_checkout', 'n:view_cart', 'n:add_to_cart', 'n:search', 'n:select_item', 'n:view_item_list'],
    ...[
      'n:view_item',
      'n:page_view',
      'n:purchase',
      'units_refunded',
      'others',
      'refunds',
      'purchases',
      'carts',
    ],
    ...['clicks', 'views', 'interactions', 'refunded:EUR', 'revenue:EUR', 'orders:EUR', 'units', 'orders'],
    ...['converted_sessions', 'session_ms', 'bounces', 'sessions', 'events'],
  ].join(''),
);

export const TOKEN_BYTES = 8;
const HEADER_BYTES = TOKEN_BYTES + 4;

/** A section that takes more bytes before its compression is a field of its own. */
const SMALL_BYTES = 2_048;
/** The small sections of a day take at most these bytes together: every question inflates all of them. */
const CONTAINER_BYTES = 16_384;

/** The section of products. */
export const PRODUCTS = 'p';
/** The field of the large sections that holds how many bits of a product's hash name its bucket. */
export const BUCKET_BITS = 'pb';
/** About how many products a bucket has, at most. */
const BUCKET_PRODUCTS = 256;
const MAX_BUCKET_BITS = 16;

export const bucketField = (bits: number, bucket: number) => `p:${bits}:${bucket}`;

/** The bucket of a product (FNV-1a, the highest bits). */
function bucketOf(product: string, bits: number): number {
  if (bits === 0) return 0;
  let code = 0x811c9dc5;
  for (let i = 0; i < product.length; i++) code = Math.imul(code ^ product.charCodeAt(i), 0x01000193);
  // The highest bits of FNV mix badly where texts differ in their end only.
  code = Math.imul(code ^ (code >>> 15), 0x85ebca6b);
  return (code ^ (code >>> 13)) >>> (32 - bits);
}

/** The bits that a reader has to expect for a product: for each number of bits, the product's bucket. */
export const bucketFields = (product: string) =>
  Array.from({ length: MAX_BUCKET_BITS + 1 }, (_, bits) => bucketField(bits, bucketOf(product, bits)));

/** The values of a dimension that are counted separately. */
export interface Members {
  dimension: string;
  values: readonly string[];
  /** How many values count towards the limit. */
  count: number;
  /** Whether further values are added to (other). */
  isFull: boolean;
}

interface PackedDay {
  container: Buffer;
  /** By field. */
  large: Map<string, Buffer>;
}

/**
 * @param sections by name
 * @param options.members of the breakdowns among them
 * @param options.isWhole puts all sections into the container
 */
export function packDay(
  sections: ReadonlyMap<string, Cells>,
  { members = [], isWhole = false }: { members?: readonly Members[]; isWhole?: boolean } = {},
): PackedDay {
  const large = new Map<string, Buffer>();
  const encoded = [...sections]
    .map(([name, cells]) => ({ name, cells, bytes: encodeCells(cells) }))
    .sort((a, b) => a.bytes.length - b.bytes.length);
  const small: { name: string; bytes: Buffer }[] = [];
  let taken = 0;
  for (const { name, cells, bytes } of encoded) {
    if (isWhole || (bytes.length <= SMALL_BYTES && taken + bytes.length <= CONTAINER_BYTES)) {
      small.push({ name, bytes });
      taken += bytes.length;
    } else if (name === PRODUCTS) {
      for (const [field, bucket] of bucketsOf(cells)) large.set(field, bucket);
    } else large.set(name, compress(bytes));
  }
  const packedMembers = packMembers(members);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(packedMembers.length);
  const token = randomBytes(TOKEN_BYTES);
  const container = Buffer.concat([token, length, packedMembers, compress(joinSections(small))]);
  return { container, large };
}

/** The small sections of a container, before their cells are decoded. */
export function smallSections(container: Buffer): Map<string, Buffer> {
  return splitSections(inflate(container.subarray(HEADER_BYTES + container.readUInt32BE(TOKEN_BYTES))));
}

/** A container as readers get it: the token and the small sections. */
export const withoutMembers = (container: Buffer) =>
  Buffer.concat([
    container.subarray(0, TOKEN_BYTES),
    container.subarray(HEADER_BYTES + container.readUInt32BE(TOKEN_BYTES)),
  ]);

/** The small sections of {@link withoutMembers}. */
export const sectionsWithoutMembers = (sent: Buffer) => splitSections(inflate(sent.subarray(TOKEN_BYTES)));

/** Calls `visit` as {@link visitCells} does, with a large section. */
export function visitLarge(
  bytes: Buffer,
  visit: Parameters<typeof visitCells>[1],
  isWanted?: Parameters<typeof visitCells>[2],
): void {
  visitCells(inflate(bytes), visit, isWanted);
}

function bucketsOf(products: Cells): Map<string, Buffer> {
  const all = new Set<string>();
  for (const rows of products.values()) for (const product of rows.keys()) all.add(product);
  let bits = 0;
  while (bits < MAX_BUCKET_BITS && all.size / 2 ** bits > BUCKET_PRODUCTS) bits++;
  const buckets = Array.from({ length: 2 ** bits }, (): Cells => new Map());
  for (const [metric, rows] of products) {
    for (const [product, amount] of rows) {
      const bucket = buckets[bucketOf(product, bits)]!;
      const own = bucket.get(metric);
      if (own) own.set(product, amount);
      else bucket.set(metric, new Map([[product, amount]]));
    }
  }
  const fields = new Map<string, Buffer>([[BUCKET_BITS, Buffer.from(String(bits))]]);
  for (const [i, bucket] of buckets.entries()) {
    if (bucket.size > 0) fields.set(bucketField(bits, i), compress(encodeCells(bucket)));
  }
  return fields;
}

/**
 * How many bytes of a value's digest are kept. While a dimension is not full, two values of one digest only make room for
 * one value more. When it is full, a value that was added to (other) must never be taken for a member.
 */
const digestBytes = ({ count, isFull }: Members) => (isFull ? 8 : count > 64 ? 4 : 2);

/** For each dimension its name, the count, the bytes of a digest, the number of values, and their digests. */
function packMembers(members: readonly Members[]): Buffer {
  const parts: Buffer[] = [];
  for (const one of members) {
    const { dimension, values, count } = one;
    const width = digestBytes(one);
    const name = Buffer.from(dimension);
    const numbers = Buffer.alloc(5);
    numbers.writeUInt16BE(Math.min(count, 0xffff), 0);
    numbers[2] = width;
    numbers.writeUInt16BE(values.length, 3);
    const digests = values.map((value) => hash('sha1', `${dimension}|${value}`, 'buffer').subarray(0, width));
    parts.push(Buffer.from([name.length]), name, numbers, ...digests);
  }
  return Buffer.concat(parts);
}

function joinSections(sections: readonly { name: string; bytes: Buffer }[]): Buffer {
  const parts: Buffer[] = [];
  for (const { name, bytes } of sections) {
    const text = Buffer.from(name);
    const lengths = Buffer.alloc(5);
    lengths[0] = text.length;
    lengths.writeUInt32BE(bytes.length, 1);
    parts.push(lengths, text, bytes);
  }
  return Buffer.concat(parts);
}

function splitSections(bytes: Buffer): Map<string, Buffer> {
  const sections = new Map<string, Buffer>();
  for (let at = 0; at < bytes.length; ) {
    const [text, length] = [bytes[at]!, bytes.readUInt32BE(at + 1)];
    const from = at + 5 + text;
    sections.set(bytes.toString('utf8', at + 5, from), bytes.subarray(from, from + length));
    at = from + length;
  }
  return sections;
}

/** One byte says whether the rest is compressed. */
function compress(bytes: Buffer): Buffer {
  const deflated = deflateRawSync(bytes, { level: constants.Z_BEST_COMPRESSION, dictionary: DICTIONARY });
  const isSmaller = deflated.length < bytes.length;
  return Buffer.concat([Buffer.from([isSmaller ? 1 : 0]), isSmaller ? deflated : bytes]);
}

function inflate(bytes: Buffer): Buffer {
  const rest = bytes.subarray(1);
  return bytes[0] === 1 ? inflateRawSync(rest, { dictionary: DICTIONARY }) : rest;
}
