// What callers are told when something breaks, what the log is told, and what schema and suggestions give away.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { openAdminServer } from '../../src/graphql/admin-server.ts';
import { LIMITS } from '../../src/graphql/limits.ts';
import { ServiceError } from '../../src/platform/errors.ts';
import { openKeptLog } from '../support/kept-log.ts';
import { type Answer, openTestService, type TestService } from '../support/open-test-service.ts';

const TABLES = `
  enum Mood { GOOD BAD }
  type Note @table @permission(level: PUBLIC) { text: String! @length(max: 100) mood: Mood tasks: [Task!]! @has(field: "note") }
  type Task @table @permission(level: PUBLIC) { title: String! note: Note! @belongsTo }
`;

const codes = ({ errors }: Answer) => errors?.map(({ extensions }) => extensions['code']) ?? [];

describe('what nobody foresaw', () => {
  const kept = openKeptLog();
  let app: TestService;
  before(async () => {
    app = await openTestService({ sdl: TABLES, log: kept.log });
    await app.ask('mutation { insertNote(data: { id: "n", text: "kept" }) { id } }');
    await app.database.query(`
      ALTER TABLE task RENAME TO hidden_away;
      CREATE FUNCTION secret_function() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'password=hunter2 at 10.0.0.5' USING DETAIL = 'row (hunter2)', HINT = 'hunter2'; END $$;
      CREATE TRIGGER breaks BEFORE INSERT ON note FOR EACH ROW EXECUTE FUNCTION secret_function();
    `);
  });
  after(() => app?.close());

  const LEAKS =
    /hunter2|10\.0\.0\.5|secret_function|hidden_away|plpgsql|relation|SELECT|INSERT INTO|node_modules|\.ts\b| {4}at /;
  const CASES: readonly { name: string; query: string; paths: unknown[]; data: unknown }[] = [
    { name: 'a table that is gone', query: '{ tasks { id } }', paths: [['tasks']], data: { tasks: null } },
    {
      name: 'a table that is gone, below one that is there',
      query: '{ notes { tasks { title } } }',
      paths: [['notes']],
      data: { notes: null },
    },
    {
      name: 'a trigger that raises',
      query: 'mutation { insertNote(data: { text: "x" }) { id } }',
      paths: [['insertNote']],
      data: { insertNote: null },
    },
    {
      name: 'a trigger that raises inside a transaction',
      query: 'mutation { insertNote(data: { text: "x" }) { id tasks { id } } }',
      paths: [['insertNote']],
      data: { insertNote: null },
    },
    {
      name: 'one field beside another',
      query: '{ bad: tasks { id } good: notes { text } worse: task(by: { id: "x" }) { id } }',
      paths: [['bad'], ['worse']],
      data: { bad: null, good: [{ text: 'kept' }], worse: null },
    },
  ];
  for (const { name, query, paths, data } of CASES) {
    test(`${name} is masked, and logged once under the same request id`, async () => {
      kept.take();
      const requestId = `request-${name.replaceAll(/\W/g, '-')}`;
      const answer = await app.ask(query, { headers: { 'x-request-id': requestId } });
      assert.equal(answer.status, 200);
      assert.deepEqual(answer.data, data);
      assert.deepEqual(answer.errors?.map(({ path }) => path).sort(), paths);
      for (const { extensions, message } of answer.errors ?? []) {
        assert.deepEqual(extensions, { code: 'INTERNAL_SERVER_ERROR', requestId });
        assert.match(message, /request id/);
      }
      assert.doesNotMatch(answer.text, LEAKS);
      const lines = kept.take();
      assert.deepEqual(
        lines.map((line) => [line.level, line['requestId'], line['path']]),
        paths.map((path) => ['error', requestId, path]),
      );
      for (const line of lines) assert.match(String(line['error']), /does not exist|hunter2/);
    });
  }

  test('what a client did wrong is not logged', async () => {
    kept.take();
    const wrong = { ...Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`v${i}`, {}])) };
    const manyVariables = `query (${Object.keys(wrong).map((name) => `$${name}: Int`)}) { notes(first: $v0, skip: $v1) { id } }`;
    const answers = [
      await app.ask('{'),
      await app.ask('{ nope }'),
      await app.ask('query ($n: Int) { notes(first: $n) { id } }', { variables: { n: 'x' } }),
      await app.ask(manyVariables, { variables: wrong }),
      await app.ask('{ notes(first: -1) { id } }'),
      await app.ask('{ viewer { level } }', { headers: { authorization: 'Bearer x' } }),
      await app.ask('{ viewer { level } }', { headers: { 'content-type': 'text/plain' } }),
      await app.ask('{ viewer { level } }', { path: '/nothing' }),
    ];
    for (const answer of answers) assert.ok(!codes(answer).includes('INTERNAL_SERVER_ERROR'), answer.text);
    assert.deepEqual(kept.take(), []);
  });

  test("too many wrong variables are the caller's, too", async () => {
    const names = Array.from({ length: 30 }, (_, i) => `v${i}`);
    const uses = names.map((name) => `${name}: notes(first: $${name}) { id }`).join(' ');
    const query = `query (${names.map((name) => `$${name}: Int`).join()}) { ${uses} }`;
    const answer = await app.ask(query, { variables: Object.fromEntries(names.map((name) => [name, {}])) });
    assert.deepEqual(new Set(codes(answer)), new Set(['BAD_USER_INPUT']));
    assert.equal(answer.errors?.length, 11);
  });
});

