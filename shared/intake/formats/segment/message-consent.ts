import { readConsent } from '../../values/flags.ts';
import { type Fields, isObject, objectOf } from '../common/convert-values.ts';

/**
 * Categories of consent by what they mean, the most telling first. Shops choose the names themselves; these are usual, and
 * `C0002` is OneTrust's performance category.
 */
const ANALYTICS = [/analytic|statistic|measurement/i, /performance|^c0*2$/i];
/** Needed to run a shop, and granted always: they say nothing. */
const NECESSARY = /necessary|essential|required|^c0*1$/i;

/**
 * What a message's context says of consent to analytics: `consent.categoryPreferences` (Segment, "Consent in Segment
 * Connections") or `consentManagement` (RudderStack). The category for analytics decides. When none has such a name,
 * consent is refused when every category but the necessary ones is.
 * @returns undefined when the context says nothing of it.
 * @example consentOf({ consent: { categoryPreferences: { Advertising: true, Analytics: false } } }) // false
 */
export function consentOf(context: Fields): boolean | undefined {
  const said = [...preferencesOf(context)].filter(([category]) => !NECESSARY.test(category));
  if (said.length === 0) return undefined;
  for (const names of ANALYTICS) {
    const found = said.filter(([category]) => names.test(category));
    if (found.length > 0) return found.every(([, isGranted]) => isGranted);
  }
  return said.some(([, isGranted]) => isGranted);
}

function preferencesOf({ consent, consentManagement }: Fields): Map<string, boolean> {
  const preferences = objectOf(consent).categoryPreferences;
  if (isObject(preferences)) {
    return new Map(
      Object.entries(preferences).flatMap(([category, value]) => {
        const isGranted = readConsent(value);
        return isGranted === undefined ? [] : [[category, isGranted]];
      }),
    );
  }
  const { allowedConsentIds, deniedConsentIds } = objectOf(consentManagement);
  const all = (ids: unknown, isGranted: boolean) =>
    (Array.isArray(ids) ? ids : []).map((id): [string, boolean] => [String(id), isGranted]);
  return new Map([...all(allowedConsentIds, true), ...all(deniedConsentIds, false)]);
}
