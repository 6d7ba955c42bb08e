// The tables of the model, made in the database. What is missing is added, in one transaction under a lock, so that two
// services starting at once both succeed; what would change or lose data is refused with every reason, and nothing done.

import type pg from 'pg';
import { columnOf, type Model, type TableModel, tableOf } from '../../tables/model.ts';
import { type DatabaseState, readDatabaseState } from './database-state.ts';
import { APP_SCHEMA, isText, quoteName, sqlType, tableName } from './sql-text.ts';
import { columnDefinition, createConstraints, createTable, systemObjects } from './table-ddl.ts';

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

interface Plan {
  readonly statements: readonly string[];
  readonly steps: readonly string[];
  readonly refusals: readonly string[];
}

/** Any number that all versions agree on: the key of the lock under which models are applied. */
const APPLY_LOCK = 7_305_124_811;

/** Makes the database hold the model's tables. Throws {@link ModelRefused}, or what the database says. */
export async function applyModel(pool: pg.Pool, model: Model): Promise<Applied> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    // Waiting for another service that is starting is no lock that a request waits for.
    await client.query(`SELECT set_config('lock_timeout', '60s', true), set_config('statement_timeout', '0', true)`);
    await client.query('SELECT pg_advisory_xact_lock($1)', [APPLY_LOCK]);
    const state = await readDatabaseState(client);
    const plan = planModel(model, state);
    if (plan.refusals.length > 0) throw new ModelRefused(plan.refusals);
    for (const statement of plan.statements) await client.query(statement);
    await client.query('COMMIT');
    return { steps: plan.steps };
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

/** What has to be done to make `state` hold the model. Pure. */
export function planModel(model: Model, state: DatabaseState): Plan {
  const refusals: string[] = [];
  const steps: string[] = [];
  const tables: string[] = [];
  const constraints: string[] = [];
  for (const table of model.tables.values()) {
    const existing = state.tables.get(table.sqlName);
    if (existing) {
      const added = planColumns(table, existing, refusals);
      tables.push(
        ...added.map(
          (name) => `ALTER TABLE ${tableName(table)} ADD COLUMN ${columnDefinition(table, columnOf(table, name))}`,
        ),
      );
      steps.push(...added.map((name) => `add column ${table.name}.${name}`));
    } else {
      tables.push(...createTable(table));
      constraints.push(...createConstraints(table, (name) => tableOf(model, name)));
      steps.push(`create table ${table.name} (${quoteName(APP_SCHEMA)}.${quoteName(table.sqlName)})`);
    }
  }
  return {
    statements: [...(state.system ? [] : systemObjects(state.serverVersion)), ...tables, ...constraints],
    steps,
    refusals,
  };
}

/** The columns to add to a table that exists; everything else that differs is refused. */
function planColumns(table: TableModel, existing: ReadonlyMap<string, string>, refusals: string[]): string[] {
  const added: string[] = [];
  for (const column of table.columns.values()) {
    const wanted = sqlType(column.type, column.list);
    const found = existing.get(column.sqlName);
    if (found === undefined) {
      const fillable = !column.required || column.defaultValue !== undefined || column.system;
      if (fillable && column.relation === null) added.push(column.name);
      else
        refusals.push(
          `${table.name}.${column.name} is new and ${column.relation ? 'a relation' : 'required'}: give it @default, or make it optional`,
        );
    } else if (found !== wanted) {
      refusals.push(
        `${table.name}.${column.name} is ${found} in the database, and ${wanted}${isText(column.type) ? '' : ` (${column.type.name})`} in the schema`,
      );
    }
  }
  return added;
}
