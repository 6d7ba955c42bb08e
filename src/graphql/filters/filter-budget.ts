// How much one filter may ask: a deep or wide tree is work for the planner of the database before a row is read.

import { type Limits, tooComplex } from '../limits.ts';

type Path = readonly (string | number)[];

/** What is left to one filter. Paths are of places in its argument, and begin with the argument's name. */
export interface FilterBudget {
  /** The budget one level in. Throws QUERY_TOO_COMPLEX when that is too deep. */
  deeper(path: Path): FilterBudget;
  /** Takes one condition. Throws QUERY_TOO_COMPLEX when there is none left. */
  count(path: Path): void;
}

/** A whole budget, for an argument of the field at `field`. */
export function filterBudget(
  { filterDepth, filterConditions }: Pick<Limits, 'filterDepth' | 'filterConditions'>,
  field: readonly string[],
): FilterBudget {
  let conditions = 0;
  const place = (path: Path) => [...field, ...path.map(String)];
  const at = (depth: number): FilterBudget => ({
    deeper(path) {
      if (depth < filterDepth) return at(depth + 1);
      throw tooComplex('filterDepth', { value: depth + 1, max: filterDepth, path: place(path) });
    },
    count(path) {
      conditions += 1;
      if (conditions <= filterConditions) return;
      throw tooComplex('filterConditions', { value: conditions, max: filterConditions, path: place(path) });
    },
  });
  return at(0);
}
