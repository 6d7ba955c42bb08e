// The values of an upsert: of the row that it inserts, which has the key that it is looked for by, and of the changes when no
// others are given.

import { decideColumn } from '../../access/decide.ts';
import { type FieldProblem, ServiceError } from '../../platform/errors.ts';
import { type Column, columnOf } from '../../tables/model.ts';
import type { KeyValue } from '../plan.ts';
import { type Request, resolveSource } from '../value-source.ts';
import type { GivenChange, RowInput } from './row-input.ts';
import { givenValue } from './row-values.ts';
import type { Writer } from './writer.ts';

/** The row to insert, with the key. Throws BAD_USER_INPUT for another key in it, and for rows that it nests. */
export function keyedRow(input: RowInput | undefined, by: readonly KeyValue[], request: Request): RowInput {
  if (!input) throw new Error('an upsert has one row');
  if (input.related.length > 0) {
    const names = input.related.map(({ relation }) => relation.column || relation.name).join(', ');
    throw new ServiceError(
      'BAD_USER_INPUT',
      `An upsert takes no nested rows: give ${names} by its key, or write them in another field of the mutation.`,
    );
  }
  const cells = new Map(input.cells);
  for (const { column, slot } of by) {
    const value = resolveSource(slot.source, request);
    const own = cells.get(column);
    if (own && !sameValue(column, own.value, value)) {
      throw new ServiceError('BAD_USER_INPUT', `insert.${column.name} is another one than the key by: leave it out.`);
    }
    cells.set(column, own ?? { value, path: ['by', column.name] });
  }
  return { ...input, cells };
}

function sameValue(column: Column, one: unknown, other: unknown): boolean {
  const problems: FieldProblem[] = [];
  const inner = (value: unknown) => givenValue(column, { value, path: [] }, problems);
  return inner(one) === inner(other) && problems.length === 0;
}

/** What an insert would write, as changes: of the columns that may be updated, and without the key. */
export function changesOf(
  { caller }: Writer,
  { cells, table }: RowInput,
  by: readonly KeyValue[],
): readonly GivenChange[] {
  const keys = by.map(({ column }) => column);
  return [...cells].flatMap(([column, { value, path }]): GivenChange[] => {
    if (keys.includes(column) || column === columnOf(table, 'id') || !decideColumn(caller, column, 'UPDATE')) return [];
    return [{ column, how: 'set', source: { from: 'constant', value }, path }];
  });
}
