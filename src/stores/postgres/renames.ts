// `@renamedFrom`: tables and columns that were called otherwise keep their rows. Once renamed, the directive does nothing,
// so that it can stay in the file for databases that are behind.

import type { Model, TableModel } from '../../tables/model.ts';
import { sqlObjectName } from '../../tables/names.ts';
import type { DatabaseState, TableState } from './database-state.ts';
import { quoteName, tableName } from './sql-text.ts';

/** A rename to carry out. `step` is in words. */
export interface Rename {
  readonly statements: readonly string[];
  readonly step: string;
}

/** The renames that the model asks for and the state still needs, and what the state is after them. */
export function planRenames(
  model: Model,
  state: DatabaseState,
): { readonly renames: readonly Rename[]; readonly state: DatabaseState } {
  const renames: Rename[] = [];
  const tables = new Map(state.tables);
  for (const table of model.tables.values()) {
    const { renamedFrom, sqlName } = table;
    const old = renamedFrom === null ? undefined : tables.get(renamedFrom);
    if (old && renamedFrom !== null && !tables.has(sqlName)) {
      const key = (name: string) => quoteName(sqlObjectName([name], 'pkey'));
      const statements = [
        `ALTER TABLE ${tableName({ sqlName: renamedFrom })} RENAME TO ${quoteName(sqlName)}`,
        // Errors tell the primary key by its name; other constraints and indexes are made anew.
        ...(old.stamped
          ? [`ALTER TABLE ${tableName(table)} RENAME CONSTRAINT ${key(renamedFrom)} TO ${key(sqlName)}`]
          : []),
      ];
      renames.push({
        statements,
        step: `rename table ${quoteName(renamedFrom)} to ${table.name} (${quoteName(sqlName)})`,
      });
      tables.delete(renamedFrom);
      tables.set(sqlName, old);
    }
    const found = tables.get(sqlName);
    if (found) tables.set(sqlName, planColumnRenames(table, found, renames));
  }
  return { renames, state: { ...state, tables } };
}

function planColumnRenames(table: TableModel, found: TableState, renames: Rename[]): TableState {
  const columns = new Map(found.columns);
  for (const { name, sqlName, renamedFrom } of table.columns.values()) {
    const old = renamedFrom === null ? undefined : columns.get(renamedFrom);
    if (!old || renamedFrom === null || columns.has(sqlName)) continue;
    const statements = [
      `ALTER TABLE ${tableName(table)} RENAME COLUMN ${quoteName(renamedFrom)} TO ${quoteName(sqlName)}`,
    ];
    renames.push({
      statements,
      step: `rename column ${quoteName(renamedFrom)} to ${table.name}.${name} (${quoteName(sqlName)})`,
    });
    columns.delete(renamedFrom);
    columns.set(sqlName, old);
  }
  return { ...found, columns };
}
