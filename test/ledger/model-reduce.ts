// Makes a failing sequence short: the halves, quarters, … of it that it fails without are left out, as long as there is time.

/** `fails` runs a sequence anew. Ends at the shortest it has found when `isLate` says so. */
export async function reduce<T>(
  failing: readonly T[],
  fails: (some: readonly T[]) => Promise<boolean>,
  isLate: () => boolean,
): Promise<readonly T[]> {
  let shortest = failing;
  for (let size = Math.ceil(shortest.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < shortest.length && !isLate();) {
      const without = shortest.toSpliced(from, size);
      if (await fails(without)) shortest = without;
      else from += size;
    }
  }
  return shortest;
}
