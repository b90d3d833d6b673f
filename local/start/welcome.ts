import { relative } from 'node:path';
import { LAPTOP_ADMIN_KEY } from '../laptop-admin-key.ts';
import type { Services } from '../services/services.ts';

/** A path relative to the current folder, if that is shorter. */
const shortPath = (path: string) => {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short || '.';
};

const origin = (source: Services['from']['kafka'], folder: string) =>
  ({ environment: 'from the environment', docker: 'in Docker', embedded: `data in ${folder}/` })[source];

/** An admin key that is known to work: that of a laptop, or of the demo site where the installation has a key of its own. */
const signInKey = (adminKeyHash: string | undefined) => (adminKeyHash ? 'demo-admin-key' : LAPTOP_ADMIN_KEY);

/**
 * The welcome text of `npm start`: addresses, logs, and two requests to try. The dashboard's link is signed in; its key
 * stands in the fragment, which browsers send to no server.
 * @param options.adminKeyHash `FOOTFALL_ADMIN_KEY_HASH` of the environment.
 */
export function welcome(options: {
  services: Services;
  httpUrl: string;
  metricsUrl: string;
  dataDir: string;
  functionsLog: string;
  adminKeyHash: string | undefined;
}): string {
  const { services, httpUrl, metricsUrl, functionsLog } = options;
  const dataDir = shortPath(options.dataDir);
  return `
  Dashboard ${httpUrl}/#key=${signInKey(options.adminKeyHash)}
  Docs      ${httpUrl}/docs
  API       ${httpUrl}/v1  (log: ${shortPath(functionsLog)})
  Metrics   ${metricsUrl}  (Prometheus)
  Kafka     ${services.kafkaBrokers.join(',')}  (${origin(services.from.kafka, `${dataDir}/kafka`)})
  Redis     ${services.redisUrl}  (${origin(services.from.redis, `${dataDir}/redis`)})

Send an event:

  curl -X POST ${httpUrl}/v1/events -H 'Authorization: Bearer demo-write-key' -H 'Content-Type: application/json' \\
    -d '{"name": "purchase", "user_id": "ana", "transaction_id": "T-1000", "currency": "EUR", "items": [{"item_id": "shoe-1", "price": 59.9, "quantity": 2}]}'

Read it back at once:

  curl ${httpUrl}/v1/users/ana -H 'Authorization: Bearer demo-read-key'

Abandoned carts are published to the topic signals every minute.

Ctrl-C stops everything.
`;
}
