import dns from 'node:dns';
import { isIP } from 'node:net';

/**
 * Gives a process names whose addresses its parent can change, as a failover of a managed Redis does: preload it with
 * `--import`, set MOVING_NAMES to a JSON object of addresses by name, and send the process `{ addresses }` later.
 */
let addresses: Record<string, string> = JSON.parse(process.env.MOVING_NAMES ?? '{}');
const lookup = dns.lookup as (name: string, options: object, done: Done) => void;
type Done = (
  error: Error | null,
  address: string | { address: string; family: number }[],
  family?: number,
) => void;

dns.lookup = ((name: string, options: { all?: boolean }, done: Done) => {
  const address = addresses[name];
  if (address === undefined) return lookup(name, options, done);
  const family = isIP(address);
  if (options.all) setImmediate(done, null, [{ address, family }]);
  else setImmediate(done, null, address, family);
}) as typeof dns.lookup;

process.on('message', (message: { addresses?: Record<string, string> }) => {
  if (message.addresses) addresses = message.addresses;
});
