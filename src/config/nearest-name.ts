// Which known name a misspelt one was meant to be.

/** Changes (insert, delete, replace, swap of neighbours) that still count as the same name misspelt. */
const MOST_CHANGES = 3;

/** The known name that takes the fewest changes to reach from `name`, if few enough that it was likely meant. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  let nearest: { name: string; changes: number } | undefined;
  for (const candidate of known) {
    const changes = changesBetween(name, candidate);
    if (changes <= MOST_CHANGES && (nearest === undefined || changes < nearest.changes)) {
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
