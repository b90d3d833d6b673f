import { readBytes } from './file-bytes.ts';

/** How a file's bytes become text. */
export interface Encoding {
  /** A label of the WHATWG Encoding Standard, such as `utf-8` or `windows-1252`. */
  name: string;
  /** The file is UTF-8, but some bytes of it are not. The lines that have such bytes are rejected. */
  isDamaged?: true;
}

/**
 * Tells a file's encoding. It reads the whole file: one byte at its end may decide.
 *
 * A byte order mark decides. Without one, a text in which every second byte is zero is UTF-16. Bytes that are valid UTF-8
 * are UTF-8: text of another encoding is hardly ever valid by chance. Else the file is Windows-1252, which Excel writes and
 * which contains Latin-1, unless most of its characters beyond ASCII are valid UTF-8.
 * @throws FootfallError `unreadable_file` 400.
 */
export async function detectEncoding(file: string): Promise<Encoding> {
  const strict = new TextDecoder('utf-8', { fatal: true });
  let isFirst = true;
  try {
    for await (const chunk of readBytes(file)) {
      const mark = isFirst && (byteOrderMark(chunk) ?? withoutMark(chunk));
      if (mark) return { name: mark };
      isFirst = false;
      strict.decode(chunk, { stream: true });
    }
    strict.decode();
    return { name: 'utf-8' };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error;
    const { broken, whole } = await countBeyondAscii(file);
    return whole > broken ? { name: 'utf-8', isDamaged: true } : { name: 'windows-1252' };
  }
}

/** How many characters beyond ASCII a file has when it is read as UTF-8, and how many byte sequences that are none. */
async function countBeyondAscii(file: string): Promise<{ broken: number; whole: number }> {
  const decoder = new TextDecoder('utf-8');
  const counts = { broken: 0, whole: 0 };
  const count = (text: string) => {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === 0xfffd) counts.broken += 1;
      else if (code > 0x7f) counts.whole += 1;
    }
  };
  for await (const chunk of readBytes(file)) count(decoder.decode(chunk, { stream: true }));
  count(decoder.decode());
  return counts;
}

function byteOrderMark(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return undefined;
}

/** UTF-16 without a mark: in a text of mostly Latin letters, one byte of each pair is zero. */
function withoutMark(bytes: Uint8Array): string | undefined {
  const pairs = Math.min(bytes.length, 1_000) >> 1;
  let even = 0;
  let odd = 0;
  for (let i = 0; i < pairs; i++) {
    if (bytes[2 * i] === 0) even += 1;
    if (bytes[2 * i + 1] === 0) odd += 1;
  }
  if (odd > pairs / 2 && even === 0) return 'utf-16le';
  if (even > pairs / 2 && odd === 0) return 'utf-16be';
  return undefined;
}
