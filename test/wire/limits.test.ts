// Limits of an operation as a client meets them: at them and over, before anything is run, whoever asks; and as settings.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { LIMITS, type Limits } from '../../src/graphql/limits.ts';
import { openKeptLog } from '../support/kept-log.ts';
import { type Answer, openTestService, type TestService } from '../support/open-test-service.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';

const TABLES = `
  type Part @table @permission(level: PUBLIC) { name: String parent: Part @belongsTo children: [Part!]! @has(field: "parent") }
`;
const OWN = { accept: 'application/graphql-response+json' };
const CALLERS = ['public', 'alice:moderator+app', 'admin'];

let database: TestDatabase;
const kept = openKeptLog();
const opened: TestService[] = [];
before(async () => {
  database = await openTestDatabase();
});
after(async () => {
  for (const app of opened) await app.close();
  await database.close();
});

async function open(limits: Partial<Limits> = {}): Promise<TestService> {
  const app = await openTestService({ sdl: TABLES, database, log: kept.log, limits: { ...LIMITS, ...limits } });
  opened.push(app);
  kept.take();
  return app;
}

function limitOf({ status, errors, data, text }: Answer) {
  assert.equal(errors?.length, 1, text);
  assert.deepEqual([status, data, errors[0]?.extensions['code']], [400, undefined, 'QUERY_TOO_COMPLEX'], text);
  return { message: errors[0]?.message, ...(errors[0]?.extensions['limit'] as object) };
}

describe('rows and cost', () => {
  const pages = 'query ($outer: Int, $inner: Int) { parts(first: $outer) { all: children(first: $inner) { name } } }';

  test('variables decide, with the limit, the value and the place in the answer', async () => {
    const app = await open();
    for (const as of CALLERS) {
      const taken = await app.ask(pages, { as, headers: OWN, variables: { outer: 1_000, inner: 9 } });
      assert.deepEqual([taken.status, taken.errors], [200, undefined], taken.text);
      const refused = await app.ask(pages, { as, headers: OWN, variables: { outer: 1_000, inner: 10 } });
      assert.deepEqual(limitOf(refused), {
        message:
          'The operation asks for up to 11000 rows, and may ask for 10000; parts.all is the first that is too much. It fits with first: 9 on parts.all, or with first: 909 on parts.',
        name: 'rows',
        max: 10_000,
        value: 11_000,
        path: ['parts', 'all'],
      });
    }
    assert.deepEqual(kept.take(), []);
  });

  test('what is counted costs too', async () => {
    const app = await open();
    const counts = (first: number) =>
      `{ parts(first: ${first}) { childrenConnection { a: totalCount b: totalCount } } }`;
    // 1 for the list; for each row 1, and 1 for its connection with two counts of 5.
    assert.equal((await app.ask(counts(1_000))).errors, undefined);
    const cost = 1 + 1_000 * (1 + 1 + 10);
    const strict = await open({ cost });
    assert.equal((await strict.ask(counts(1_000))).errors, undefined);
    const stricter = await open({ cost: cost - 1 });
    assert.deepEqual(limitOf(await stricter.ask(counts(1_000), { headers: OWN })), {
      message: `The operation costs ${cost}, and may cost ${cost - 1}; parts.childrenConnection is the first that is too much. It fits with first: 999 on parts.`,
      name: 'cost',
      max: cost - 1,
      value: cost,
      path: ['parts', 'childrenConnection'],
    });
  });

  test('nothing of an operation that is too much is run', async () => {
    const app = await open({ rows: 100 });
    const count = async () => (await database.query('SELECT FROM part')).length;
    const before = await count();
    const insert = (children: string) =>
      `mutation { one: insertPart(data: { name: "one" }) { id } two: insertPart(data: { name: "two" }) { children${children} { id } } }`;
    limitOf(await app.ask(insert('(first: 99)'), { headers: OWN }));
    assert.equal(await count(), before);
    assert.equal((await app.ask(insert('(first: 98)'))).errors, undefined);
    assert.equal(await count(), before + 2);
  });

  test('a client of the old type gets 200, and the same', async () => {
    const app = await open({ rows: 10 });
    const { status, errors, data } = await app.ask('{ parts { name } }');
    assert.deepEqual([status, data, errors?.[0]?.extensions['code']], [200, undefined, 'QUERY_TOO_COMPLEX']);
  });

  test('introspection is not weighed, and what is wrong fails its own field', async () => {
    const app = await open({ rows: 1, cost: 1 });
    assert.equal((await app.ask('{ __schema { types { name fields { name } } } viewer { level } }')).errors, undefined);
    const { errors } = await app.ask('{ node(nodeId: "broken") { nodeId } }');
    assert.deepEqual([errors?.[0]?.extensions['code'], errors?.[0]?.path], ['BAD_USER_INPUT', ['node']]);
  });
});

