// `@renamedFrom`: tables and columns that were called otherwise keep their rows, and what holds them together is renamed with
// them. Once renamed, the directive does nothing, so that it can stay in the file for databases that are behind.

import { type Column, type Model, type TableModel, tableOf } from '../../../tables/model.ts';
import { sqlObjectName } from '../../../tables/names.ts';
import { logReset } from '../change-log/capture-table.ts';
import { quoteName, type TextCollation, tableName } from '../sql-text.ts';
import { type DatabaseState, MADE_BY, MADE_OVER_ROWS, type TableState } from './database-state.ts';
import type { PlanDraft } from './model-plan.ts';
import { noteObject, renameObject, tableObjects } from './table-objects.ts';

/** Plans the renames that the model asks for and the state still needs; answers what the state is after them. */
export function planRenames(model: Model, state: DatabaseState, draft: PlanDraft): DatabaseState {
  const tables = new Map(state.tables);
  /** Tables of the model as they were called before. */
  const before = new Map<string, TableModel>();
  for (const table of model.tables.values()) {
    const was = planTableRename(table, tables, draft);
    const found = tables.get(table.sqlName);
    if (!found) continue;
    const columns = planColumnRenames(table, found, draft);
    if (was === table.sqlName && columns.size === 0) continue;
    tables.set(table.sqlName, withColumnsRenamed(found, table, columns));
    before.set(table.name, {
      ...table,
      sqlName: was,
      columns: new Map([...table.columns].map(([name, column]) => [name, columns.get(name) ?? column])),
    });
  }
  if (before.size > 0)
    for (const table of model.tables.values()) {
      const found = tables.get(table.sqlName);
      if (found) tables.set(table.sqlName, carryOver(model, table, found, before, state.textCollation, draft));
    }
  return { ...state, tables };
}

/** Answers what the table is called in the database before. */
function planTableRename(table: TableModel, tables: Map<string, TableState>, draft: PlanDraft): string {
  const { renamedFrom, sqlName } = table;
  const old = renamedFrom === null ? undefined : tables.get(renamedFrom);
  if (renamedFrom === null || !old?.stamped || tables.has(sqlName)) return sqlName;
  const key = (name: string) => quoteName(sqlObjectName([name], 'pkey'));
  draft.changes.push({
    statements: [
      `ALTER TABLE ${tableName({ sqlName: renamedFrom })} RENAME TO ${quoteName(sqlName)}`,
      // Errors tell the primary key by its name.
      `ALTER TABLE ${tableName(table)} RENAME CONSTRAINT ${key(renamedFrom)} TO ${key(sqlName)}`,
    ],
    step: `rename table ${quoteName(renamedFrom)} to ${table.name} (${quoteName(sqlName)})`,
    impact: 'moment',
    table: old,
  });
  tables.delete(renamedFrom);
  tables.set(sqlName, old);
  return renamedFrom;
}

/** Answers the columns that are renamed, as they were called before, by their names in the model. */
function planColumnRenames(table: TableModel, found: TableState, draft: PlanDraft): Map<string, Column> {
  const renamed = new Map<string, Column>();
  for (const column of table.columns.values()) {
    const { name, sqlName, renamedFrom } = column;
    if (renamedFrom === null || !found.columns.has(renamedFrom) || found.columns.has(sqlName)) continue;
    draft.changes.push({
      statements: [
        `ALTER TABLE ${tableName(table)} RENAME COLUMN ${quoteName(renamedFrom)} TO ${quoteName(sqlName)}`,
        // The log has the column under its old name.
        logReset(table),
      ],
      step: `rename column ${quoteName(renamedFrom)} to ${table.name}.${name} (${quoteName(sqlName)})`,
      impact: 'moment',
      table: found,
    });
    renamed.set(name, { ...column, sqlName: renamedFrom });
  }
  return renamed;
}

function withColumnsRenamed(found: TableState, table: TableModel, renamed: ReadonlyMap<string, Column>): TableState {
  const columns = new Map(found.columns);
  for (const [name, { sqlName: old }] of renamed) {
    const state = columns.get(old);
    const now = table.columns.get(name)?.sqlName;
    columns.delete(old);
    if (state && now !== undefined) columns.set(now, state);
  }
  return { ...found, columns };
}

/** Checks, keys and indexes that are the same but for names get the new ones: no row is looked at, and nothing built. */
function carryOver(
  model: Model,
  table: TableModel,
  found: TableState,
  before: ReadonlyMap<string, TableModel>,
  textCollation: TextCollation,
  draft: PlanDraft,
): TableState {
  const was = (name: string) => before.get(name) ?? tableOf(model, name);
  const old = tableObjects(was(table.name), was, textCollation);
  const objects = new Map(found.objects);
  const statements = tableObjects(table, (name) => tableOf(model, name), textCollation).flatMap(
    (object, at): string[] => {
      const { name = '', create = '' } = old[at] ?? {};
      const existing = found.objects.get(name);
      if (create === object.create || existing?.create !== create) return [];
      objects.delete(name);
      objects.set(object.name, { ...existing, create: object.create });
      return [
        ...(name === object.name ? [] : [renameObject(table, object, name, object.name)]),
        noteObject(table, object, existing.tolerant ? MADE_OVER_ROWS : MADE_BY),
      ];
    },
  );
  if (statements.length > 0) draft.changes.push({ statements, step: null, impact: 'moment', table: found });
  return { ...found, objects };
}
