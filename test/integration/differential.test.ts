// The whole read engine against loops over rows: random tables, rules and rows, and random questions about them, several to
// a request, asked by different callers. Answers must be equal, and each question must be one statement.
//
// A failure names its seed; TABLECAST_TEST_SEED=<seed> asks the same again.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type pg from 'pg';
import type { Caller } from '../../src/access/caller.ts';
import { serviceCaller } from '../../src/access/caller.ts';
import { type Planner, planOperation } from '../../src/graphql/plan-operation.ts';
import { openLog } from '../../src/platform/log.ts';
import { openPool } from '../../src/stores/postgres/open-pool.ts';
import { PostgresRecordStore } from '../../src/stores/postgres/postgres-record-store.ts';
import { quoteName, tableName } from '../../src/stores/postgres/sql-text.ts';
import { type Model, tableOf } from '../../src/tables/model.ts';
import { applyTables } from '../support/apply-tables.ts';
import { modelOf } from '../support/open-test-service.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { classOf, coerce, operationOf, plannerOf } from '../unit/stores/recording-store.ts';
import { type Asker, Questioner } from './differential-questions.ts';
import { Dice, makeWorld, toStored, type World } from './differential-world.ts';
import { Fraction, isAverage } from './naive-aggregates.ts';

const SEED = Number(process.env['TABLECAST_TEST_SEED'] ?? Date.now() % 2 ** 31);
const WORLDS = 6;
const QUESTIONS_PER_WORLD = 500;
const ASKERS: readonly Asker[] = [
  { admin: true, user: null },
  { admin: false, user: 'alice' },
  { admin: false, user: null },
];

