// Which known name a misspelt one was meant to be.

/**
 * The known name that takes the fewest changes (insert, delete, replace, swap of neighbours) to reach from `name`;
 * undefined when it takes more than `mostChanges`, so that it was hardly meant.
 */
export function nearestName(name: string, known: Iterable<string>, mostChanges: number): string | undefined {
  let nearest: { name: string; changes: number } | undefined;
  for (const candidate of known) {
    const changes = changesBetween(name, candidate);
    if (changes <= mostChanges && (nearest === undefined || changes < nearest.changes)) {
      nearest = { name: candidate, changes };
    }
  }
  return nearest?.name;
}

/** The optimal string alignment distance, three rows of its table at a time. */
function changesBetween(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length] ?? 0;
}
