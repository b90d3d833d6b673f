/** A sorted list as its first number and the steps between numbers, which pack into fewer bytes. */
export const toSteps = (list: readonly number[]): number[] =>
  list.map((value, i) => (i === 0 ? value : value - list[i - 1]!));

export function fromSteps(steps: readonly number[]): number[] {
  let value = 0;
  return steps.map((step) => {
    value += step;
    return value;
  });
}

/** Sorted lists of times near each other: only the first list that holds any begins with a time, the others with a step from there. */
export function packTimes(lists: readonly (readonly number[])[]): number[][] {
  let base = 0;
  return lists.map((list) => {
    const steps = toSteps(list);
    if (steps.length === 0) return steps;
    const first = steps[0]!;
    steps[0] = first - base;
    base = first;
    return steps;
  });
}

export function unpackTimes(packed: readonly (readonly number[])[]): number[][] {
  let base = 0;
  return packed.map((steps) => {
    const list = fromSteps(steps);
    if (list.length === 0) return list;
    for (let i = 0; i < list.length; i++) list[i]! += base;
    base = list[0]!;
    return list;
  });
}
