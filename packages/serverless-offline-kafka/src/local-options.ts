import { availableParallelism } from 'node:os';
import * as z from 'zod';
import { parseSettings } from './parse-settings.ts';

/** Addresses of Kafka brokers, each as `host:port`. */
export const brokerAddresses = z.array(z.string().regex(/^[^\s:]+:\d+$/, 'expected host:port')).min(1);

const localOptionsSchema = z
  .object({
    bootstrapServers: z
      .union([
        z.string().transform((list) => list.split(',').map((server) => server.trim())),
        z.array(z.string()),
      ])
      .pipe(brokerAddresses)
      .optional(),
    ssl: z.boolean().default(false),
    /** PEM certificates of the authority that signed the brokers' certificates. */
    ca: z.string().includes('-----BEGIN CERTIFICATE-----').optional(),
    sasl: z
      .object({
        mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
        username: z.string(),
        password: z.string(),
      })
      .strict()
      .optional(),
    retryBackoff: z
      .object({ initialMs: z.number().min(1), maxMs: z.number().min(1) })
      .strict()
      .default({ initialMs: 250, maxMs: 10_000 }),
    // serverless-offline runs each invocation in a worker thread that loads the function again. More threads than
    // processors use memory and make the first invocations slow.
    maxConcurrency: z.number().int().min(1).default(Math.max(2, availableParallelism())),
    verbose: z.boolean().default(false),
  })
  .strict();

/** `custom.kafkaEventSource` in serverless.yml, checked and with its defaults. Deployed functions ignore it. */
export type LocalOptions = z.infer<typeof localOptionsSchema>;

/** @throws one sentence that names what is wrong under `custom.kafkaEventSource`. */
export function readLocalOptions(value: unknown): LocalOptions {
  return parseSettings(localOptionsSchema, value ?? {}, 'custom.kafkaEventSource');
}
