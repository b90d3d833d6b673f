import { config } from '../../shared/config.ts';
import { httpStack } from '../../shared/http/stack.ts';
import { EventProducer } from '../../shared/kafka/producer.ts';
import { Sites } from '../../shared/sites.ts';
import { collect } from './collect.ts';

const { kafka, sites } = config();
/** One for each warm container, whatever the number of requests. */
const producer = new EventProducer(kafka);
const known = new Sites(sites);

export const handler = httpStack((request) =>
  collect(request, known, (events) => producer.sendEvents(events)),
);