describe('the admin API', () => {
  const kept = openKeptLog();
  const failing = (error: Error) => ({
    version: '0.0.0',
    startedAt: new Date(),
    databaseVersion: '18',
    model: () => {
      throw error;
    },
    appliedModels: () => Promise.reject(error),
  });
  const ask = async (error: Error, requestId: string) => {
    const admin = openAdminServer(failing(error), kept.log, LIMITS);
    try {
      const caller = { kind: 'admin', reason: 'test', user: null } as const;
      const server = await admin.serverFor(caller);
      const query = '{ service { modelVersion } }';
      const { body, http } = await server.executeOperation({ query }, { contextValue: { caller, requestId } });
      assert.equal(body.kind, 'single');
      return { errors: body.kind === 'single' ? body.singleResult.errors : [], status: http.status };
    } finally {
      await admin.close();
    }
  };

  test('masks what nobody foresaw, and logs it once under the same request id', async () => {
    kept.take();
    const { errors } = await ask(new Error('hunter2'), 'request-1');
    assert.deepEqual(errors?.[0]?.extensions, { code: 'INTERNAL_SERVER_ERROR', requestId: 'request-1' });
    assert.doesNotMatch(JSON.stringify(errors), /hunter2/);
    const lines = kept.take();
    assert.deepEqual(
      lines.map((line) => [line.level, line['requestId']]),
      [['error', 'request-1']],
    );
    assert.match(String(lines[0]?.['error']), /hunter2/);
  });

  test('says what is meant for callers', async () => {
    kept.take();
    const { errors } = await ask(new ServiceError('CONFLICT', 'Somebody was faster.'), 'request-2');
    assert.equal(errors?.[0]?.message, 'Somebody was faster.');
    assert.deepEqual(errors?.[0]?.extensions, { code: 'CONFLICT', requestId: 'request-2' });
    assert.deepEqual(kept.take(), []);
  });
});

