/** Amounts by counter. */
export type Counters = Map<string, number>;

/** The value of a key, which `make` makes when the map has none. */
export function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

/** Adds to the amount of a key; a key that is not there has 0. */
export function increase<K>(map: Map<K, number>, key: K, amount: number): void {
  map.set(key, (map.get(key) ?? 0) + amount);
}
