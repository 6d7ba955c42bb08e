// The words for writes that are refused. A row that is hidden and a row that is absent are refused in the same ones.

import { type FieldProblem, ServiceError } from '../../platform/errors.ts';
import { type Column, columnOf, type Relation, type TableModel } from '../../tables/model.ts';
import { ColumnViolation } from '../column-violation.ts';
import type { InputPath } from './row-input.ts';

/** Everything that is wrong with the values of a write, at once. */
export function violation(
  fields: readonly FieldProblem[],
  code: 'CONSTRAINT_VIOLATION' | 'CONFLICT' = 'CONSTRAINT_VIOLATION',
): ServiceError {
  const words = fields.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ');
  return new ServiceError(code, words, { fields });
}

/** An error of a store about columns, at the places where the client wrote their values. */
export function located(error: ServiceError, pathOf: (column: string) => InputPath): ServiceError {
  if (!(error instanceof ColumnViolation) || !error.fields?.length) return error;
  return violation(
    error.fields.map(({ path: [column], message }) => ({ path: pathOf(String(column)), message })),
    error.code === 'CONFLICT' ? 'CONFLICT' : 'CONSTRAINT_VIOLATION',
  );
}

/** A value names a row that does not count. */
export function hiddenReference(path: InputPath, relation: Pick<Relation, 'target'>): FieldProblem {
  return { path, message: `names no ${relation.target} that you may read` };
}

/** An id is used for good. */
export function takenId(path: InputPath, table: TableModel): FieldProblem {
  return { path, message: `is an id that ${table.name} has used: choose another one` };
}

/** What unique keys have no place for: a problem for each of their columns that was given. */
export function takenKeys(
  table: TableModel,
  taken: readonly number[],
  pathOf: (column: Column) => InputPath | null,
): FieldProblem[] {
  return taken.flatMap((at) => {
    const columns = (table.keys[at]?.columns ?? []).map((name) => columnOf(table, name));
    return columns.flatMap((column): FieldProblem[] => {
      const path = pathOf(column);
      if (!path) return [];
      if (at === 0) return [takenId(path, table)];
      const others = columns.filter((other) => other !== column).map(({ name }) => name);
      return [{ path, message: others.length > 0 ? `is taken, together with ${others.join(' and ')}` : 'is taken' }];
    });
  });
}

/** Another transaction was faster, with a value that must be of one row alone. */
export function takenMeanwhile(table: TableModel): ServiceError {
  return new ServiceError('CONFLICT', `Another ${table.name} has this id or one of the unique values. Try again.`);
}

export function mayNot(doing: string, table: TableModel): ServiceError {
  return new ServiceError('FORBIDDEN', `You may not ${doing} ${table.name}.`);
}

/** The row may not be what it would become. */
export function notAllowed(table: TableModel): ServiceError {
  return new ServiceError('FORBIDDEN', `The rules of ${table.name} do not allow this row.`);
}

/** No row has the key, or none that the caller may do this to. */
export function noSuchRow(table: TableModel, doing: string): ServiceError {
  return new ServiceError('NOT_FOUND', `There is no ${table.name} with this key that you may ${doing}.`);
}

/** A row that others point at, and may not be without. */
export function stillUsed(table: TableModel, child: TableModel, relation: Relation, cause?: unknown): ServiceError {
  return new ServiceError(
    'CONSTRAINT_VIOLATION',
    `The ${table.name} is still the ${relation.name} of rows of ${child.name}: delete or change those first.`,
    { fields: [], cause },
  );
}

/** More rows than an operation writes. */
export function tooManyRows(table: TableModel, max: number, value: number, path: InputPath): ServiceError {
  return new ServiceError(
    'QUERY_TOO_COMPLEX',
    `This would write ${value > max ? `more than ${max}` : value} rows, beginning with ${table.name}; an operation writes at most ${max}. Ask for less at once, with limit or in several operations.`,
    { limit: { name: 'rows', max, value, path: path.map(String) } },
  );
}
