/**
 * Cuts a list into pieces of `size`; the last one may be shorter.
 * @example chunkArray([1, 2, 3], 2) // [[1, 2], [3]]
 */
export function chunkArray<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) =>
    list.slice(i * size, (i + 1) * size),
  );
}
