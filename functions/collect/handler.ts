import { config } from '../../shared/config.ts';
import { routerOf } from '../../shared/http/router.ts';
import { httpStack } from '../../shared/http/stack.ts';
import { EventProducer } from '../../shared/kafka/producer.ts';
import { Sites } from '../../shared/sites.ts';
import { collectRoutes } from './routes.ts';

const { kafka, sites, countryHeader } = config();
/** One for each warm container, whatever the number of requests. */
const producer = new EventProducer(kafka);

export const handler = httpStack(
  routerOf(
    collectRoutes({
      sites: new Sites(sites),
      publish: (events) => producer.sendEvents(events),
      countryHeader,
    }),
  ),
);
