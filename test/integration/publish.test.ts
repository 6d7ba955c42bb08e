// Publishing other tables while the service runs: running operations finish on the schema that they began with, the next
// ones see the new one, and a model that cannot be applied changes nothing.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { ModelRefused } from '../../src/stores/postgres/apply/apply-model.ts';
import { type Answer, modelOf, openTestService, type TestService } from '../support/open-test-service.ts';

const FIRST = `
enum Mood { SAD HAPPY }
type Note @table @permission(level: PUBLIC) { text: String! mood: Mood gone: Int! old: String @permission(level: USER, roles: ["clerk"]) }`;
const SECOND = `
enum Mood { SAD HAPPY CALM }
type Note @table @permission(level: PUBLIC) { text: String! mood: Mood more: Int! @default(value: "5") tags: [Tag!]! @has(field: "note")
  old: String @permission(level: USER, roles: ["boss"]) }
type Tag @table @permission(level: PUBLIC) { name: String! @unique note: Note @belongsTo }`;

const codes = ({ errors }: Answer) => errors?.map(({ extensions }) => extensions['code']) ?? [];

async function ask(app: TestService, query: string, as = 'public'): Promise<Answer['data']> {
  const answer = await app.ask(query, { as });
  assert.deepEqual(codes(answer), [], answer.text);
  return answer.data;
}

describe('publishing', () => {
  let app: TestService;
  before(async () => {
    app = await openTestService({ sdl: FIRST });
    await ask(app, 'mutation { insertNote(data: { id: "n", text: "t", mood: SAD, gone: 1 }) { id } }');
  });
  after(() => app.close());

  test('a model with more while queries run: none fails, and running ones finish', async () => {
    const query = '{ notes(first: 1000) { id text mood } __type(name: "Tag") { name } }';
    await ask(app, query);
    // Holds what is running now, and what publishing needs, until it is let go.
    const holder = new pg.Client({ connectionString: app.database.url });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE note IN ACCESS EXCLUSIVE MODE');
    const held = Promise.all(['public', 'app', 'admin'].map((as) => ask(app, query, as)));
    let published = false;
    const publishing = modelOf(SECOND)
      .then((model) => app.service.publish(model))
      .then(() => {
        published = true;
      });
    await waiting(app, 3);
    assert.equal(published, false);
    await holder.query('COMMIT');
    await holder.end();
    let asked = 0;
    while (!published) {
      asked++;
      await Promise.all([
        ask(app, query),
        ask(app, query, 'alice:clerk'),
        ask(app, `{ notes { id k${asked}: text } }`),
      ]);
    }
    await publishing;
    const row = { id: 'n', text: 't', mood: 'SAD' };
    for (const data of await held) assert.deepEqual(data?.['notes'], [row]);
    assert.deepEqual(await ask(app, query), { notes: [row], __type: { name: 'Tag' } });
  });

  test('the next introspection sees it, for every caller', async () => {
    for (const as of ['public', 'app', 'alice+app', 'admin']) {
      const { __type, mood } = (await ask(
        app,
        '{ __type(name: "Note") { fields { name } } mood: __type(name: "Mood") { enumValues { name } } }',
        as,
      )) as Record<string, Record<string, { name: string }[]>>;
      const names = __type?.['fields']?.map(({ name }) => name) ?? [];
      assert.ok(names.includes('more') && names.includes('tags') && !names.includes('gone'), `${as}: ${names.join()}`);
      assert.deepEqual(
        mood?.['enumValues']?.map(({ name }) => name),
        ['SAD', 'HAPPY', 'CALM'],
      );
    }
  });

  test('what is new works, over rows that were there', async () => {
    assert.deepEqual(await ask(app, '{ notes { more tags { name } } }'), { notes: [{ more: 5, tags: [] }] });
    const insert = 'mutation { insertTag(data: { name: "x", noteId: "n" }) { note { tags { name } } } }';
    assert.deepEqual(await ask(app, insert), { insertTag: { note: { tags: [{ name: 'x' }] } } });
    assert.deepEqual(codes(await app.ask(insert)), ['CONSTRAINT_VIOLATION'], 'unique');
    assert.deepEqual(await ask(app, 'mutation { insertNote(data: { text: "y", mood: CALM }) { mood more } }'), {
      insertNote: { mood: 'CALM', more: 5 },
    });
  });

  test('what is gone is not there, whether or not it was asked for before', async () => {
    for (const query of ['{ notes { gone } }', 'mutation { insertNote(data: { text: "t", gone: 1 }) { id } }'])
      assert.deepEqual(codes(await app.ask(query)), ['GRAPHQL_VALIDATION_FAILED']);
  });

  test('roles are those of the new model', async () => {
    assert.deepEqual(codes(await app.ask('{ notes { old } }', { as: 'alice:clerk' })), ['FORBIDDEN']);
    assert.deepEqual(await ask(app, '{ notes(first: 1) { old } }', 'alice:boss'), { notes: [{ old: null }] });
  });

  for (const [name, sdl, reason] of [
    ['a column of another type', SECOND.replace('text: String!', 'text: Int!'), /Note.text is text in the database/],
    ['a new required column', SECOND.replace('mood: Mood', 'mood: Mood must: Int!'), /Note.must is new and required/],
    [
      'an enum without a value that rows have',
      SECOND.replace('SAD HAPPY CALM', 'SAD HAPPY'),
      /Note.mood is none of SAD, HAPPY in 1 row; with --allow narrow:Note.mood/,
    ],
  ] as const) {
    test(`a model that cannot be applied leaves the old one serving: ${name}`, async () => {
      const query = '{ notes(first: 1) { id more } __schema { types { name fields { name } } } }';
      const old = await ask(app, query);
      await assert.rejects(
        modelOf(sdl).then((model) => app.service.publish(model)),
        (error: unknown) => error instanceof ModelRefused && reason.test(error.message),
      );
      assert.deepEqual(await ask(app, query), old);
      assert.deepEqual(await ask(app, 'mutation { insertNote(data: { text: "still" }) { text } }'), {
        insertNote: { text: 'still' },
      });
    });
  }

  test('back to what was: the values that were left are there again', async () => {
    await app.database.query('UPDATE note SET gone = 2 WHERE gone IS NULL');
    await app.database.query(`UPDATE note SET mood = 'SAD' WHERE mood = 'CALM'`);
    await app.service.publish(await modelOf(FIRST));
    assert.deepEqual(await ask(app, '{ note(by: { id: "n" }) { text gone } __type(name: "Tag") { name } }'), {
      note: { text: 't', gone: 1 },
      __type: null,
    });
  });

  test('many at once, by several callers, end with one of them', async () => {
    const models = await Promise.all(
      [FIRST, SECOND, FIRST.replace('gone: Int!', 'gone: Int! extra: Int')].map(modelOf),
    );
    let done = false;
    const publishing = Promise.all(models.map((model) => app.service.publish(model))).then(() => {
      done = true;
    });
    while (!done) await Promise.all(['public', 'app', 'admin'].map((as) => ask(app, '{ notes { id text } }', as)));
    await publishing;
    await app.service.publish(models[1] ?? assert.fail());
    assert.deepEqual(await ask(app, '{ notes(first: 0) { more } }'), { notes: [] });
  });
});

/** Resolves when so many statements wait for a lock. */
async function waiting({ database }: TestService, count: number): Promise<void> {
  for (;;) {
    const rows = await database.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    if (rows.length >= count) return;
  }
}
