import { EVENT_NAME } from '../../../event/event.ts';
import { linesOf, listOf } from '../../values/lists.ts';
import { type Fields, firstOf, isObject, objectOf } from '../common/convert-values.ts';
import {
  ITEM_PARAMS,
  isReservedEvent,
  isReservedParam,
  isReservedUserProperty,
  longestOf,
  MAX_CUSTOM_ITEM_PARAMS,
  MAX_EVENTS,
  MAX_ITEMS,
  MAX_PARAMS,
  MAX_USER_PROPERTIES,
  MAX_USER_PROPERTY_NAME,
  MAX_USER_PROPERTY_VALUE,
} from './ga4-limits.ts';

/** Google, "Validate events", "ValidationCode". */
export const VALIDATION_CODES = [
  'VALUE_INVALID',
  'VALUE_REQUIRED',
  'NAME_INVALID',
  'NAME_RESERVED',
  'VALUE_OUT_OF_BOUNDS',
  'EXCEEDED_MAX_ENTITIES',
] as const;

/** A problem of a Measurement Protocol request. */
export interface Ga4Problem {
  /** Path in the body: `events[0].params.items[1].price`. */
  path: string;
  message: string;
  code: (typeof VALIDATION_CODES)[number];
}

const problem = (code: Ga4Problem['code'], path: string, message: string): Ga4Problem => ({
  path,
  message,
  code,
});

/**
 * Checks the request as a whole.
 * @param strict also reports what Google's relaxed validation accepts, see {@link checkEvent}.
 */
export function checkRequest(body: unknown, strict: boolean): Ga4Problem[] {
  if (!isObject(body)) return [problem('VALUE_INVALID', '', 'The body must be an object.')];
  const problems: Ga4Problem[] = [];
  if (!firstOf(body, strict ? CLIENTS : [...CLIENTS, 'user_id']) && (strict || !hasOrder(body))) {
    problems.push(problem('VALUE_REQUIRED', 'client_id', 'client_id is required (app_instance_id of apps).'));
  }
  const events = listOf(body.events);
  if (!Array.isArray(events) || events.length === 0) {
    problems.push(
      problem('VALUE_REQUIRED', 'events', `events must be an array of 1 to ${MAX_EVENTS} events.`),
    );
  } else if (events.length > MAX_EVENTS) {
    const message = `A request takes at most ${MAX_EVENTS} events.`;
    problems.push(problem('EXCEEDED_MAX_ENTITIES', 'events', message));
  }
  // They are not kept, so nothing in them is worth an order.
  if (!strict && hasOrder(body)) return problems;
  return [...problems, ...checkUserProperties(body.user_properties, strict)];
}

const CLIENTS = ['client_id', 'app_instance_id'];

const isOrder = ({ name }: Fields): boolean => name === 'purchase' || name === 'refund';

function hasOrder({ events }: Fields): boolean {
  const list = listOf(events);
  return Array.isArray(list) && list.some((event) => isOrder(objectOf(event)));
}

function checkUserProperties(properties: unknown, strict: boolean): Ga4Problem[] {
  if (properties === undefined) return [];
  if (!isObject(properties))
    return [problem('VALUE_INVALID', 'user_properties', 'user_properties must be an object.')];
  const names = Object.keys(properties);
  const problems = names.flatMap((name): Ga4Problem[] => {
    const path = `user_properties.${name}`;
    if (isReservedUserProperty(name))
      return [problem('NAME_RESERVED', path, reserved('User property', name))];
    if (!EVENT_NAME.test(name) || name.length > MAX_USER_PROPERTY_NAME) {
      return [problem('NAME_INVALID', path, invalidName('User property', name, MAX_USER_PROPERTY_NAME))];
    }
    const { value } = objectOf(properties[name]);
    const isLong = strict && typeof value === 'string' && value.length > MAX_USER_PROPERTY_VALUE;
    return isLong ? [problem('VALUE_OUT_OF_BOUNDS', path, tooLong(MAX_USER_PROPERTY_VALUE))] : [];
  });
  if (names.length > MAX_USER_PROPERTIES) {
    const message = `A request takes at most ${MAX_USER_PROPERTIES} user properties.`;
    problems.unshift(problem('EXCEEDED_MAX_ENTITIES', 'user_properties', message));
  }
  return problems;
}

/**
 * Checks one event against GA4's names and limits.
 * @param place path of the event in the body: `events[0]`.
 * @param strict also reports what Google accepts by default but cuts or drops ("Validate events": RELAXED and
 *   ENFORCE_RECOMMENDATIONS): long texts, values of the wrong type, too many items, too many custom parameters
 *   of an item.
 */
