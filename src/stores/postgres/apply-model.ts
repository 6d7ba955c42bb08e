// The tables of the model, made in the database, in one transaction under a lock, so that two services starting at once both
// succeed. What is missing is added, what only held the rows together (checks, keys, indexes) is made to agree with the
// schema, and no value is ever changed or lost: what would need that is refused with every reason, and nothing is done.

import pg from 'pg';
import { type Model, type TableModel, tableOf } from '../../tables/model.ts';
import { type DatabaseState, readDatabaseState, type TableState } from './database-state.ts';
import { linked, planLinkTable } from './link-tables.ts';
import { planRenames } from './renames.ts';
import { APP_SCHEMA, quoteName, sqlType, tableName } from './sql-text.ts';
import { columnDefinition, createTable, systemObjects } from './table-ddl.ts';
import { createObject, dropObject, tableObjects } from './table-objects.ts';
import { planTypeChanges } from './type-changes.ts';

/** What was done, in words, for people: empty when there was nothing to do. */
export interface Applied {
  readonly steps: readonly string[];
}

/** The database and the model differ in ways that adding cannot mend. Nothing was done. */
export class ModelRefused extends Error {
  constructor(readonly reasons: readonly string[]) {
    super(
      `The tables in the database cannot become those of the schema:\n${reasons.map((reason) => `  - ${reason}`).join('\n')}`,
    );
  }
}

/** Statements that belong together. */
interface Change {
  readonly statements: readonly string[];
  /** In words; null when it is part of another. */
  readonly step: string | null;
}

interface Plan {
  readonly changes: readonly Change[];
  readonly refusals: readonly string[];
}

/** Any number that all versions agree on: the key of the lock under which models are applied. */
const APPLY_LOCK = 7_305_124_811;
/** SQLSTATE class 23: rows that are there stand against a change. */
const ROWS_AGAINST = /^23/;

