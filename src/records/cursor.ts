// Cursors: places in a list, as a client holds them. A cursor is the base64url of a JSON array: the fingerprint of the
// order it belongs to, then the row's value of each key, in the API's own forms, so that nothing loses precision. The store
// makes them, here they are read. Whatever one says, it can only choose where a page begins among rows that may be read.

import { createHash } from 'node:crypto';
import { ServiceError } from '../platform/errors.ts';
import { toColumnValue, ValueProblem } from '../tables/column-value.ts';
import type { ColumnType, TableModel } from '../tables/model.ts';
import type { OrderTerm } from './plan.ts';

/** One value inside a cursor. */
export interface CursorPart {
  /** The argument that the cursor was given for. */
  readonly argument: 'after' | 'before';
  readonly fingerprint: string;
  /** The place of the key in the order, and how many there are. */
  readonly at: number;
  readonly of: number;
}

/** The type of a key's value. */
export function termType({ by }: OrderTerm): ColumnType {
  return by.kind === 'column' ? by.column.type : { kind: 'scalar', name: 'BigInt' };
}

/** Names an order: of the rows of a table, by these keys. */
export function orderFingerprint(table: TableModel, orderBy: readonly OrderTerm[]): string {
  const keys = orderBy.map(({ path, by, descending, nullsFirst }) => [
    ...path.map(({ relation }) => relation.name),
    by.kind === 'column' ? by.column.name : `count ${by.relation.name}`,
    descending,
    nullsFirst,
  ]);
  const written = JSON.stringify([table.name, ...keys]);
  return createHash('sha256').update(written).digest('base64url').slice(0, 8);
}

/** The value of a part in a cursor; null when the row had none. Throws BAD_USER_INPUT for what is no cursor of the order. */
export function readCursor(cursor: unknown, { argument, fingerprint, at, of }: CursorPart, type: ColumnType): unknown {
  const [order, ...values] = partsOf(cursor) ?? [];
  if (typeof order !== 'string') throw broken(argument);
  if (order !== fingerprint || values.length !== of) {
    throw new ServiceError(
      'BAD_USER_INPUT',
      `${argument} is a cursor of another list or order. Use one that this field gave with the same orderBy, or leave it out.`,
    );
  }
  const value = values[at];
  if (value === null) return null;
  try {
    return toColumnValue(type, value);
  } catch (error) {
    if (error instanceof ValueProblem) throw broken(argument);
    throw error;
  }
}

function partsOf(cursor: unknown): unknown[] | undefined {
  if (typeof cursor !== 'string') return undefined;
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(parts) ? parts : undefined;
  } catch {
    // No JSON: no cursor that this service made.
    return undefined;
  }
}

function broken(argument: string): ServiceError {
  return new ServiceError(
    'BAD_USER_INPUT',
    `${argument} is no cursor of this service. Use a cursor, startCursor or endCursor as it was answered, or leave it out.`,
  );
}
