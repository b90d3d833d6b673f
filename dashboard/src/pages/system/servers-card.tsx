import type { Answer } from '../../api/answers.ts';
import type { DataOf } from '../../api/types.ts';
import { formatBytes, formatCount, formatRate } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';

type System = DataOf<'/v1/system'>;
type Server = NonNullable<System['redis']['servers']>[number];

/** The servers, the memory against its limit, and versions. */
export function ServersCard({ system }: { system: Answer<System> }) {
  return (
    <Card title="Servers and versions">
      <Answered answer={system} lines={6}>
        {({ kafka, redis, versions }) => (
          <>
            <h3>Redis</h3>
            {redis.status === 'down' && <p class="verdict bad">Redis does not answer.</p>}
            {redis.servers?.map((server) => (
              <Memory key={server.address} server={server} />
            ))}
            <h3>Kafka</h3>
            {kafka.status === 'down' && <p class="verdict bad">Kafka does not answer.</p>}
            <ul class="plain-list">
              {kafka.brokers?.map(({ id, host, port }) => (
                <li key={id}>
                  Broker {id} at{' '}
                  <code>
                    {host}:{port}
                  </code>
                  {kafka.controller === id && ', the controller'}
                </li>
              ))}
            </ul>
            <h3>Footfall</h3>
            <ul class="plain-list">
              <li>State format {versions.state_format}</li>
              <li>Node.js {versions.node}</li>
            </ul>
          </>
        )}
      </Answered>
    </Card>
  );
}

function Memory({ server }: { server: Server }) {
  const { address, version, used_memory, maxmemory, policy, keys } = server;
  const share = used_memory !== null && maxmemory ? used_memory / maxmemory : undefined;
  return (
    <div class="memory">
      <p>
        <code>{address}</code>
        {version && `, version ${version}`}
        {keys !== null && `, ${formatCount(keys)} keys`}
        {policy && `, ${policy}`}
      </p>
      {share !== undefined && (
        <meter
          min={0}
          max={1}
          high={0.8}
          optimum={0}
          value={Math.min(1, share)}
          aria-label={`Memory of Redis at ${address}`}
        />
      )}
      <p class="note">
        {used_memory === null
          ? 'The server does not tell its memory.'
          : share === undefined
            ? `${formatBytes(used_memory)} used, without a limit.`
            : `${formatBytes(used_memory)} of ${formatBytes(maxmemory!)} used: ${formatRate(share)}.`}
      </p>
    </div>
  );
}
