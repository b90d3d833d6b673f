import { relative } from 'node:path';
import { LAPTOP_ADMIN_KEY } from '../laptop-admin-key.ts';
import { USUAL_PORTS } from '../services/ports.ts';
import type { Services } from '../services/services.ts';
import { withoutSecrets } from '../without-secrets.ts';

/** A path relative to the current folder, if that is shorter. */
const shortPath = (path: string) => {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short || '.';
};

const origin = (source: Services['from']['kafka'], folder: string) =>
  ({ environment: 'from the environment', docker: 'in Docker', embedded: `data in ${folder}/` })[source];

/** An admin key that is known to work: that of a laptop, or of the demo site where the installation has a key of its own. */
const signInKey = (adminKeyHash: string | undefined) => (adminKeyHash ? 'demo-admin-key' : LAPTOP_ADMIN_KEY);

interface Welcomed {
  services: Services;
  httpUrl: string;
  metricsUrl: string;
  dataDir: string;
  functionsLog: string;
  adminKeyHash: string | undefined;
  /** Of the API, by --port. */
  chosenPort: number | undefined;
}

/** A line for each server that is not at its usual port, because another program has that one. */
function takenPorts({ services, httpUrl, metricsUrl, chosenPort }: Welcomed): string {
  const line = (usual: number, port: number | undefined, where: string) =>
    port === undefined || port === usual ? '' : `${usual} is taken; ${where}\n`;
  const portOf = (url: string) => Number(new URL(url).port);
  const { kafka, redis } = services;
  return [
    line(USUAL_PORTS.api, chosenPort === undefined ? portOf(httpUrl) : undefined, `the API is at ${httpUrl}`),
    line(USUAL_PORTS.metrics, portOf(metricsUrl), `the metrics are at ${metricsUrl}`),
    line(USUAL_PORTS.kafka, kafka?.port, `Kafka is at 127.0.0.1:${kafka?.port}`),
    line(USUAL_PORTS.redis, redis?.port, `Redis is at 127.0.0.1:${redis?.port}`),
  ].join('');
}

/**
 * The welcome text of `npm start`: addresses, logs, and two requests to try. The dashboard's link is signed in; its key
 * stands in the fragment, which browsers send to no server.
 * @param options.adminKeyHash `FOOTFALL_ADMIN_KEY_HASH` of the environment.
 */
export function welcome(options: Welcomed): string {
  const { services, httpUrl, metricsUrl, functionsLog } = options;
  const dataDir = shortPath(options.dataDir);
  const taken = takenPorts(options);
  return `
  Dashboard ${httpUrl}/#key=${signInKey(options.adminKeyHash)}
  Docs      ${httpUrl}/docs
  API       ${httpUrl}/v1  (log: ${shortPath(functionsLog)})
  Metrics   ${metricsUrl}  (Prometheus)
  Kafka     ${services.kafkaBrokers.join(',')}  (${origin(services.from.kafka, `${dataDir}/kafka`)})
  Redis     ${withoutSecrets(services.redisUrl)}  (${origin(services.from.redis, `${dataDir}/redis`)})
${taken && `\n${taken}`}
Send an event:

  curl -X POST ${httpUrl}/v1/events -H 'Authorization: Bearer demo-write-key' -H 'Content-Type: application/json' \\
    -d '{"name": "purchase", "user_id": "ana", "transaction_id": "T-1000", "currency": "EUR", "items": [{"item_id": "shoe-1", "price": 59.9, "quantity": 2}]}'

Read it back at once:

  curl ${httpUrl}/v1/users/ana -H 'Authorization: Bearer demo-read-key'

Abandoned carts are published to the topic signals every minute.

Ctrl-C stops everything.
`;
}
