// What a store says of columns: a value that is taken, missing, or not one that the column takes.

import { type FieldProblem, ServiceError } from '../platform/errors.ts';

/**
 * CONSTRAINT_VIOLATION, or CONFLICT for an id that is used. The path of each of its fields is the name of a column: who knows
 * where the client wrote its value puts that in its place. Without fields the message is `otherwise`.
 */
export class ColumnViolation extends ServiceError {
  constructor(
    code: 'CONSTRAINT_VIOLATION' | 'CONFLICT',
    fields: readonly FieldProblem[],
    cause: unknown,
    otherwise = 'A value is not allowed.',
  ) {
    const words = fields.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ');
    super(code, words || otherwise, { fields, cause });
  }
}