/** Makes the database hold the model's tables. Throws {@link ModelRefused}, or what the database says. */
export async function applyModel(pool: pg.Pool, model: Model): Promise<Applied> {
  const client = await pool.connect();
  try {
    // Each statement sees what was committed before it, so that what another service made is seen once the lock is ours.
    await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
    // Waiting for another service that is starting is no lock that a request waits for.
    await client.query(`SELECT set_config('lock_timeout', '60s', true), set_config('statement_timeout', '0', true)`);
    await client.query('SELECT pg_advisory_xact_lock($1)', [APPLY_LOCK]);
    const { changes, refusals } = planModel(model, await readDatabaseState(client));
    if (refusals.length > 0) throw new ModelRefused(refusals);
    const against: string[] = [];
    for (const change of changes) if (!(await carryOut(client, change))) against.push(`cannot ${change.step}`);
    if (against.length > 0)
      throw new ModelRefused(against.map((what) => `${what}: rows in the database stand against it, mend them first`));
    await client.query('COMMIT');
    return { steps: changes.flatMap(({ step }) => step ?? []) };
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

/** What {@link applyModel} would do and refuse, in words, without doing it. Rows that stand against a change are not looked at. */
export async function previewModel(
  pool: pg.Pool,
  model: Model,
): Promise<Applied & { readonly refusals: readonly string[] }> {
  const client = await pool.connect();
  try {
    const { changes, refusals } = planModel(model, await readDatabaseState(client));
    return { steps: changes.flatMap(({ step }) => step ?? []), refusals };
  } finally {
    client.release();
  }
}

/** Whether the rows that are there let it be done; if not, it is undone, and what comes after it can still be tried. */
async function carryOut(client: pg.ClientBase, { statements }: Change): Promise<boolean> {
  await client.query('SAVEPOINT change');
  try {
    for (const statement of statements) await client.query(statement);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || !ROWS_AGAINST.test(error.code ?? '')) throw error;
    await client.query('ROLLBACK TO SAVEPOINT change');
    return false;
  }
  await client.query('RELEASE SAVEPOINT change');
  return true;
}

/** What has to be done to make `state` hold the model. Pure. */
export function planModel(model: Model, before: DatabaseState): Plan {
  const refusals: string[] = [];
  const { renames, state } = planRenames(model, before);
  const columns: Change[] = state.system ? [] : [{ statements: systemObjects(state.serverVersion), step: null }];
  const objects: Change[] = [];
  for (const table of model.tables.values()) {
    const wanted = tableObjects(table, (name) => tableOf(model, name));
    const found = state.tables.get(table.sqlName);
    if (!found) {
      const place = `${quoteName(APP_SCHEMA)}.${quoteName(table.sqlName)}`;
      columns.push({ statements: createTable(table), step: `create table ${table.name} (${place})` });
      objects.push({ statements: wanted.flatMap((object) => createObject(table, object)), step: null });
    } else if (!found.stamped) {
      refusals.push(
        `${tableName(table)}, the table of ${table.name}, is there and was not made by Tablecast: give ${table.name} another with @table(name:)`,
      );
    } else {
      const retyped = planTypeChanges(table, found);
      columns.push(...retyped.changes);
      columns.push(...planColumns(table, retyped.found, refusals), ...planLeftColumns(table, found, refusals));
      objects.push(...planObjects(table, retyped.found, wanted));
    }
  }
  for (const link of model.links.values()) {
    const statements = planLinkTable(link, model, state, refusals);
    if (statements.length > 0) objects.push({ statements, step: `create the table between ${linked(link)}` });
  }
  return { changes: [...renames, ...columns, ...objects], refusals };
}

/** Columns of the model: added, or made required or optional. A type that still differs is refused. */
function planColumns(table: TableModel, found: TableState, refusals: string[]): Change[] {
  return [...table.columns.values()].flatMap((column): Change[] => {
    const wanted = sqlType(column.type, column.list);
    const existing = found.columns.get(column.sqlName);
    const alter = (action: string, step: string) => [
      { statements: [`ALTER TABLE ${tableName(table)} ${action}`], step },
    ];
    const name = quoteName(column.sqlName);
    if (!existing) {
      if (!column.required || column.defaultValue !== undefined || column.system)
        return alter(`ADD COLUMN ${columnDefinition(column)}`, `add column ${table.name}.${column.name}`);
      refusals.push(`${table.name}.${column.name} is new and required: give it @default, or make it optional`);
    } else if (existing.type !== wanted) {
      refusals.push(
        `${table.name}.${column.name} is ${existing.type} in the database, and ${wanted} (${column.type.name}) in the schema`,
      );
    } else if (column.required !== existing.required) {
      return column.required
        ? alter(`ALTER COLUMN ${name} SET NOT NULL`, `make ${table.name}.${column.name} required`)
        : alter(`ALTER COLUMN ${name} DROP NOT NULL`, `make ${table.name}.${column.name} optional`);
    }
    return [];
  });
}

/** Columns that the schema no longer has are kept with their values; new rows can do without them. */
function planLeftColumns(table: TableModel, found: TableState, refusals: string[]): Change[] {
  const known = new Set([...table.columns.values()].map(({ sqlName }) => sqlName));
  return [...found.columns].flatMap(([name, { required, hasDefault }]): Change[] => {
    if (known.has(name)) return [];
    if (name === 'deleted')
      refusals.push(
        `${table.name} had softDelete: without it, rows that were deleted would come back. Delete them in SQL, and drop its column "deleted"`,
      );
    if (!required || hasDefault) return [];
    const statement = `ALTER TABLE ${tableName(table)} ALTER COLUMN ${quoteName(name)} DROP NOT NULL`;
    return [
      { statements: [statement], step: `keep ${table.name}'s column ${quoteName(name)}, and ask for it no more` },
    ];
  });
}

/** What only holds the rows together is made to be what the schema says. */
function planObjects(table: TableModel, found: TableState, wanted: ReturnType<typeof tableObjects>): Change[] {
  const left = [...found.objects].filter(([name]) => !wanted.some((object) => object.name === name));
  const dropped = left.map(([name, object]) => ({
    statements: [dropObject(table, name, object)],
    step: `drop ${quoteName(name)} of ${table.name}`,
  }));
  const made = wanted.flatMap((object): Change[] => {
    const existing = found.objects.get(object.name);
    if (existing?.create === object.create) return [];
    const drop = existing ? [dropObject(table, object.name, existing)] : [];
    return [{ statements: [...drop, ...createObject(table, object)], step: `make ${object.meaning}` }];
  });
  return [...dropped, ...made];
}
