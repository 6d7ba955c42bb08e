// How much one `where` may ask: a deep or wide tree is work for the planner of the database before a row is read.

import { ServiceError } from '../../platform/errors.ts';

export const FILTER_LIMITS = {
  /** Objects of AND, OR, NOT and relations inside each other, the outermost counted. */
  depth: 10,
  /** Comparisons and relations in one `where`. */
  conditions: 100,
} as const;

/** What is left to one `where`. */
export interface FilterBudget {
  /** The budget one level in. Throws BAD_USER_INPUT when that is too deep. */
  deeper(path: readonly (string | number)[]): FilterBudget;
  /** Takes one condition. Throws BAD_USER_INPUT when there is none left. */
  count(path: readonly (string | number)[]): void;
}

/** A whole budget. */
export function filterBudget(
  limits: Readonly<Record<keyof typeof FILTER_LIMITS, number>> = FILTER_LIMITS,
): FilterBudget {
  let conditions = 0;
  const at = (depth: number): FilterBudget => ({
    deeper(path) {
      if (depth < limits.depth) return at(depth + 1);
      throw tooMuch(path, `nests deeper than ${limits.depth} levels of AND, OR, NOT and relations`);
    },
    count(path) {
      conditions += 1;
      if (conditions > limits.conditions) throw tooMuch(path, `has more than ${limits.conditions} conditions`);
    },
  });
  return at(0);
}

function tooMuch(path: readonly (string | number)[], what: string): ServiceError {
  return new ServiceError('BAD_USER_INPUT', `${path[0]} ${what}, first at ${path.join('.')}. Ask for less at once.`);
}
