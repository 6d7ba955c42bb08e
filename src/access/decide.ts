// The one decision about who may. Every path to a row asks here, and nothing here depends on the path. Anything missing
// or unknown means no.

import { allOf, anyOf, EVERY_ROW, type Filter, NO_ROW } from '../tables/filter.ts';
import { type Column, OPERATIONS, type Operation, type Permission, type TableModel } from '../tables/model.ts';
import type { CallerClass } from './caller-class.ts';

/** What a class may do with one operation of a table. */
export interface Grant {
  /** The rows it may be done to, as they are. */
  readonly rows: Filter;
  /** The rows that may come of it. */
  readonly check: Filter;
}

const EVERYTHING: Grant = Object.freeze({ rows: EVERY_ROW, check: EVERY_ROW });

/** A table on which nothing was written: the application key, throughout. */
const UNWRITTEN: readonly Permission[] = Object.freeze([
  { operations: OPERATIONS, level: 'APPLICATION', roles: null, rows: null, check: null } as const,
]);

/** The permissions that apply to a table. */
export function permissionsOf(table: TableModel): readonly Permission[] {
  return table.permissions ?? UNWRITTEN;
}

/** Whether and to which rows the class may do the operation. Null: not at all. */
export function decideTable(caller: CallerClass, table: TableModel, operation: Operation): Grant | null {
  if (operation === 'UNDELETE' && !table.softDelete) return null;
  const narrowed = narrowedRows(caller, table, operation);
  if (caller.admin) return narrowed === EVERY_ROW ? EVERYTHING : { rows: narrowed, check: EVERY_ROW };
  const alternatives = permissionsOf(table).filter(
    (permission) => permission.operations.includes(operation) && passes(caller, permission),
  );
  if (alternatives.length === 0) return null;
  return {
    rows: allOf([anyOf(alternatives.map((permission) => permission.rows ?? EVERY_ROW)), narrowed]),
    check: anyOf(alternatives.map((permission) => checkOf(permission, operation))),
  };
}

/**
 * The rows that a script of the table leaves, whatever is done to them. It says nothing of rows that are to be: rules and the
 * scripts around writes do.
 */
function narrowedRows({ scripts, rowFilters }: CallerClass, table: TableModel, operation: Operation): Filter {
  if (!table.scripts?.filter || scripts !== 'all' || operation === 'INSERT') return EVERY_ROW;
  return rowFilters?.of(table.name) ?? NO_ROW;
}

/** Where nothing is said of the row as it will be, an update may not take it out of the rows that may be updated. */
function checkOf({ rows, check }: Permission, operation: Operation): Filter {
  return check ?? (operation === 'UPDATE' ? rows : null) ?? EVERY_ROW;
}

/** Whether the class may read or set the column, given that it may do the operation on the table. */
export function decideColumn(caller: CallerClass, column: Column, operation: Operation): boolean {
  if (operation !== 'READ' && operation !== 'SUBSCRIBE') {
    if (column.system) return false;
    // The service sets a preset itself; only server code and the master key may set another value.
    if (column.preset && !caller.admin) return false;
  }
  if (caller.admin || column.permissions === null) return true;
  return column.permissions.some(
    (permission) => permission.operations.includes(operation) && passes(caller, permission),
  );
}

/**
 * Whether what is told of other rows, their number or their order, may depend on the column: what a script makes of it is not in
 * the database, so that its stored value would be told in another way.
 */
export function decideComparison(caller: CallerClass, table: TableModel, column: string): boolean {
  const { read = false, safe = 'all' } = table.scripts ?? {};
  return !read || caller.scripts !== 'all' || safe === 'all' || column === 'id' || safe.includes(column);
}

/** The rows of `table` that the class may read: none when it may not read at all. */
export function readableRows(caller: CallerClass, table: TableModel): Filter {
  return decideTable(caller, table, 'READ')?.rows ?? NO_ROW;
}

function passes(caller: CallerClass, permission: Permission): boolean {
  switch (permission.level) {
    case 'PUBLIC':
      return true;
    case 'APPLICATION':
      return caller.application;
    case 'USER':
      return caller.user && (permission.roles === null || permission.roles.some((role) => caller.roles.includes(role)));
    case 'ADMIN':
      return false;
  }
}
