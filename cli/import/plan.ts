import { IANAZone } from 'luxon';
import { badOption } from '../../local/command.ts';
import { isNoId, isNoOrder, isNoPerson } from '../../shared/intake/values/placeholders.ts';
import { currencyCode, type Site, type Sites } from '../../shared/sites/site.ts';
import { DATE_FORMS, type DateForm } from './dates.ts';
import type { LayoutOptions } from './layout.ts';
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
  encoding?: string | undefined;
  delimiter?: string | undefined;
  dateForm?: string | undefined;
  decimal?: string | undefined;
}

/** What the caller says of the file, instead of having it told from the file. */
export interface Given extends LayoutOptions {
  dateForm?: DateForm | undefined;
  decimal?: '.' | ',' | undefined;
}

/** How the lines of a file become events. */
export interface Plan extends Preset {
  site: Site;
  zone: string;
  currency: string;
  /** The columns to read, each once. The fields of a row come in this order. */
  wanted: string[];
  /** Columns that the file must have; of a list of alternatives, one. */
  needed: string[][];
  given: Given;
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
  const optional = new Set<string>(preset.optional);
  const columns: Columns = { ...preset.columns };
  for (const [field, column] of flags.columns === undefined ? [] : pairs('columns', flags.columns)) {
    if (!isField(field))
      throw badOption(`--columns has no field ${field}. The fields are ${FIELDS.join(', ')} and props.NAME.`);
    columns[field] = column;
  }
  for (const field of neededFields(preset)) {
    if (columns[field] === undefined) {
      throw badOption(
        `Name the column that holds ${field} with --columns ${field}=NAME, or choose a --preset.`,
      );
    }
  }
  if (preset.shape === 'row' && !preset.event && !columns.user && !columns.anonymous) {
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
    needed: Object.entries(columns)
      .filter(([field, column]) => !optional.has(field) || column !== preset.columns[field as Field])
      .map(([, column]) => column!.split('|')),
    given: givenBy({ ...flags, decimal: flags.decimal ?? preset.decimal }),
  };
}

function neededFields({ shape, event }: Preset): Field[] {
  if (shape === 'invoice') return ['ts', 'transaction', 'product', 'price'];
  if (shape !== 'row') return [];
  return event === undefined ? ['ts', 'event'] : ['ts', 'transaction'];
}

function givenBy({ encoding, delimiter, dateForm, decimal }: ImportFlags): Given {
  if (encoding !== undefined && !isEncoding(encoding))
    throw badOption('--encoding must name an encoding, such as utf-8, windows-1252 or utf-16le.');
  const sign = delimiter === 'tab' || delimiter === '\\t' ? '\t' : delimiter;
  if (sign !== undefined && sign.length !== 1)
    throw badOption('--delimiter must be one character, such as ";", or the word tab.');
  if (dateForm !== undefined && !(DATE_FORMS as readonly string[]).includes(dateForm))
    throw badOption(`--date-form must be ${DATE_FORMS.join(' or ')}.`);
  if (decimal !== undefined && decimal !== '.' && decimal !== ',')
    throw badOption('--decimal must be "." or ",".');
  return {
    ...(encoding !== undefined && { encoding: new TextDecoder(encoding).encoding }),
    ...(sign !== undefined && { delimiter: sign }),
    ...(dateForm !== undefined && { dateForm: dateForm as DateForm }),
    ...(decimal !== undefined && { decimal }),
  };
}

function isEncoding(label: string): boolean {
  try {
    new TextDecoder(label);
    return true;
  } catch {
    return false;
  }
}

/** @throws FootfallError `bad_option` when there is no such site. */
export function planImport(draft: Draft, sites: Sites): Plan {
  const site = sites.get(draft.site);
  if (!site) {
    const known = sites.all().map(({ id }) => id);
    throw badOption(
      `There is no site ${draft.site}. The sites are ${known.join(', ')}. ` +
        `Choose one with --site, or make it with npx footfall sites create ${draft.site}.`,
    );
  }
  return { ...draft, site, zone: draft.zone ?? site.zone, currency: draft.currency ?? site.currency };
}

/** Makes a reader of one field of the plan. It gives trimmed text, blank when the plan or the row has none. */
export function fieldReader(plan: Plan, field: Field): (fields: readonly string[]) => string {
  const indexes = (plan.columns[field]?.split('|') ?? []).map((column) => plan.wanted.indexOf(column));
  if (indexes.length === 0) return () => '';
  const only = indexes[0]!;
  const isPlaceholder =
    (field === 'user' && !plan.anonymous) || field === 'anonymous'
      ? isNoPerson
      : field === 'transaction'
        ? isNoOrder
        : field === 'id' || field === 'currency'
          ? isNoId
          : undefined;
  if (indexes.length === 1 && !isPlaceholder) return (fields) => fields[only]!.trim();
  return (fields) => {
    for (const index of indexes) {
      const text = fields[index]!.trim();
      if (text !== '' && !isPlaceholder?.(text)) return text;
    }
    return '';
  };
}
