interface Due {
  due: number;
}

/**
 * A binary heap: returns the entry with the smallest `due` first. Among equal ones the order is arbitrary but
 * deterministic.
 */
export class Heap<T extends Due> {
  readonly #entries: T[] = [];

  peek(): T | undefined {
    return this.#entries[0];
  }

  push(entry: T): void {
    const entries = this.#entries;
    let at = entries.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (entries[parent]!.due <= entry.due) break;
      entries[at] = entries[parent]!;
      at = parent;
    }
    entries[at] = entry;
  }

  pop(): T | undefined {
    const first = this.#entries[0];
    const last = this.#entries.pop();
    if (last !== undefined && last !== first) this.#sink(last);
    return first;
  }

  #sink(entry: T): void {
    const entries = this.#entries;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= entries.length) break;
      if (child + 1 < entries.length && entries[child + 1]!.due < entries[child]!.due) child += 1;
      if (entries[child]!.due >= entry.due) break;
      entries[at] = entries[child]!;
      at = child;
    }
    entries[at] = entry;
  }
}
