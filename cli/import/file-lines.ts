import { readBytes, type Watch } from './file-bytes.ts';

export type LineEnd = 'LF' | 'CR';

/**
 * Reads a file's lines in chunks, without their ends.
 * @param lineEnd `LF` takes CRLF, too. `CR` is the old Macintosh's, in which an LF stands inside a field.
 * @throws FootfallError `unreadable_file` 400.
 */
export async function* readLines(
  file: string,
  { encoding, lineEnd }: { encoding: string; lineEnd: LineEnd },
  watch: Watch = {},
): AsyncGenerator<string[]> {
  const decoder = new TextDecoder(encoding);
  const end = lineEnd === 'CR' ? /[\r\n]/ : '\n';
  /** Pieces of a line that goes on: joined once, since a line may be as long as the file. */
  let open: string[] = [];
  for await (const chunk of readBytes(file, watch)) {
    const lines = decoder.decode(chunk, { stream: true }).split(end);
    if (lines.length === 1) {
      open.push(lines[0]!);
      continue;
    }
    lines[0] = open.join('') + lines[0]!;
    open = [lines.pop()!];
    yield lines.map(bare);
  }
  const rest = open.join('') + decoder.decode();
  if (rest !== '') yield [bare(rest)];
}

/** A byte order mark also stands inside a file, where another file was put behind the first. */
const bare = (line: string) =>
  line.slice(line.startsWith('\ufeff') ? 1 : 0, line.endsWith('\r') ? -1 : undefined);