export function checkEvent(event: unknown, place: string, strict: boolean): Ga4Problem[] {
  if (!isObject(event)) return [problem('VALUE_INVALID', place, 'An event must be an object.')];
  const { name, params } = event;
  const problems = [
    ...checkName(name, place),
    ...checkTime(event.timestamp_micros, `${place}.timestamp_micros`),
  ];
  if (params === undefined) return problems;
  if (!isObject(params))
    return [...problems, problem('VALUE_INVALID', `${place}.params`, 'params must be an object.')];
  const { items: given, ...others } = params;
  const items = linesOf(given);
  // Custom parameters are properties here. Their names and their number are not worth an order.
  if (!strict && isOrder(event)) return [...problems, ...checkItems(items, `${place}.params.items`, 'order')];
  if (Object.keys(others).length > MAX_PARAMS) {
    const message = `An event takes at most ${MAX_PARAMS} parameters.`;
    problems.push(problem('EXCEEDED_MAX_ENTITIES', `${place}.params`, message));
  }
  problems.push(...checkParams(others, `${place}.params`, strict));
  return [...problems, ...checkItems(items, `${place}.params.items`, strict)];
}

function checkName(name: unknown, place: string): Ga4Problem[] {
  const path = `${place}.name`;
  if (typeof name !== 'string' || name === '')
    return [problem('VALUE_REQUIRED', path, 'A name is required.')];
  if (!EVENT_NAME.test(name)) return [problem('NAME_INVALID', path, invalidName('Event', name, 40))];
  return isReservedEvent(name) ? [problem('NAME_RESERVED', path, reserved('Event', name))] : [];
}

/** @param time microseconds since the epoch, as a number or text. */
export function checkTime(time: unknown, path: string): Ga4Problem[] {
  const isTime =
    time === undefined ||
    time === '' ||
    (/^\d{1,20}(?:\.\d{1,20})?$/.test(String(time)) && !Array.isArray(time));
  return isTime
    ? []
    : [problem('VALUE_INVALID', path, 'timestamp_micros must be microseconds since the epoch.')];
}

function checkParams(params: Fields, place: string, strict: boolean): Ga4Problem[] {
  return Object.entries(params).flatMap(([name, value]) => {
    const path = `${place}.${name}`;
    // A name with a reserved prefix is also invalid; "reserved" is the more helpful error.
    if (isReservedParam(name)) return [problem('NAME_RESERVED', path, reserved('Parameter', name))];
    if (!EVENT_NAME.test(name)) return [problem('NAME_INVALID', path, invalidName('Parameter', name, 40))];
    if (!strict) return [];
    if (typeof value === 'object')
      return [problem('VALUE_INVALID', path, 'A parameter must be a text or a number.')];
    const isLong = typeof value === 'string' && value.length > longestOf(name);
    return isLong ? [problem('VALUE_OUT_OF_BOUNDS', path, tooLong(longestOf(name)))] : [];
  });
}

function checkItems(items: unknown, place: string, strict: boolean | 'order'): Ga4Problem[] {
  if (items === undefined || items === '') return [];
  if (!Array.isArray(items)) return [problem('VALUE_INVALID', place, 'items must be an array.')];
  if (strict === true && items.length > MAX_ITEMS) {
    return [problem('EXCEEDED_MAX_ENTITIES', place, `An event takes at most ${MAX_ITEMS} items.`)];
  }
  return items.flatMap((item, index) => {
    const path = `${place}[${index}]`;
    if (strict !== 'order') return checkItem(item, path, strict);
    return isObject(item) ? [] : [problem('VALUE_INVALID', path, 'An item must be an object.')];
  });
}

function checkItem(item: unknown, place: string, strict: boolean): Ga4Problem[] {
  if (!isObject(item)) return [problem('VALUE_INVALID', place, 'An item must be an object.')];
  const problems = checkParams(item, place, strict);
  if (strict && !firstOf(item, ['item_id', 'item_name'])) {
    problems.push(problem('VALUE_REQUIRED', `${place}.item_id`, 'item_id or item_name is required.'));
  }
  const custom = Object.keys(item).filter((name) => !ITEM_PARAMS.has(name));
  if (strict && custom.length > MAX_CUSTOM_ITEM_PARAMS) {
    const message = `An item takes at most ${MAX_CUSTOM_ITEM_PARAMS} custom parameters.`;
    problems.push(problem('EXCEEDED_MAX_ENTITIES', place, message));
  }
  return problems;
}

const invalidName = (what: string, name: string, max: number) =>
  `${what} name [${shortened(name)}] is invalid: use at most ${max} letters, digits and underscores, beginning with a letter.`;
const reserved = (what: string, name: string) => `${what} name [${shortened(name)}] is reserved.`;
const tooLong = (max: number) => `The value must have at most ${max} characters.`;
/** A name may be as long as the body. */
const shortened = (name: string) => (name.length > 60 ? `${name.slice(0, 60)}…` : name).toWellFormed();
