/** The bytes of these texts in UTF-8; absent ones have none. */
export function bytesOfTexts(texts: Iterable<string | null | undefined>): number {
  let bytes = 0;
  for (const text of texts) if (text != null) bytes += Buffer.byteLength(text);
  return bytes;
}