describe('as settings', () => {
  test('pages have another size and another bound, and the schema says so', async () => {
    const app = await open({ pageSize: 2, page: 3 });
    for (const name of ['a', 'b', 'c', 'd']) await app.ask(`mutation { insertPart(data: { name: "${name}" }) { id } }`);
    const { data } = await app.ask(
      '{ a: parts { id } b: parts(first: null) { id } c: partsConnection { nodes { id } } d: partsConnection(last: 3) { nodes { id } } }',
    );
    const { a, b, c, d } = data as { a: unknown[]; b: unknown[]; c: { nodes: unknown[] }; d: { nodes: unknown[] } };
    assert.deepEqual([a.length, b.length, c.nodes.length, d.nodes.length], [2, 2, 2, 3]);
    for (const field of ['parts(first: 4) { id }', 'partsConnection(last: 4) { nodes { id } }']) {
      const { errors } = await app.ask(`{ ${field} }`);
      assert.match(errors?.[0]?.message ?? '', /^(first|last) must be from 0 to 3, and is 4$/);
    }
    const { text } = await app.ask('{ __type(name: "Query") { fields { args { name defaultValue description } } } }');
    assert.match(text, /"first","defaultValue":"2","description":"How many rows, at most 3\."/);
    assert.match(text, /at most 3; 2 when last is not given either/);
  });

  const DOCUMENTS = [
    {
      limit: 'depth',
      max: 2,
      taken: '{ parts { id } }',
      refused: '{ parts { parent { id } } }',
      says: /has 3 levels of fields, and may have 2; parts\.parent\.id is/,
      admin: '{ tables { columns { name } } }',
    },
    {
      limit: 'aliases',
      max: 1,
      taken: '{ a: parts { id } }',
      refused: '{ a: parts { id } b: parts { id } }',
      says: /has 2 fields under another name, and may have 1; b is/,
      admin: '{ a: service { version } b: service { version } }',
    },
    {
      limit: 'fields',
      max: 3,
      taken: '{ parts { id name } }',
      refused: '{ parts { id name version } }',
      says: /has 4 fields, and may have 3; parts\.version is/,
      admin: '{ service { version startedAt databaseVersion } }',
    },
  ];
  for (const { limit, max, taken, refused, says, admin } of DOCUMENTS) {
    test(`${limit}, in the app's API and the admin's`, async () => {
      const app = await open({ [limit]: max });
      assert.equal((await app.ask(taken)).errors, undefined);
      assert.match(limitOf(await app.ask(refused, { headers: OWN })).message ?? '', says);
      const answer = await app.ask(admin, { as: 'admin', path: '/admin/graphql', headers: OWN });
      assert.match(limitOf(answer).message ?? '', new RegExp(`and may have ${max};`));
    });
  }
});

