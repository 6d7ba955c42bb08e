// A constraint that a write broke, in the model's words: which columns, or which rows still hold the one that was to go.
// Constraints that are none of the model's, from outside, have no words of ours, and no name that is told.

import type { ServiceError } from '../../platform/errors.ts';
import { ColumnViolation } from '../../records/column-violation.ts';
import { stillUsed, takenId } from '../../records/writes/refusals.ts';
import { type Column, columnOf, type Relation, type TableModel, tableOf } from '../../tables/model.ts';
import { sqlObjectName } from '../../tables/names.ts';
import type { DriverError, StatementPlace } from './store-error.ts';

/** The ServiceError of an error of class 23. */
export function brokenConstraint(error: DriverError, { table, model }: StatementPlace): ServiceError {
  const { code = '', constraint = '' } = error;
  const held = model && holding([...model.tables.values()], error);
  if (held && model) return stillUsed(tableOf(model, held.relation.target), held.table, held.relation, error);
  if (!table) return new ColumnViolation('CONSTRAINT_VIOLATION', [], error);
  if (code === '23505' && constraint === sqlObjectName([table.sqlName], 'pkey')) {
    return new ColumnViolation('CONFLICT', [takenId(['id'], table)], error);
  }
  const columns = columnsOf(table, error);
  const fields = columns.map((column) => ({ path: [column.name], message: wordsFor(code, column, columns, table) }));
  return new ColumnViolation('CONSTRAINT_VIOLATION', fields, error);
}

function wordsFor(code: string, column: Column, columns: readonly Column[], table: TableModel): string {
  switch (code) {
    case '23505': {
      const others = columns.filter((other) => other !== column).map(({ name }) => name);
      return others.length > 0 ? `is taken, together with ${others.join(' and ')}` : 'is taken';
    }
    case '23502':
      return 'is required';
    case '23514':
      return 'is not an allowed value';
    default: {
      const relation = column.relation === null ? undefined : table.relations.get(column.relation);
      return `names no ${relation?.target ?? 'row'} that you may read`;
    }
  }
}

/** The columns of a constraint or, where the server names it, the column. */
function columnsOf(table: TableModel, { constraint = '', column: sqlColumn = '' }: DriverError): Column[] {
  const sqlNames = (names: readonly string[]) => names.map((name) => columnOf(table, name).sqlName);
  const key = table.keys.find(
    ({ columns }) => constraint === sqlObjectName([table.sqlName, ...sqlNames(columns)], 'key'),
  );
  if (key) return key.columns.map((name) => columnOf(table, name));
  return [...table.columns.values()].filter(
    ({ sqlName }) =>
      sqlName === sqlColumn ||
      constraint === sqlObjectName([table.sqlName, sqlName], 'fkey') ||
      constraint === sqlObjectName([table.sqlName, sqlName], 'check'),
  );
}

/** The relation whose rows hold the one that was to be deleted. */
function holding(
  tables: readonly TableModel[],
  { code, table: sqlTable, constraint = '' }: DriverError,
): { readonly table: TableModel; readonly relation: Relation } | null {
  if (code !== '23503' && code !== '23001') return null;
  for (const table of tables.filter(({ sqlName }) => sqlName === sqlTable)) {
    for (const relation of table.relations.values()) {
      if (relation.kind !== 'belongsTo') continue;
      const name = sqlObjectName([table.sqlName, columnOf(table, relation.column).sqlName], 'fkey');
      if (name === constraint) return { table, relation };
    }
  }
  return null;
}
