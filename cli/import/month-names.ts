/** Languages in which spreadsheets and shop systems name months. */
const LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'pt', 'nl'];

const months = new Map<string, number>();

/** The month (1 to 12) of a name or its abbreviation, in any case; undefined when it is none. */
export function monthNamed(name: string): number | undefined {
  if (months.size === 0) {
    for (const language of LANGUAGES) {
      for (const style of ['long', 'short'] as const) {
        const format = new Intl.DateTimeFormat(language, { month: style, timeZone: 'UTC' });
        for (let month = 1; month <= 12; month++)
          months.set(keyOf(format.format(Date.UTC(2025, month - 1))), month);
      }
    }
    months.set('sept', 9);
  }
  return months.get(keyOf(name));
}

/** Without a point behind an abbreviation, and without accents, which not every program writes. */
const keyOf = (name: string) =>
  name
    .toLowerCase()
    .normalize('NFD')
    .replaceAll(/[\u0300-\u036f.]/g, '');
