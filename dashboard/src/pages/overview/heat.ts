/** The colour of a cell, by a CSS variable. @param most the largest value of the map. */
export function heat(value: number | null | undefined, most: number): Record<string, string> {
  const share = !value || most <= 0 ? 0 : Math.max(0, value / most);
  return { '--heat-share': share.toFixed(3) };
}