describe('filters and orders', () => {
  const CASES = [
    {
      limits: { filterDepth: 2 },
      taken: 'where: { parent: { name: { eq: "x" } } }',
      refused: 'where: { parent: { NOT: { name: { eq: "x" } } } }',
      limit: { name: 'filterDepth', max: 2, value: 3 },
      at: 'where.parent.NOT',
      message: 'A filter nests 3 levels of AND, OR, NOT and relations, and may nest 2',
    },
    {
      limits: { filterConditions: 2 },
      taken: 'where: { children: { count: { gt: 1 } } }',
      refused: 'where: { OR: [{ name: { gt: "x", lt: "y", ignoreCase: true } }, { parent: {} }] }',
      limit: { name: 'filterConditions', max: 2, value: 3 },
      at: 'where.OR.1.parent',
      message: 'A filter has 3 conditions, and may have 2',
    },
    {
      limits: { orderKeys: 2 },
      taken: 'orderBy: [{ name: ASC }, { id: ASC }]',
      refused: 'orderBy: [{ name: ASC }, { id: ASC }, { name: DESC }]',
      limit: { name: 'orderKeys', max: 2, value: 3 },
      at: 'orderBy.2',
      message: 'An orderBy has 3 keys, and may have 2',
    },
    {
      limits: { orderRelations: 1 },
      taken: 'orderBy: [{ parent: { name: ASC } }, { parent: { children: { count: ASC } } }]',
      refused: 'orderBy: [{ id: ASC }, { parent: { parent: { parent: { name: ASC } } } }]',
      limit: { name: 'orderRelations', max: 1, value: 3 },
      at: 'orderBy.1.parent.parent',
      message: 'A key of an orderBy goes through 3 relations, and may go through 1',
    },
  ];
  for (const { limits, taken, refused, limit, at, message } of CASES) {
    test(`${limit.name}: at it and over, wherever it stands`, async () => {
      const app = await open(limits);
      const id = 'filtered';
      const nodeId = Buffer.from(`Part:${id}`).toString('base64url');
      const places = [
        { path: ['parts'], operation: (args: string) => `{ parts(${args}) { id } ok: parts { id } }` },
        {
          path: ['parts', 'all', 'edges', 'node', 'children'],
          operation: (args: string) =>
            `{ parts(first: 2) { all: childrenConnection(first: 2) { edges { node { children(${args}) { id } } } } } }`,
        },
        {
          path: ['node', 'children'],
          operation: (args: string) => `{ node(nodeId: "${nodeId}") { ... on Part { children(${args}) { id } } } }`,
        },
        {
          path: ['insertPart', 'children'],
          operation: (args: string) =>
            `mutation { first: insertPart(data: { id: "${id}" }) { id } insertPart(data: { name: "n" }) { children(${args}) { id } } }`,
        },
      ];
      for (const { path, operation } of places) {
        const answer = limitOf(await app.ask(operation(refused), { headers: OWN }));
        const place = [...path, ...at.split('.')];
        assert.deepEqual({ ...answer, message: '' }, { message: '', ...limit, path: place });
        assert.ok(
          answer.message?.startsWith(`${message}; ${place.join('.')} is the first that is too much. `),
          answer.message,
        );
      }
      const rows = `SELECT FROM part WHERE id = '${id}'`;
      assert.equal((await database.query(rows)).length, 0, 'nothing of a mutation that is too much is run');
      for (const { operation } of places) assert.equal((await app.ask(operation(taken))).errors, undefined);
      await database.query(rows.replace('SELECT', 'DELETE'));
    });
  }

  test('in variables, and in having', async () => {
    const app = await open({ filterConditions: 1, filterDepth: 2 });
    const query = 'query ($where: PartWhere) { all: parts(where: $where) { id } }';
    const ask = (where: object) => app.ask(query, { headers: OWN, variables: { where } });
    assert.equal((await ask({ name: { eq: 'x' } })).errors, undefined);
    assert.match(limitOf(await ask({ name: { eq: 'x' }, id: { eq: 'x' } })).message ?? '', /; all\.where\.name\.eq is/);
    const having = 'having: { count: { gt: 1, lt: 5 } }';
    const refused = await app.ask(`{ partsAggregate(${having}) { count } }`, { headers: OWN });
    assert.match(limitOf(refused).message ?? '', /2 conditions, .* partsAggregate\.having\.count\.\w+ is/);
    const each = 'partsAggregate(where: { name: { eq: "x" } }, having: { count: { gt: 1 } }) { count }';
    assert.equal(
      (await app.ask(`{ ${each} again: ${each} }`)).errors,
      undefined,
      'each filter has a budget of its own',
    );
  });
});
