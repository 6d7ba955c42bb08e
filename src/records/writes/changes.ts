// The changes of an update: what the client gives its columns, and what the service sets itself.

import { decideColumn } from '../../access/decide.ts';
import { type FieldProblem, ServiceError } from '../../platform/errors.ts';
import type { TableModel } from '../../tables/model.ts';
import { tableOf } from '../../tables/model.ts';
import { checkValues } from '../check-values.ts';
import { unknownField, visibleRows } from '../readable-rows.ts';
import { bindSlot, type Request, resolveSource } from '../value-source.ts';
import type { GivenChange, InputPath } from './row-input.ts';
import { givenValue, whenMissing } from './row-values.ts';
import type { Change, Reference } from './write-plan.ts';
import type { Writer } from './writer.ts';

export interface PlannedChanges {
  readonly changes: readonly Change[];
  /** The rows that changed keys point at must be the caller's to read. */
  readonly references: readonly Reference[];
  /** The values of a request, and everything that is wrong with them; those are undefined. */
  values(request: Request): { readonly values: readonly unknown[]; readonly problems: readonly FieldProblem[] };
  /** Where the value of a column was written; null: it was not. */
  pathOf(column: string): InputPath | null;
}

/**
 * Plans them. Throws BAD_USER_INPUT for a column that the class may not set, one changed twice, and for no change at all. What the
 * service itself sets may be columns that the caller may not use, and rows that it may not read.
 */
export function planChanges(writer: Writer, table: TableModel, given: readonly GivenChange[]): PlannedChanges {
  const { caller, model } = writer;
  const seen = new Set<string>();
  for (const { column, byService } of given) {
    if (!byService && !decideColumn(caller, column, 'UPDATE')) throw unknownField(table, column.name);
    if (seen.has(column.name)) {
      throw new ServiceError(
        'BAD_USER_INPUT',
        `${column.name} is changed twice: give it in one of set, increment and append.`,
      );
    }
    seen.add(column.name);
  }
  if (given.length === 0) {
    throw new ServiceError('BAD_USER_INPUT', 'There is nothing to change: give set, increment or append.');
  }
  const presets = [...table.columns.values()].flatMap((column) =>
    column.preset?.operations.includes('UPDATE') && !seen.has(column.name) ? [{ column, preset: column.preset }] : [],
  );
  const columns = [
    ...given.map(({ column, how, each }) => ({ column, how, each: each === true })),
    ...presets.map(({ column }) => ({ column, how: 'set' as const, each: false })),
  ];
  const references = given.flatMap(({ column, byService }): Reference[] => {
    const relation = column.relation === null || byService ? undefined : table.relations.get(column.relation);
    if (!relation) return [];
    const target = tableOf(model, relation.target);
    return [{ relation, target, rows: visibleRows(caller, target) }];
  });
  return {
    changes: columns.map(({ column, how, each }, at) => ({
      column,
      how,
      each,
      slot: { source: { from: 'write', at }, type: column.type, list: column.list || each },
    })),
    references,
    values: (request) => {
      const problems: FieldProblem[] = [];
      const own = given.map((change) => {
        const given = resolveSource(change.source, request);
        const accept = (item: unknown) => {
          const value = givenValue(change.column, { value: item, path: change.path }, problems);
          problems.push(...problemsOf(change, value));
          return value;
        };
        return change.each ? (given as readonly unknown[]).map(accept) : accept(given);
      });
      const set = presets.map(({ column, preset }) => {
        if (preset.value.kind === 'value') return preset.value.value;
        const { type, list } = column;
        const value = bindSlot({ source: { from: 'caller', path: preset.value.path }, type, list }, request);
        problems.push(
          ...checkValues([{ column, value, path: ['set', column.name], whenMissing: whenMissing(column) }]),
        );
        return value;
      });
      return { values: [...own, ...set], problems };
    },
    pathOf: (name) => given.find(({ column }) => column.name === name)?.path ?? null,
  };
}

function problemsOf({ column, how, path }: GivenChange, value: unknown): FieldProblem[] {
  // What could not be read is told already.
  if (value === undefined) return [];
  if (how === 'set') return checkValues([{ column, value, path, whenMissing: 'is required' }]);
  return value === null ? [{ path, message: 'must not be null' }] : [];
}
