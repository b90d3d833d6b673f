import * as z from 'zod';
import {
  type Endpoint,
  jsonAnswer,
  jsonBody,
  problemAnswer,
  unauthorizedAnswer,
} from '../../../platform/http/endpoint.ts';
import { type CollectContext, collect } from '../../collect.ts';
import { collectRefusals, verdictsSchema } from '../../responses.ts';
import { settingsEndpoint } from './client-settings.ts';
import { MESSAGE_TYPES, type MessageType } from './message.ts';
import { segmentFormat } from './segment-format.ts';

const fields = z.record(z.string(), z.unknown());
const id = z.union([z.string(), z.number()]);

const message = z
  .looseObject({
    messageId: z
      .string()
      .optional()
      .meta({ description: "The event's id: a retry with the same id is harmless" }),
    userId: id.optional(),
    anonymousId: id.optional(),
    previousId: id
      .optional()
      .meta({ description: 'For alias: the anonymous id that turned out to be userId' }),
    event: z.string().optional().meta({ description: "For track: the event's name" }),
    name: z.string().optional().meta({ description: 'For page and screen' }),
    groupId: id.optional(),
    properties: fields.optional(),
    traits: fields.optional(),
    context: fields.optional().meta({
      description:
        'page, campaign, userAgent, sessionId …; its ip is not kept. When consent refuses analytics, the call ' +
        'counts for no person',
    }),
    timestamp: z.union([z.string(), z.number()]).optional(),
    sentAt: z.union([z.string(), z.number()]).optional().meta({
      description: "The client's clock when it sent this: timestamp is corrected by its error",
    }),
    writeKey: z.string().optional().meta({ description: 'Where no header is sent' }),
  })
  .meta({ id: 'SegmentMessage', description: 'docs/sending-events.md says how each field is used' });

const batch = z
  .looseObject({
    batch: z
      .array(z.looseObject({ type: z.enum(MESSAGE_TYPES), ...message.shape }))
      .min(1)
      .max(500),
    writeKey: z.string().optional(),
    sentAt: z.union([z.string(), z.number()]).optional(),
    context: fields
      .optional()
      .meta({ description: 'For all messages; what a message says itself takes precedence' }),
  })
  .meta({ id: 'SegmentBatch' });

const taken = z.object({ success: z.literal(true), ...verdictsSchema.partial().shape }).meta({
  id: 'SegmentAnswer',
  description: 'With numbers and verdicts when some messages are not counted, or were put right',
  examples: [{ success: true }],
});

const description = `What Segment's libraries send, unchanged: set their host to this one, and their write key to a
write key of the site. The key is the user name of Basic authentication, or \`writeKey\` in the body (then any content
type will do). At most 1 MB of JSON in UTF-8, after unpacking: gzip, br and deflate are understood.

Names of the e-commerce spec become GA4's (\`Order Completed\` is \`purchase\`). Others become valid event names
(\`Signed Up!\` is \`signed_up\`).`;

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

function endpoint(
  name: string,
  type: MessageType | 'batch',
  { summary, body }: Pick<Endpoint<CollectContext>, 'summary' | 'body'>,
): Endpoint<CollectContext> {
  const format = segmentFormat(type);
  return {
    method: 'POST',
    path: `/v1/${name}`,
    id: `segment_${name}`,
    tag: 'segment',
    summary,
    description,
    access: ['basicWriteKey', 'writeKey', 'writeKeyInBody'],
    body,
    responses: {
      200: jsonAnswer('At least one message is stored, on all in-sync replicas', taken),
      400: problemAnswer('No message could be accepted'),
      401: unauthorizedAnswer('No write key of a site'),
      ...collectRefusals,
    },
    handler: (request, context) => collect(format, request, context),
  };
}

/** Each type has the path of Segment's HTTP API, and the short one of its browser and app libraries. */
const single = MESSAGE_TYPES.flatMap((type) => {
  const summary = `Take a ${type} call of a Segment library`;
  const examples = { [type]: { summary: `A call of ${type}`, value: EXAMPLES[type] } };
  return [type, type[0]!].map((name) =>
    endpoint(name, type, { summary, body: jsonBody(message, { examples }) }),
  );
});

const batchExample = {
  summary: 'Two calls',
  value: {
    batch: [
      { type: 'track', ...EXAMPLES.track },
      { type: 'identify', ...EXAMPLES.identify },
    ],
    sentAt: '2026-03-31T18:05:12.250Z',
  },
};

/** `import` is what old server libraries call it. */
const several = ['batch', 'b', 'import'].map((name) =>
  endpoint(name, 'batch', {
    summary: 'Take up to 500 calls of a Segment library, each judged by itself',
    body: jsonBody(batch, { examples: { batch: batchExample } }),
  }),
);

export const segmentEndpoints: readonly Endpoint<CollectContext>[] = [
  ...single,
  ...several,
  settingsEndpoint,
];
