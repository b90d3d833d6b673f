import { IANAZone } from 'luxon';
import { badOption } from '../../local/command.ts';
import { currencyCode, type Site, type Sites } from '../../shared/sites/site.ts';
import { type Columns, FIELDS, type Field, NO_PRESET, PRESETS, type Preset } from './presets.ts';

/** A plan as far as the options say it. The site gives the rest. */
export interface Draft extends Omit<Plan, 'site' | 'zone' | 'currency'> {
  site: string;
  zone: string | undefined;
  currency: string | undefined;
}

/** The options of the command, as text. */
export interface ImportFlags {
  preset?: string | undefined;
  columns?: string | undefined;
  site: string;
  zone?: string | undefined;
  currency?: string | undefined;
  map?: string | undefined;
}

/** How the lines of a file become events. */
export interface Plan extends Preset {
  site: Site;
  zone: string;
  currency: string;
  /** The columns to read, each once. The fields of a row come in this order. */
  wanted: string[];
}

/** Reads `a=b,c=d`. */
function pairs(flag: string, text: string): [string, string][] {
  return text.split(',').map((pair) => {
    const [name, value, ...more] = pair.split('=').map((part) => part.trim());
    if (!name || !value || more.length > 0)
      throw badOption(`--${flag} must look like name=value,name=value.`);
    return [name, value];
  });
}

const isField = (name: string): name is Field =>
  (FIELDS as readonly string[]).includes(name) || /^props\.[A-Za-z][A-Za-z0-9_]{0,39}$/.test(name);

/**
 * Checks the options and puts them over the preset.
 * @throws FootfallError `bad_option`, which names the option and what it must be.
 */
export function readFlags(flags: ImportFlags): Draft {
  if (flags.preset !== undefined && !Object.hasOwn(PRESETS, flags.preset)) {
    throw badOption(`--preset must be one of ${Object.keys(PRESETS).join(', ')}.`);
  }
  const preset = flags.preset === undefined ? NO_PRESET : PRESETS[flags.preset]!;
  const columns: Columns = { ...preset.columns };
  for (const [field, column] of flags.columns === undefined ? [] : pairs('columns', flags.columns)) {
    if (!isField(field))
      throw badOption(`--columns has no field ${field}. The fields are ${FIELDS.join(', ')} and props.NAME.`);
    columns[field] = column;
  }
  const needed: Field[] =
    preset.shape === 'row' ? ['ts', 'event'] : ['ts', 'transaction', 'product', 'price'];
  for (const field of needed) {
    if (columns[field] === undefined) {
      throw badOption(
        `Name the column that holds ${field} with --columns ${field}=NAME, or choose a --preset.`,
      );
    }
  }
  if (preset.shape === 'row' && columns.user === undefined && columns.anonymous === undefined) {
    throw badOption('Name the column that holds the user with --columns user=NAME (or anonymous=NAME).');
  }
  const zone = flags.zone ?? preset.zone;
  if (zone !== undefined && !IANAZone.isValidZone(zone))
    throw badOption('--zone must be an IANA time zone, such as Europe/London.');
  const currency = flags.currency ?? preset.currency;
  if (currency !== undefined && !currencyCode.safeParse(currency).success) {
    throw badOption('--currency must be an ISO 4217 code, such as EUR.');
  }
  return {
    ...preset,
    columns,
    events: { ...preset.events, ...(flags.map && Object.fromEntries(pairs('map', flags.map))) },
    site: flags.site,
    zone,
    currency,
    wanted: [...new Set(Object.values(columns).flatMap((column) => column?.split('|') ?? []))],
  };
}

/** @throws FootfallError `bad_option` when there is no such site. */
export function planImport(draft: Draft, sites: Sites): Plan {
  const site = sites.get(draft.site);
  if (!site) {
    const known = sites.all().map(({ id }) => id);
    throw badOption(`There is no site ${draft.site}. The sites are ${known.join(', ')}.`);
  }
  return { ...draft, site, zone: draft.zone ?? site.zone, currency: draft.currency ?? site.currency };
}

/** Makes a reader of one field of the plan. It gives trimmed text, blank when the plan or the row has none. */
export function fieldReader(plan: Plan, field: Field): (fields: readonly string[]) => string {
  const indexes = (plan.columns[field]?.split('|') ?? []).map((column) => plan.wanted.indexOf(column));
  if (indexes.length === 0) return () => '';
  const only = indexes[0]!;
  if (indexes.length === 1) return (fields) => fields[only]!.trim();
  return (fields) => {
    for (const index of indexes) {
      const text = fields[index]!.trim();
      if (text !== '') return text;
    }
    return '';
  };
}
