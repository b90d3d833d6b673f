import * as z from 'zod';
import { OTHER } from '../event/dimensions.ts';
import { WAYS_IN } from '../event/ways-in.ts';
import { FOUND, OTHER_WAY, type Quality, readFindingField } from '../fold/quality.ts';
import { type Counters, getOrMake } from '../platform/counters.ts';
import { FootfallError } from '../platform/errors.ts';
import { dayText } from '../platform/http/day-parameter.ts';
import { splitField } from '../platform/redis/fields.ts';
import { formatDay, localDay, parseDay } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import { dayRange, daysOf } from './date-range.ts';
import { question } from './question.ts';

/** Days of an answer without `from`. */
const DEFAULT_DAYS = 30;
/** Every day of the range is read, since days without counted events may have refused ones. */
const MAX_DAYS = 366;
/** Samples of a finding in an answer. */
const MAX_SAMPLES = 3;

const WAYS = [...WAYS_IN, OTHER_WAY] as const;
/** Of findings that are too many, only their number is known. */
const MANY = { quality: 'other', via: OTHER_WAY, code: OTHER, path: '' };

const qualityQuery = z.object({
  from: dayText.optional().meta({
    description: `First day of receipt, in the site's time zone; default: ${DEFAULT_DAYS} days up to \`to\``,
    example: '2026-03-01',
  }),
  to: dayText
    .optional()
    .meta({ description: 'Last day, inclusive, in the same zone; default: today', example: '2026-03-31' }),
});

const events = z.number().int();
const via = z.enum(WAYS).meta({
  description: 'The way in. `script`: the script for pages. `other`: a program that writes to Kafka itself',
});

const waySchema = z.object({
  day: z.iso.date(),
  via,
  as_it_came: events.meta({ description: 'Events that were counted as they came' }),
  put_right: events.meta({ description: 'Events that were counted after something in them was put right' }),
  kept: events.meta({
    description: 'Events that became dead letters, also those that were replayed since',
  }),
  refused: events.meta({
    description: 'Events that were not understood and are not kept: too many on a day, too large, or empty',
  }),
  bots: events.meta({ description: 'Events of bots, which are in no other number' }),
});

const findingSchema = z.object({
  day: z.iso.date(),
  via,
  quality: z.enum(['put_right', 'kept', 'refused', 'noted', 'other']).meta({
    description: '`noted`: counted, and worth knowing: `order_copy`, `constant_user_id`',
  }),
  code: z.string().meta({
    description:
      'The rule: the code of a warning or an error. (other): findings of a day that has too many different ones',
  }),
  path: z.string().meta({
    description: 'Where in the event, without indexes: `items[].price`. Empty: the whole event',
  }),
  events: events.meta({
    description: 'Events with this finding, once each. An event may have several findings',
  }),
  samples: z.array(z.string()).max(MAX_SAMPLES).meta({
    description:
      'Values as they were sent, cut. Only of names of events, numbers, currencies and times, never of what may be personal',
  }),
});

export const qualitySchema = z
  .object({
    from: z.iso.date(),
    to: z.iso.date(),
    ways: z.array(waySchema).meta({ description: 'What came in, by day and way in, the latest day first' }),
    findings: z
      .array(findingSchema)
      .meta({ description: 'What was put right, kept or refused, and why; the latest day first' }),
  })
  .meta({
    id: 'Quality',
    examples: [
      {
        from: '2026-03-31',
        to: '2026-03-31',
        ways: [
          {
            ...{ day: '2026-03-31', via: 'gtag' },
            ...{ as_it_came: 4_210, put_right: 118, kept: 31, refused: 0, bots: 96 },
          },
        ],
        findings: [
          {
            ...{ day: '2026-03-31', via: 'gtag', quality: 'put_right', code: 'number_text' },
            ...{ path: 'pr[].pr', events: 118, samples: ['$19.99', '$5.00'] },
          },
          {
            ...{ day: '2026-03-31', via: 'gtag', quality: 'kept', code: 'invalid_event' },
            ...{ path: 'epn.value', events: 31, samples: ['13,95'] },
          },
        ],
      },
    ],
  });

type Way = z.infer<typeof waySchema>;
type Finding = z.infer<typeof findingSchema>;

/** How well a site's events could be read, by day of receipt, way in, field and rule. @throws as {@link dayRange}, with a limit of 366 days. */
async function readQuality(
  store: StoreReader,
  site: Site,
  query: z.infer<typeof qualityQuery>,
): Promise<z.infer<typeof qualitySchema>> {
  const to = query.to === undefined ? localDay(Date.now(), site.zone) : parseDay(query.to)!;
  const range = dayRange({ ...query, from: query.from ?? formatDay(to - DEFAULT_DAYS + 1) }, site);
  if (range.to - range.from >= MAX_DAYS) {
    throw new FootfallError('range_too_long', 400, `A range of this question has at most ${MAX_DAYS} days.`, {
      details: { limit_days: MAX_DAYS },
    });
  }
  const days = await store.quality(site.id, daysOf(range).reverse());
  return {
    from: formatDay(range.from),
    to: formatDay(range.to),
    ways: days.flatMap(({ day, sums }) => waysOf(formatDay(day), sums)),
    findings: days.flatMap(({ day, sums, samples }) => findingsOf(formatDay(day), sums, samples)),
  };
}

/** The totals of a day, the ways in their usual order. */
function waysOf(day: string, sums: Counters): Way[] {
  const byWay = new Map<string, Way>();
  for (const [field, count] of sums) {
    const [kind, quality, via] = field.split('|') as [string, Quality, Way['via']];
    if (kind !== 't') continue;
    const none = { as_it_came: 0, put_right: 0, kept: 0, refused: 0, bots: 0 };
    getOrMake(byWay, via, () => ({ day, via, ...none }))[quality] += count;
  }
  return WAYS.flatMap((way) => byWay.get(way) ?? []);
}

/** The findings of a day, the most frequent first. */
function findingsOf(day: string, sums: Counters, samples: ReadonlyMap<string, string[]>): Finding[] {
  const rows = [...sums].flatMap(([field, count]): Finding[] => {
    const [kind, finding] = splitField(field);
    if (kind !== FOUND) return [];
    const { quality, via, code, path } = finding === OTHER ? MANY : readFindingField(finding);
    const some = [...new Set(samples.get(finding) ?? [])].sort().slice(0, MAX_SAMPLES);
    return [{ day, via, quality, code, path, events: count, samples: some } as Finding];
  });
  const key = ({ via, quality, code, path }: Finding) => JSON.stringify([via, quality, code, path]);
  return rows.sort((a, b) => b.events - a.events || (key(a) < key(b) ? -1 : 1));
}

/** A row for each quality of a way, and for each finding. */
function rowsOf({ ways, findings }: z.infer<typeof qualitySchema>) {
  const totals = ways.flatMap(({ day, via, ...counts }) =>
    Object.entries(counts).map(([quality, events]) => ({ day, via, quality, code: '', path: '', events })),
  );
  return [
    ...totals.filter(({ events }) => events > 0),
    ...findings.map(({ samples, ...row }) => ({ ...row, samples: samples.join(' | ') })),
  ];
}

export const qualityQuestion = question({
  path: '/v1/quality',
  summary: 'How well events could be read: taken as they came, put right, kept aside or refused, and why',
  query: qualityQuery,
  answer: qualitySchema,
  cached: 'moment',
  csv: { columns: ['day', 'via', 'quality', 'code', 'path', 'events', 'samples'], rows: rowsOf },
  read: ({ store, site }, _, query) => readQuality(store, site, query),
});
