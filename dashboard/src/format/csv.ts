/** Puts CSV texts together that each have a line of column names. */
export function joinCsv(texts: readonly string[]): string {
  const tables = texts.map(readCsv);
  const columns = [...new Set(tables.flatMap(([names]) => names ?? []))];
  const lines = tables.flatMap(([names = [], ...rows]) => {
    const places = columns.map((column) => names.indexOf(column));
    return rows.map((row) => places.map((place) => row[place] ?? ''));
  });
  return [columns, ...lines].map((line) => `${line.join(',')}\n`).join('');
}

/** The fields of each line, still quoted as they came: they are only moved. */
function readCsv(text: string): string[][] {
  const lines: string[][] = [[]];
  for (const [, field = '', end] of text.matchAll(/("(?:[^"]|"")*"|[^,\r\n]*)(,|\r?\n|$)/g)) {
    lines.at(-1)!.push(field);
    if (end !== ',' && end !== '') lines.push([]);
  }
  return lines.filter((line) => line.some((field) => field !== ''));
}
