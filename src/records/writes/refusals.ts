// The words for writes that are refused. A row that is hidden and a row that is absent are refused in the same ones.

import { type FieldProblem, ServiceError } from '../../platform/errors.ts';
import type { Relation, TableModel } from '../../tables/model.ts';
import type { InputPath } from './row-input.ts';

/** Everything that is wrong with the values of a write, at once. */
export function violation(fields: readonly FieldProblem[]): ServiceError {
  const words = fields.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ');
  return new ServiceError('CONSTRAINT_VIOLATION', words, { fields });
}

/** A value names a row that does not count. */
export function hiddenReference(path: InputPath, relation: Pick<Relation, 'target'>): FieldProblem {
  return { path, message: `names no ${relation.target} that you may read` };
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

/** More rows than an operation writes. */
export function tooManyRows(table: TableModel, max: number, value: number, path: InputPath): ServiceError {
  return new ServiceError(
    'QUERY_TOO_COMPLEX',
    `This would write ${value > max ? `more than ${max}` : value} rows, beginning with ${table.name}; an operation writes at most ${max}. Ask for less at once, with limit or in several operations.`,
    { limit: { name: 'rows', max, value, path: path.map(String) } },
  );
}
