import { once } from 'node:events';
import { createServer } from 'node:http';
import { readHealth } from '../health.ts';
import { freePort, USUAL_PORTS } from '../services/ports.ts';
import type { PrometheusMetrics } from './prometheus-metrics.ts';

/**
 * Serves the metrics at `/metrics`, on port 9464 or a free one.
 * @param options.catchUp brings the metrics up to date; called for each request
 */
export async function serveMetrics(options: {
  prometheus: PrometheusMetrics;
  httpUrl: string;
  catchUp(): Promise<void>;
}): Promise<{ url: string; stop(): Promise<void> }> {
  const { prometheus, httpUrl, catchUp } = options;
  const server = createServer(async (request, response) => {
    if (request.url?.split('?')[0] !== '/metrics') return void response.writeHead(404).end();
    try {
      const [health] = await Promise.all([readHealth(httpUrl), catchUp()]);
      prometheus.learn(health);
      response.writeHead(200, { 'content-type': prometheus.contentType }).end(await prometheus.text());
    } catch (error) {
      response.writeHead(500, { 'content-type': 'text/plain' }).end(`${(error as Error).message}\n`);
    }
  });
  const port = await freePort(USUAL_PORTS.metrics);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://localhost:${port}/metrics`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
