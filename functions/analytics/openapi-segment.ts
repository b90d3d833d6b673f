import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { MESSAGE_TYPES } from '../../shared/intake/formats/segment/message.ts';
import { verdicts } from './openapi-collect.ts';
import { asJson, asProblem, refusalsOfCollect, unauthorized } from './openapi-parts.ts';

const fields = z.record(z.string(), z.unknown());
const id = z.union([z.string(), z.number()]);

const message = z
  .looseObject({
    messageId: z
      .string()
      .optional()
      .meta({ description: "The event's id: a retry with the same is harmless" }),
    userId: id.optional(),
    anonymousId: id.optional(),
    previousId: id
      .optional()
      .meta({ description: 'Of alias: the anonymous id that turned out to be userId' }),
    event: z.string().optional().meta({ description: 'Of track: its name' }),
    name: z.string().optional().meta({ description: 'Of page and screen' }),
    groupId: id.optional(),
    properties: fields.optional(),
    traits: fields.optional(),
    context: fields.optional().meta({ description: 'page, campaign, userAgent …; its ip is not kept' }),
    timestamp: z.union([z.string(), z.number()]).optional(),
    sentAt: z.union([z.string(), z.number()]).optional().meta({
      description: "The client's clock when it sent this: what it is off by is taken out of timestamp",
    }),
    writeKey: z.string().optional().meta({ description: 'Where no header is sent' }),
  })
  .meta({ id: 'SegmentMessage', description: 'See docs/sending-events.md for what becomes of each field' });

const batch = z
  .looseObject({
    batch: z
      .array(z.looseObject({ type: z.enum(MESSAGE_TYPES), ...message.shape }))
      .min(1)
      .max(500),
    writeKey: z.string().optional(),
    sentAt: z.union([z.string(), z.number()]).optional(),
    context: fields.optional().meta({ description: 'For all messages; what one says itself goes before' }),
  })
  .meta({ id: 'SegmentBatch' });

const taken = z
  .object({
    success: z.literal(true),
    ...verdicts.partial().shape,
  })
  .meta({
    id: 'SegmentAnswer',
    description: 'With numbers and verdicts when some messages are not counted or were put right',
    examples: [{ success: true }],
  });

const description = `What Segment's libraries send, unchanged: set their host to this one, and their write key to a
write key of the site. The key is the user name of Basic authentication, or \`writeKey\` in the body (then any content
type will do). At most 1 MB of JSON in UTF-8, after unpacking: gzip, br and deflate are understood.

Names of the e-commerce spec become GA4's (\`Order Completed\` is \`purchase\`), others valid event names
(\`Signed Up!\` is \`signed_up\`).`;

const operation = (
  operationId: string,
  summary: string,
  schema: z.ZodType,
  examples: Record<string, { summary: string; value: unknown }>,
): ZodOpenApiOperationObject => ({
  operationId,
  summary,
  description,
  tags: ['segment'],
  security: [{ basicWriteKey: [] }, { writeKey: [] }, {}],
  requestBody: { required: true, content: { 'application/json': { schema, examples } } },
  responses: {
    200: asJson('Stored on all in-sync replicas, all or at least one', taken),
    400: asProblem('No message could be accepted'),
    401: unauthorized('No write key of a site'),
    ...refusalsOfCollect,
  },
});

const EXAMPLES = {
  track: {
    event: 'Order Completed',
    userId: 'ada',
    properties: {
      order_id: 'o-1001',
      total: 24.9,
      currency: 'EUR',
      products: [{ product_id: 'tea-1', name: 'Green tea', price: 10, quantity: 2 }],
    },
  },
  page: { anonymousId: 'c0ffee', properties: { url: 'https://shop.example/tea' } },
  screen: { anonymousId: 'c0ffee', name: 'Tea' },
  identify: { userId: 'ada', anonymousId: 'c0ffee', traits: { plan: 'gold' } },
  group: { userId: 'ada', groupId: 'g-7', traits: { name: 'Tea lovers' } },
  alias: { previousId: 'c0ffee', userId: 'ada' },
};

/** Each path with the short one of browser and app libraries. */
export const segmentPaths: ZodOpenApiPathsObject = Object.fromEntries([
  ...MESSAGE_TYPES.flatMap((type) => {
    const examples = { [type]: { summary: `A call of ${type}`, value: EXAMPLES[type] } };
    return [type, type[0]!].map((name) => [
      `/v1/${name}`,
      { post: operation(`segment_${name}`, `Take a ${type} call of a Segment library`, message, examples) },
    ]);
  }),
  ...['batch', 'b', 'import'].map((name) => [
    `/v1/${name}`,
    {
      post: operation(
        `segment_${name}`,
        'Take up to 500 calls of a Segment library, each judged for itself',
        batch,
        {
          batch: {
            summary: 'Two calls',
            value: {
              batch: [
                { type: 'track', ...EXAMPLES.track },
                { type: 'identify', ...EXAMPLES.identify },
              ],
              sentAt: '2026-03-31T18:05:12.250Z',
            },
          },
        },
      ),
    },
  ]),
]);
