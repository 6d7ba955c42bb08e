// What is in the database and not in the schema is kept. What was made by this service can be dropped by name; what was not
// is none of its business, and is told of.

import type { Model, TableModel } from '../../../tables/model.ts';
import { quoteName, tableName } from '../sql-text.ts';
import type { DatabaseState, TableState } from './database-state.ts';
import { type PlanDraft, rowsInWords } from './model-plan.ts';
import { dropObject } from './table-objects.ts';

/** Columns that the schema no longer has are kept with their values; new rows can do without them. */
export function planLeftColumns(table: TableModel, found: TableState, draft: PlanDraft): void {
  const known = new Set([...table.columns.values()].map(({ sqlName }) => sqlName));
  const place = tableName(table);
  for (const [name, { required, hasDefault }] of found.columns) {
    if (known.has(name)) continue;
    const column = quoteName(name);
    if (name === 'deleted') planEndOfSoftDelete(table, found, draft);
    if (required && !hasDefault)
      draft.changes.push({
        statements: [`ALTER TABLE ${place} ALTER COLUMN ${column} DROP NOT NULL`],
        step: `keep ${table.name}'s column ${column}, and ask for it no more`,
        impact: 'moment',
        table: found,
      });
    draft.leftovers.push({
      what: `column ${column} of ${table.name}`,
      drop: {
        name: `drop:${table.name}.${name}`,
        count: `SELECT count(*) AS rows FROM ${tableName({ sqlName: found.name })} WHERE ${column} IS NOT NULL`,
        statements: [`ALTER TABLE ${place} DROP COLUMN ${column}`],
      },
      table: found,
    });
  }
  for (const what of found.foreign)
    draft.leftovers.push({ what: `${what} on ${table.name}`, drop: null, table: found });
}

function planEndOfSoftDelete(table: TableModel, found: TableState, draft: PlanDraft): void {
  draft.changes.push({
    statements: [],
    step: null,
    impact: 'none',
    table: found,
    hazard: {
      count: `SELECT count(*) AS rows FROM ${tableName({ sqlName: found.name })} WHERE "deleted"`,
      words: (rows) =>
        `${table.name} had softDelete, and without it ${rowsInWords(rows)} would come back that ${rows === 1 ? 'was' : 'were'} deleted`,
      allowed: {
        name: `purge:${table.name}`,
        words: 'they are deleted for good',
        mend: [`DELETE FROM ${tableName(table)} WHERE "deleted"`],
      },
    },
  });
}

/** Tables that the schema no longer has, besides those that are about to be renamed. Their own keys go, so that they keep no row of another table from being deleted. */
export function planLeftTables(
  model: Model,
  state: DatabaseState,
  renamed: readonly (string | null)[],
  draft: PlanDraft,
): void {
  const tables = [...model.tables.values()].map(({ sqlName }) => sqlName);
  const known = new Set([...tables, ...model.links.keys(), ...renamed]);
  // A table between goes before those that it is between.
  const links = [...state.tables].sort(([, a], [, b]) => Number(b.link) - Number(a.link));
  for (const [sqlName, found] of links) {
    if (known.has(sqlName)) continue;
    const what = `table ${tableName({ sqlName })}`;
    if (!found.stamped && !found.link) {
      draft.leftovers.push({ what, drop: null, table: found });
      continue;
    }
    const keys = [...found.objects].filter(([name]) => name.endsWith('.fkey'));
    for (const [name, object] of keys)
      draft.changes.push({
        statements: [dropObject({ sqlName }, name, object)],
        step: `drop ${quoteName(name)} of ${what}, which is kept`,
        impact: 'moment',
        table: found,
      });
    draft.leftovers.push({
      what,
      drop: {
        name: `drop:${sqlName}`,
        count: `SELECT count(*) AS rows FROM ${tableName({ sqlName: found.name })}`,
        statements: [`DROP TABLE ${tableName({ sqlName })}`],
      },
      table: found,
    });
  }
}
