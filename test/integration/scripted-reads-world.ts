// Shelves and books whose read scripts mask columns and leave rows out, in a database, and operations run over them.

import assert from 'node:assert/strict';
import type pg from 'pg';
import type { Caller } from '../../src/access/caller.ts';
import { planOperation } from '../../src/graphql/plan-operation.ts';
import { openLog } from '../../src/platform/log.ts';
import type { PlainRow, RowScripts } from '../../src/records/row-scripts.ts';
import { scriptedReads } from '../../src/records/scripted-reads.ts';
import { openPool } from '../../src/stores/postgres/open-pool.ts';
import { PostgresRecordStore } from '../../src/stores/postgres/postgres-record-store.ts';
import { type Model, withScripts } from '../../src/tables/model.ts';
import { applyTables } from '../support/apply-tables.ts';
import { modelOf } from '../support/open-test-service.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { classOf, coerce, operationOf, plannerOf } from '../unit/stores/recording-store.ts';

const SDL = `
type Shelf @table {
  name: String! @unique
  code: String
  extra: JSON
  parent: Shelf @belongsTo
  shelves: [Shelf!]! @has(field: "parent")
  books: [Book!]! @has(field: "shelf")
}
type Book @table(softDelete: true) { title: String! @unique secret: String! pages: Int! @default(value: "1") shelf: Shelf @belongsTo author: Author @belongsTo }
type Sample @table { big: BigInt exact: Decimal real: Float at: DateTime day: Date time: Time bytes: Bytes uuid: UUID json: JSON words: [String!] reals: [Float!] flag: Boolean }
type Author @table { name: String! @unique books: [Book!]! @has(field: "author") }
`;
/** What is stored of every masked column. */
export const STORED = 'as stored';
export const APPLICATION: Caller = { kind: 'client', application: true, user: null };
const READS = { around: [], filter: false, read: true, safe: ['name', 'title', 'pages'] };

export type Tell = (rows: readonly PlainRow[], table: string) => ReadonlyMap<string, PlainRow>;
export const byId = (rows: readonly PlainRow[]) => new Map(rows.map((row) => [String(row['id']), row]));
const mask: Tell = (rows) =>
  byId(
    rows
      .filter((row) => !String(row['name'] ?? row['title']).startsWith('gone'))
      .map((row) => ('secret' in row ? { ...row, secret: 'masked' } : { ...row, code: null, extra: { masked: true } })),
  );

export interface ScriptedWorld {
  readonly database: TestDatabase;
  readonly pool: pg.Pool;
  readonly model: Model;
  close(): Promise<void>;
}

export async function openScriptedWorld(): Promise<ScriptedWorld> {
  const database = await openTestDatabase();
  const log = openLog({ level: 'silent', readable: false });
  const pool = openPool({ address: { url: database.url }, size: 2, statementTimeout: 10_000, lockTimeout: 2_000, log });
  const plain = await modelOf(SDL);
  await applyTables(database, plain);
  const model = withScripts(
    plain,
    new Map([
      ['Shelf', READS],
      ['Book', READS],
      ['Sample', READS],
    ]),
  );
  const extra = JSON.stringify({ why: STORED });
  await database.query(`INSERT INTO author (id, name) VALUES ('a', 'Ada')`);
  for (const [id, name, parent] of [
    ['s1', 'top', null],
    ['s2', 'middle', 's1'],
    ['s3', 'low', 's2'],
    ['s4', 'gone shelf', 's1'],
    ['s5', 'orphan', 's4'],
  ]) {
    await database.query('INSERT INTO shelf (id, name, code, extra, parent_id) VALUES ($1, $2, $3, $4, $5)', [
      id,
      name,
      STORED,
      extra,
      parent,
    ]);
  }
  for (const [id, title, shelf] of [
    ['b1', 'one', 's1'],
    ['b2', 'gone two', 's1'],
    ['b3', 'three', 's3'],
  ]) {
    await database.query(`INSERT INTO book (id, title, secret, shelf_id, author_id) VALUES ($1, $2, $3, $4, 'a')`, [
      id,
      title,
      STORED,
      shelf,
    ]);
  }
  return {
    database,
    pool,
    model,
    async close() {
      await pool.end();
      await database.close();
    },
  };
}

export interface Ran {
  readonly answers: readonly unknown[];
  /** What clients would be sent. */
  readonly bytes: string;
  /** How many rows each call of a script was given. */
  readonly calls: readonly string[];
}

/** Runs an operation, with scripts that tell so, or over the store alone. */
export async function run(
  { pool, model }: ScriptedWorld,
  text: string,
  inputs: Record<string, unknown> = {},
  tell: Tell = mask,
  scripted = true,
): Promise<Ran> {
  const calls: string[] = [];
  const scripts: RowScripts = {
    around: () => Promise.reject(new Error('nothing runs around writes here')),
    async read(table, rows) {
      calls.push(`${table.name} ${rows.length}`);
      for (const row of rows) assert.deepEqual(Object.keys(row), [...table.columns.keys()], 'a script sees whole rows');
      return tell(rows, table.name);
    },
  };
  const plain = new PostgresRecordStore(pool, model);
  const store = scripted ? scriptedReads(plain, scripts) : plain;
  const planner = plannerOf(model, classOf(APPLICATION, model), store);
  const { document, operation } = operationOf(planner, text);
  const fragments = document.definitions.filter((node) => node.kind === 'FragmentDefinition');
  const variables = coerce(planner, operation, inputs);
  const named = new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
  const { fields } = planOperation(planner, operation, named, variables);
  let ids = 0;
  const newId = () => `new${calls.length}-${ids++}-${Math.random()}`;
  const request = { caller: APPLICATION, variables, requestId: 'test', newId };
  const answers: unknown[] = [];
  let bytes = '';
  for (const field of fields) {
    const answer = await field.run(request).catch((error: unknown) => error);
    bytes += typeof answer === 'string' ? answer : JSON.stringify(answer) + String(answer);
    answers.push(typeof answer === 'string' ? JSON.parse(answer) : answer);
  }
  return { answers, bytes, calls: calls.sort() };
}