/** The pool, and what was sent through it. */
function listening(pool: pg.Pool, sent: string[]): pg.Pool {
  const heard = (client: pg.PoolClient) =>
    new Proxy(client, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (name !== 'query' || typeof value !== 'function')
          return typeof value === 'function' ? value.bind(target) : value;
        return (...given: unknown[]) => {
          sent.push(String(given[0]));
          return Reflect.apply(value, target, given);
        };
      },
    });
  return new Proxy(pool, {
    get(target, name) {
      if (name === 'connect') return async () => heard(await target.connect());
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

async function fill(database: TestDatabase, { tables, links }: World, model: Model): Promise<void> {
  const stored = tables.map(toStored);
  const inserts = stored.map(({ names }, at) => {
    const target = tableName(tableOf(model, tables[at]?.name ?? ''));
    const columns = names.map(quoteName).join(', ');
    return `i${at} AS (INSERT INTO ${target} (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::${target}, $${at + 1}))`;
  });
  // One statement, because rows of one table point at rows of another, and round in circles.
  await database.query(
    `WITH ${inserts.join(', ')} SELECT`,
    stored.map(({ rows }) => JSON.stringify(rows)),
  );
  for (const { owner, relation, pairs } of links) {
    const link = tableOf(model, owner.name).relations.get(relation)?.link;
    assert.ok(link, relation);
    await database.query(
      `INSERT INTO ${tableName(link)} (${quoteName(link.ownerColumn)}, ${quoteName(link.targetColumn)})
       SELECT pair->>0, pair->>1 FROM json_array_elements($1) AS pairs (pair)`,
      [JSON.stringify(pairs)],
    );
  }
}

/** One request of several root fields. Tells how many answers have rows in them. */
async function askSome(
  dice: Dice,
  world: World,
  planners: readonly Planner[],
  sent: string[],
): Promise<{ readonly asked: number; readonly telling: number }> {
  const at = dice.below(ASKERS.length);
  const [asker, planner] = [ASKERS[at] as Asker, planners[at] as Planner];
  const questioner = new Questioner(dice, asker);
  const questions = Array.from({ length: 1 + dice.below(5) }, () => questioner.question(dice.pick(world.tables)));
  const fields = questions.map(({ text }, number) => `q${number}: ${text}`).join('\n  ');
  const used = questioner.variables.filter(({ name }) => new RegExp(`\\$${name}\\b`).test(fields));
  const definitions = used.map(({ name, type }) => `$${name}: ${type}`).join(', ');
  const query = `query Q${definitions ? `(${definitions})` : ''} {\n  ${fields}\n}`;
  const inputs = JSON.parse(JSON.stringify(Object.fromEntries(used.map(({ name, value }) => [name, value]))));
  const { operation } = operationOf(planner, query);
  const variables = coerce(planner, operation, inputs);
  const plan = planOperation(planner, operation, new Map(), variables);
  const request = { caller: callerOf(asker), variables, requestId: 'differential', newId: () => 'none' };
  sent.length = 0;
  const answers = await Promise.all(plan.fields.map((field) => field.run(request)));
  const told = () => `${query}\n${JSON.stringify(inputs)}`;
  assert.equal(sent.length, questions.length, `${sent.length} statements:\n${told()}`);
  for (const [number, { answer }] of questions.entries()) {
    try {
      assertSame(JSON.parse(answers[number] ?? ''), answer, `q${number}`);
    } catch (error) {
      throw new Error(`${told()}\nas ${JSON.stringify(asker)}`, { cause: error });
    }
  }
  return { asked: questions.length, telling: questions.filter(({ answer }) => isTelling(answer)).length };
}

const isTelling = (answer: unknown) => answer !== null && (!Array.isArray(answer) || answer.length > 0);

function callerOf({ admin, user }: Asker): Caller {
  if (admin) return serviceCaller('differential test');
  return { kind: 'client', application: false, user: user === null ? null : { id: user, roles: [], claims: {} } };
}

/** Exactly the same, but for averages, which are held as fractions. */
function assertSame(actual: unknown, expected: unknown, path: string): void {
  if (expected instanceof Fraction) {
    assert.ok(
      isAverage(String(actual), expected),
      `${path}: ${actual} is not ${expected.sum.units} / ${expected.count}`,
    );
  } else if (typeof expected === 'object' && expected !== null && typeof actual === 'object' && actual !== null) {
    assert.deepEqual(Object.keys(actual), Object.keys(expected), path);
    for (const [key, value] of Object.entries(expected)) assertSame(Reflect.get(actual, key), value, `${path}.${key}`);
  } else assert.deepStrictEqual(actual, expected, path);
}

describe('reading is what loops over the rows say', () => {
  const log = openLog({ level: 'silent', readable: false });
  for (let number = 0; number < WORLDS; number++) {
    const seed = (SEED + number) % 2 ** 31;
    test(`in the world of seed ${seed}: ${QUESTIONS_PER_WORLD} questions`, async () => {
      const dice = new Dice(seed);
      const world = makeWorld(dice);
      const model = await modelOf(world.sdl);
      const database = await openTestDatabase();
      const pool = openPool({
        address: { url: database.url },
        size: 5,
        statementTimeout: 10_000,
        lockTimeout: 2_000,
        log,
      });
      try {
        await applyTables(database, model);
        await fill(database, world, model);
        const sent: string[] = [];
        const store = new PostgresRecordStore(listening(pool, sent), model);
        const planners = ASKERS.map((asker) => plannerOf(model, classOf(callerOf(asker), model), store));
        const told = { asked: 0, telling: 0 };
        while (told.asked < QUESTIONS_PER_WORLD) {
          const { asked, telling } = await askSome(dice, world, planners, sent);
          told.asked += asked;
          told.telling += telling;
        }
        // Answers without rows are easily equal.
        assert.ok(told.telling > told.asked / 10, `${told.telling} of ${told.asked} answers have rows`);
      } catch (error) {
        throw new Error(
          `TABLECAST_TEST_SEED=${seed}\n${world.sdl}\n${error instanceof Error ? error.message : error}`,
          { cause: error },
        );
      } finally {
        await pool.end();
        await database.close();
      }
    });
  }
});
