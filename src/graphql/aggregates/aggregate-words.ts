// What aggregates mean, in a line each, for people who read the schema.

import type { GroupKey, MeasureFunction } from '../../tables/measures.ts';
import type { Column } from '../../tables/model.ts';

export const AGGREGATE_WORDS: Readonly<Record<MeasureFunction | 'group' | 'count' | 'groupBy' | 'having', string>> = {
  group: 'What the rows have in common. What is not in `groupBy` is null.',
  count: 'How many rows.',
  sum: 'The sums of the values that there are; null where there is none.',
  avg: 'The averages of the values that there are, to at least 16 digits; null where there is none.',
  min: 'The least of the values that there are: of texts by code point, of enums as declared; null where there is none.',
  max: 'The greatest of the values that there are, ordered as for `min`; null where there is none.',
  groupBy:
    'A group for each combination of these that there is, in their order; missing values are last. Without it all rows are one group, also when there are none.',
  having: 'Which groups, by what was computed over them.',
};

/** What a key says that is not its column's own value; null for the value itself. */
export function groupKeyWords({ column, unit, type }: GroupKey): string | null {
  if (unit === null) return null;
  if (unit === 'day') return `The day of \`${column.name}\`, in UTC.`;
  const start = type.name === 'Date' ? 'first day' : 'start';
  const week = unit === 'week' ? ', which begins on Monday' : '';
  return `The ${start} of the ${unit} of \`${column.name}\`, in UTC${week}.`;
}

/** What is to be known of a sum; null when there is nothing to say. */
export function sumWords({ type }: Column): string | null {
  if (type.name === 'BigInt') return 'A sum of BigInts may need more than 64 bits, and is a Decimal.';
  if (type.name === 'Float') return 'The last digits depend on the order in which the values are added.';
  return null;
}