describe('introspection', () => {
  let open: TestService;
  let closed: TestService;
  before(async () => {
    open = await openTestService({ sdl: TABLES });
    closed = await openTestService({ sdl: TABLES, http: { introspection: false }, database: open.database });
  });
  after(async () => {
    await closed.close();
    await open.close();
  });

  const SPELLINGS = [
    '{ __schema { queryType { name } } }',
    '{ __type(name: "Note") { name } }',
    '{ a: __schema { queryType { name } } }',
    '{ a: __type(name: "Note") { name } }',
    '{ ... { __schema { queryType { name } } } }',
    '{ ... on Query { __type(name: "Note") { name } } }',
    '{ ...F } fragment F on Query { __schema { queryType { name } } }',
    '{ viewer { level } ...F } fragment F on Query { ...G } fragment G on Query { x: __type(name: "Note") { name } }',
    'query A { viewer { level } } query B { __schema { queryType { name } } }',
    'query ($no: Boolean!) { __schema @include(if: $no) { queryType { name } } viewer { level } }',
  ];
  for (const query of SPELLINGS) {
    test(`is for the master key alone when it is off: ${query}`, async () => {
      const asking = { operationName: /query B/.test(query) ? 'B' : undefined, variables: { no: true } };
      const options = {
        variables: asking.variables,
        ...(asking.operationName ? { operationName: asking.operationName } : {}),
      };
      for (const as of ['public', 'app', 'alice', 'alice+app']) {
        const answer = await closed.ask(query, { as, ...options });
        assert.deepEqual([...new Set(codes(answer))], ['GRAPHQL_VALIDATION_FAILED'], answer.text);
        assert.equal(answer.data, undefined);
        assert.equal((await open.ask(query, { as, ...options })).errors, undefined);
      }
      assert.equal((await closed.ask(query, { as: 'admin', ...options })).errors, undefined);
    });
  }

  test('a document that an admin has run is no more valid for the others', async () => {
    const query = '{ __schema { queryType { name } types { name } } }';
    assert.equal((await closed.ask(query, { as: 'admin' })).errors, undefined);
    assert.deepEqual(codes(await closed.ask(query)), ['GRAPHQL_VALIDATION_FAILED']);
  });

  test('an admin who registers a persisted query opens it to nobody', async () => {
    const query = '{ __schema { queryType { name } } }';
    const extensions = { persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') } };
    const send = async (body: object, headers: Record<string, string>) => {
      const response = await fetch(`${closed.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });
      return (await response.json()) as { data?: unknown; errors?: { extensions: { code: string } }[] };
    };
    assert.ok((await send({ query, extensions }, { 'x-master-key': 'test-master-key-0123456789abcdef-9876' })).data);
    const answer = await send({ extensions }, {});
    assert.deepEqual(
      answer.errors?.map((error) => error.extensions.code),
      ['GRAPHQL_VALIDATION_FAILED'],
    );
  });

  test('__typename is no introspection', async () => {
    assert.deepEqual((await closed.ask('{ __typename viewer { __typename } }')).data, {
      __typename: 'Query',
      viewer: { __typename: 'Viewer' },
    });
  });

  test('going in circles is refused even where introspection is on', async () => {
    const circle = (depth: number): string => (depth === 0 ? '{ name }' : `{ fields { type ${circle(depth - 1)} } }`);
    assert.deepEqual(codes(await open.ask(`{ __schema { types ${circle(5)} } }`)), ['GRAPHQL_VALIDATION_FAILED']);
  });
});

describe('suggestions', () => {
  let development: TestService;
  let production: TestService;
  before(async () => {
    development = await openTestService({ sdl: TABLES });
    production = await openTestService({ sdl: TABLES, production: true, database: development.database });
  });
  after(async () => {
    await production.close();
    await development.close();
  });

  const insert = 'mutation ($data: NoteInsert!) { insertNote(data: $data) { id } }';
  const NEAR: readonly { name: string; query: string; variables?: Record<string, unknown> }[] = [
    { name: 'a root field', query: '{ note { id } }'.replace('note', 'nots') },
    { name: 'a column', query: '{ notes { texd } }' },
    { name: 'a relation', query: '{ notes { task { id } } }' },
    { name: 'an argument', query: '{ notes(frist: 1) { id } }' },
    { name: 'a type', query: 'query ($a: Notee) { viewer { level } }' },
    { name: 'an argument of a directive', query: '{ viewer @skip(iff: true) { level } }' },
    { name: 'a fragment on a type', query: '{ notes { ...F } } fragment F on Noe { id }' },
    { name: 'a field of an input', query: 'mutation { insertNote(data: { texxt: "x", text: "x" }) { id } }' },
    { name: 'a value of an enum', query: 'mutation { insertNote(data: { text: "x", mood: GOOT }) { id } }' },
    { name: 'a field of an input in a variable', query: insert, variables: { data: { text: 'x', modo: 'GOOD' } } },
    { name: 'a value of an enum in a variable', query: insert, variables: { data: { text: 'x', mood: 'GOOT' } } },
  ];
  for (const { name, query, variables } of NEAR) {
    test(`for what is nearly ${name} are for developers only`, async () => {
      const asking = variables ? { variables } : {};
      assert.match((await development.ask(query, asking)).text, /Did you mean/, 'nothing to hide here');
      assert.match((await production.ask(query, { ...asking, as: 'admin' })).text, /Did you mean/);
      for (const as of ['public', 'app', 'alice+app']) {
        const answer = await production.ask(query, { ...asking, as });
        assert.ok(answer.errors, answer.text);
        assert.doesNotMatch(answer.text, /did you mean/i);
      }
    });
  }
});
