// What a column asks of its values beyond their type: length, range, pattern. The database asks the same of lengths and
// ranges; patterns are asked here alone, because a regular expression means something else there.

import { compareDecimals } from './compare-values.ts';
import type { Column } from './model.ts';

/** What a value of the column's type, not null, breaks: each in words that go on from "the value". */
export function brokenChecks({ type, checks }: Pick<Column, 'type' | 'checks'>, value: unknown): string[] {
  const { length, range, pattern } = checks;
  const problems: string[] = [];
  if (length) {
    const points = [...String(value)].length;
    if (length.min !== null && points < length.min)
      problems.push(`must have a length of at least ${length.min}, and has ${points}`);
    if (length.max !== null && points > length.max)
      problems.push(`must have a length of at most ${length.max}, and has ${points}`);
  }
  // The bounds of exact types are the decimals that were written, which a JS number next to them would miss.
  const compare = (bound: number) =>
    type.name === 'Float' ? Number(value) - bound : compareDecimals(String(value), String(bound));
  if (range?.min != null && compare(range.min) < 0) problems.push(`must be at least ${range.min}`);
  if (range?.max != null && compare(range.max) > 0) problems.push(`must be at most ${range.max}`);
  if (pattern && !pattern.regex.test(String(value)))
    problems.push(pattern.message ?? `must match ${pattern.regex.source}`);
  return problems;
}
