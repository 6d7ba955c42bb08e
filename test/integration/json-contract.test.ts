// The JSON contract, row by row (docs/decisions/0004-json-from-postgresql.md): what comes out of PostgreSQL is what was
// put in, and has the shape that GraphQL says.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { buildClientSchema, getIntrospectionQuery, isNonNullType } from 'graphql';
import { headersOf, openTestService, type TestService } from '../support/open-test-service.ts';
import { ALL_TYPES_SDL, listColumn, TYPE_CASES } from './all-types.ts';

let app: TestService;
before(async () => {
  app = await openTestService({ sdl: ALL_TYPES_SDL, http: { bodyLimit: 5_000_000 } });
});
after(() => app?.close());

interface Answer {
  readonly data: Record<string, Record<string, unknown>>;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: unknown;
    readonly extensions: { code: string };
  }[];
  readonly text: string;
}

/** Sends variables as they are written: JSON.stringify would lose what is tested here. */
async function post(query: string, variables = '{}', as = 'public'): Promise<Answer> {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headersOf(as) },
    body: `{"query":${JSON.stringify(query)},"variables":${variables}}`,
  });
  const text = await response.text();
  return { ...(JSON.parse(text) as Answer), text };
}

async function ask(query: string, variables?: string): Promise<Answer['data']> {
  const { data, errors, text } = await post(query, variables);
  assert.equal(errors, undefined, text.slice(0, 500));
  return data;
}

const REFUSALS = ['BAD_USER_INPUT', 'GRAPHQL_VALIDATION_FAILED', 'GRAPHQL_PARSE_FAILED', 'CONSTRAINT_VIOLATION'];

describe('values', () => {
  for (const { type, column, values, refused } of TYPE_CASES) {
    const many = listColumn(column);
    const expected = values.map(({ answer }) => JSON.parse(answer) as unknown);
    const row = `{ id ${column} ${many} }`;
    const inserts = (data: readonly string[], definitions = '') =>
      `mutation ${definitions} { ${data.map((given, at) => `i${at}: insertThing(data: { ${given} }) ${row}`).join(' ')} }`;

    /** What inserts answer, which is what is read afterwards. */
    const insertAndRead = async (query: string, variables?: string) => {
      const inserted = Object.values(await ask(query, variables));
      const reads = inserted.map(({ id }, at) => `r${at}: thing(by: { id: "${id}" }) ${row}`);
      assert.deepEqual(Object.values(await ask(`{ ${reads.join(' ')} }`)), inserted);
      return inserted;
    };

    test(`${type}: as variables and as literals, one by one`, async () => {
      const variables = values.map((_, at) => `${column}: $v${at}`);
      const literals = values.map(({ literal }) => `${column}: ${literal}`);
      const definitions = `(${values.map((_, at) => `$v${at}: ${type}`).join(' ')})`;
      const given = `{${values.map(({ json }, at) => `"v${at}":${json}`).join(',')}}`;
      const inserted = await insertAndRead(inserts([...variables, ...literals], definitions), given);
      assert.deepEqual(
        inserted.map((one) => one[column]),
        [...expected, ...expected],
      );
    });

    test(`${type}: inside the input, as a variable`, async () => {
      const [value] = values;
      const [inserted] = await insertAndRead(
        `mutation ($d: ThingInsert!) { insertThing(data: $d) ${row} }`,
        `{"d":{"${column}":${value?.json},"${many}":[${value?.json}]}}`,
      );
      assert.deepEqual([inserted?.[column], inserted?.[many]], [expected[0], [expected[0]]]);
    });

    test(`${type}: lists of it, in any way of writing them`, async () => {
      const [first, second] = values;
      const inserted = await insertAndRead(
        inserts(
          [
            `${many}: $all`,
            `${many}: [${values.map(({ literal }) => literal).join(', ')}]`,
            `${many}: [$one, ${second?.literal}]`,
            // One value stands for a list of it.
            `${many}: ${second?.literal}`,
            `${many}: []`,
            `${many}: $none`,
          ],
          `($all: [${type}!], $one: ${type}!, $none: [${type}!])`,
        ),
        `{"all":[${values.map(({ json }) => json).join(',')}],"one":${first?.json},"none":[]}`,
      );
      assert.deepEqual(
        inserted.map((one) => one[many]),
        [expected, expected, expected.slice(0, 2), expected.slice(1, 2), [], []],
      );
    });

    test(`${type}: null, in any way of writing it`, async () => {
      const inserted = await insertAndRead(
        inserts(
          [`${column}: null, ${many}: null`, 'must: []', `${column}: $null, ${many}: $nulls`, `${column}: $absent`],
          `($null: ${type}, $nulls: [${type}!], $absent: ${type})`,
        ),
        '{"null":null,"nulls":null}',
      );
      for (const one of inserted) assert.deepEqual([one[column], one[many]], [null, null]);
    });

    test(`${type}: what it refuses, it refuses in every way, and says what to do`, async () => {
      for (const [at, json] of refused.entries()) {
        const asked = [
          post(inserts([`${column}: $v`], `($v: ${type})`), `{"v":${json}}`),
          post(inserts([`${column}: ${json}`])),
        ];
        if (at === 0) {
          asked.push(post(inserts([`${many}: $v`], `($v: [${type}!])`), `{"v":[${json}]}`));
          asked.push(post(inserts([`${many}: [${json}]`])));
        }
        for (const answer of await Promise.all(asked)) {
          const codes = answer.errors?.map(({ extensions }) => extensions.code) ?? [];
          assert.ok(
            codes.length > 0 && codes.every((code) => REFUSALS.includes(code)),
            `${json.slice(0, 100)}: ${answer.text}`,
          );
          assert.doesNotMatch(answer.text, /call stack|Something went wrong/, json.slice(0, 100));
        }
      }
    });
  }

  test('a text of a million characters', async () => {
    const long = '\u{1F95B}é"\\\n'.repeat(170_000);
    const query = 'mutation ($v: String) { insertThing(data: { s: $v, ss: [$v, "x"], j: { v: $v } }) { s ss j } }';
    const variable = query.replace('[$v, "x"]', '["x"]');
    const { insertThing } = await ask(variable, JSON.stringify({ v: long }));
    assert.equal(insertThing?.['s'], long);
    assert.deepEqual(insertThing?.['j'], { v: long });
    const literal = await ask(`mutation { insertThing(data: { s: ${JSON.stringify(long)} }) { s } }`);
    assert.equal(literal['insertThing']?.['s'], long);
  });

  test('Bytes have no line breaks, and are base64 as it is written elsewhere', async () => {
    const { text } = await post(
      `mutation { insertThing(data: { z: "${Buffer.alloc(3_000, 251).toString('base64')}" }) { z } }`,
    );
    assert.doesNotMatch(text, /\\n|\n/);
    assert.match(text, /"\+\/v7/);
  });

  test('numbers in JSON keep the digits that the database has', async () => {
    await app.database.query(
      `INSERT INTO thing (id, j) VALUES ('digits', '{"n": 12345678901234567890.1230, "e": 1e400}')`,
    );
    const { text } = await post('{ thing(by: { id: "digits" }) { j } }');
    assert.match(text, /"n": 12345678901234567890\.1230/);
    assert.match(text, /"e": 10{400}\b/);
  });

  test('a JSON literal with variables inside', async () => {
    const query = `mutation ($a: Int!, $b: [String!], $c: JSON!, $d: DateTime, $absent: Int) {
      insertThing(data: { j: { a: $a, list: [$a, $b, 1.0, { c: $c }], d: $d, gone: $absent, none: [$absent], enum: SAD } js: [{ a: $a }, { b: $b }, $c] }) { j js } }`;
    const { insertThing } = await ask(query, '{"a":5,"b":["x"],"c":{"deep":[null]},"d":"2026-01-01T00:00:00Z"}');
    assert.deepEqual(insertThing, {
      j: {
        a: 5,
        list: [5, ['x'], 1, { c: { deep: [null] } }],
        d: '2026-01-01T00:00:00.000000Z',
        none: [null],
        enum: 'SAD',
      },
      js: [{ a: 5 }, { b: ['x'] }, { deep: [null] }],
    });
  });

  test('no prototype is touched by any name', async () => {
    const names = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}';
    await ask(
      'mutation ($__proto__: JSON) { __proto__: insertThing(data: { j: $__proto__ }) { constructor: j __proto__: id } }',
      `{"__proto__":${names}}`,
    );
    // A variable that is not given is absent, also when every object has a member of its name.
    await ask('query ($constructor: Int, $toString: Int = 1) { things(first: $constructor, skip: $toString) { id } }');
    assert.equal(Reflect.get({}, 'polluted'), undefined);
    assert.equal(typeof Function.prototype.call, 'function');
  });
});

describe('shapes', () => {
  before(async () => {
    await ask(`mutation {
      a: insertThing(data: { id: "p", s: "parent", must: ["m"] }) { id }
      b: insertThing(data: { id: "c1", s: "one", parentId: "p" }) { id }
      c: insertThing(data: { id: "c2", s: "two", parentId: "p" }) { id } }`);
  });
  const parent = (selection: string, definitions = '', variables = '{}') =>
    post(`query ${definitions} { thing(by: { id: "p" }) { ${selection} } }`, variables);
  const rowOf = async (...asked: Parameters<typeof parent>) => (await parent(...asked)).data['thing'];

  for (const count of [49, 50, 51, 100, 101, 160]) {
    test(`${count} fields, in the order they were asked`, async () => {
      const columns = ['s', 'j', 'is', 't', 'id', '__typename'];
      const keys = Array.from({ length: count }, (_, at) => `k${count - at}`);
      const row = await rowOf(keys.map((key, at) => `${key}: ${columns[at % columns.length]}`).join(' '));
      assert.deepEqual(Object.keys(row ?? {}), keys);
      assert.deepEqual(Object.values(row ?? {}).slice(0, 6), ['parent', null, null, null, 'p', 'Thing']);
    });
  }

  test('60 fields of rows in rows', async () => {
    const many = Array.from({ length: 60 }, (_, at) => `a${at}: s`).join(' ');
    const row = await rowOf(`${many} children { ${many} parent { ${many} } }`);
    const children = row?.['children'] as Record<string, unknown>[];
    assert.deepEqual(
      children.map(({ a59 }) => a59),
      ['one', 'two'],
    );
    const parents = children.map((child) => (child['parent'] as Record<string, unknown>)['a59']);
    assert.deepEqual(parents, ['parent', 'parent']);
  });

  for (const key of [
    'select',
    'NULL',
    't1',
    'json_build_object',
    '__proto__',
    'constructor',
    '_',
    'item',
    'answer',
    'SELECT_1_FROM_thing__DROP_TABLE_thing',
    'k'.repeat(64),
    'k'.repeat(500),
  ]) {
    test(`the key ${key.slice(0, 40)}${key.length > 40 ? ` (${key.length})` : ''}`, async () => {
      const { data } = await post(`{ ${key}: thing(by: { id: "p" }) { ${key}: s ${key}_: children { ${key}: s } } }`);
      const row = { [`${key}_`]: [{ [key]: 'one' }, { [key]: 'two' }] };
      assert.deepEqual(Object.getOwnPropertyDescriptor(data, key)?.value[`${key}_`]?.length, 2);
      const value = Object.getOwnPropertyDescriptor(data, key)?.value as Record<string, unknown>;
      assert.equal(Object.getOwnPropertyDescriptor(value, key)?.value, 'parent');
      assert.equal(JSON.stringify(value[`${key}_`]), JSON.stringify(row[`${key}_`]));
    });
  }

  test('two keys that differ after 63 bytes', async () => {
    const [one, two] = [`${'k'.repeat(100)}1`, `${'k'.repeat(100)}2`];
    assert.deepEqual(await rowOf(`${one}: s ${two}: id`), { [one]: 'parent', [two]: 'p' });
  });

  test('__typename, under any key, anywhere', async () => {
    const { data } = await post(
      '{ __typename q: __typename thing(by: { id: "p" }) { __typename kind: __typename children(first: 1) { s: __typename } } viewer { __typename v: __typename } }',
    );
    assert.deepEqual(data, {
      __typename: 'Query',
      q: 'Query',
      thing: { __typename: 'Thing', kind: 'Thing', children: [{ s: 'Thing' }] },
      viewer: { __typename: 'Viewer', v: 'Viewer' },
    });
  });

  const SELECTIONS: readonly (readonly [
    name: string,
    selection: string,
    row: unknown,
    definitions?: string,
    variables?: string,
  ])[] = [
    ['equal fields merge', 's s x: id x: id', { s: 'parent', x: 'p' }],
    [
      'equal fields merge what is under them',
      'children(first: 1) { s } s children(first: 1) { id s }',
      { children: [{ s: 'one', id: 'c1' }], s: 'parent' },
    ],
    [
      'also over fragments',
      '...A ... on Thing { children(first: 1) { parent { s } } } ... { s } ...A',
      { id: 'p', children: [{ id: 'c1', parent: { s: 'parent' } }], s: 'parent' },
    ],
    [
      'two pages of one relation',
      'a: children(first: 1) { id } b: children(skip: 1) { id }',
      { a: [{ id: 'c1' }], b: [{ id: 'c2' }] },
    ],
    ['a related row that is not there', 'parent { id }', { parent: null }],
    ['no related rows', 'children(skip: 5) { id }', { children: [] }],
    [
      '@include and @skip written out',
      's @include(if: true) id @skip(if: true) must @include(if: false)',
      { s: 'parent' },
    ],
    ['both at once', 's @include(if: true) @skip(if: true) id @include(if: true) @skip(if: false)', { id: 'p' }],
    ['all left out', 's @include(if: false) children { id @skip(if: true) }', { children: [{}, {}] }],
    ...(
      [
        ['true', '{"c":true}', { s: 'parent', children: [{ s: 'one' }, { s: 'two' }] }],
        ['false', '{"c":false}', { id: 'p', must: ['m'], children: [{ id: 'c1' }, { id: 'c2' }] }],
        ['absent', '{}', { id: 'p', must: ['m'], children: [{ id: 'c1' }, { id: 'c2' }] }],
      ] as const
    ).map(
      ([value, variables, row]) =>
        [
          `a variable in @include and @skip: ${value}`,
          's @include(if: $c) id @skip(if: $c) ...M @skip(if: $c) children { ... @include(if: $c) { s } ... on Thing @skip(if: $c) { id } }',
          row,
          '($c: Boolean! = false)',
          variables,
        ] as const,
    ),
  ];
  const FRAGMENTS = ' fragment A on Thing { id children(first: 1) { id } } fragment M on Thing { must }';
  for (const [name, selection, row, definitions = '', variables = '{}'] of SELECTIONS) {
    test(name, async () => {
      const used = ['A', 'M'].filter((fragment) => selection.includes(`...${fragment}`));
      const fragments = FRAGMENTS.split(' fragment ').filter((text) => used.includes(text.charAt(0)));
      const query = `query ${definitions} { thing(by: { id: "p" }) { ${selection} } } ${fragments.map((text) => `fragment ${text}`).join(' ')}`;
      const { data, errors } = await post(query, variables);
      assert.equal(errors, undefined);
      assert.deepEqual(data['thing'], row);
      assert.deepEqual(Object.keys(data['thing'] ?? {}), Object.keys(row as object));
    });
  }
});

describe('the answer as a whole', () => {
  test('introspection beside rows, in the order that was asked', async () => {
    const query = `query ($n: String!) { a: __type(name: $n) { name } things(first: 0) { id } __schema { queryType { name } } b: __type(name: "No") { name } c: __typename }`;
    const { text } = await post(query, '{"n":"Thing"}');
    assert.equal(
      text,
      '{"data":{"a":{"name":"Thing"},"things":[],"__schema":{"queryType":{"name":"Query"}},"b":null,"c":"Query"}}',
    );
    assert.equal((await post(query, '{"n":"Closed"}')).data['a'], null, 'what is not for the caller is not there');
  });

  test('a field that fails is null, with its path, and its siblings are answered', async () => {
    const { data, errors } = await post(
      `query ($n: Int = 1, $k: ThingKey = { id: "p" }) { good: __typename bad: things(first: $n) { id } none: thing(by: $k) { id } last: things(first: 0) { id } }`,
      '{"n":5000,"k":null}',
    );
    assert.deepEqual(data, { good: 'Query', bad: null, none: null, last: [] });
    const told = (errors ?? []).map(({ path, extensions }) => ({ path, code: extensions.code }));
    assert.deepEqual(
      told.sort((a, b) => String(a.path).localeCompare(String(b.path))),
      [
        { path: ['bad'], code: 'BAD_USER_INPUT' },
        { path: ['none'], code: 'BAD_USER_INPUT' },
      ],
    );
  });

  for (const [where, query, data] of [
    ['in a row', '{ things(first: 0) { id @include(if: $b) } t: __typename }', { things: null, t: 'Query' }],
    ['in introspection', '{ __type(name: "Thing") { name @skip(if: $b) } }', { __type: null }],
    ['at the root', '{ things(first: 0) @include(if: $b) { id } t: __typename }', undefined],
  ] as const) {
    test(`null in a condition is an error: ${where}`, async () => {
      const answer = await post(`query ($b: Boolean = true) ${query}`, '{"b":null}');
      assert.deepEqual(answer.data, data);
      const key = data && Object.keys(data)[0];
      const told = answer.errors?.map(({ path, extensions }) => [path, extensions.code]);
      assert.deepEqual(told, [[key && [key], 'BAD_USER_INPUT']]);
    });
  }

  test('a mutation that fails is null, and those before and after it are done', async () => {
    const { data, errors } = await post(
      `mutation { a: insertThing(data: { id: "m1" }) { id } b: insertThing(data: { id: "m1" }) { id } c: insertThing(data: { id: "m2" }) { id } t: __typename }`,
    );
    assert.deepEqual(data, { a: { id: 'm1' }, b: null, c: { id: 'm2' }, t: 'Mutation' });
    assert.deepEqual(
      errors?.map(({ path, extensions }) => [path, extensions.code]),
      [[['b'], 'CONFLICT']],
    );
  });

  test('every root field of a table is nullable, and every related row', async () => {
    const { data } = await post(getIntrospectionQuery(), '{}', 'admin');
    const schema = buildClientSchema(data as never);
    const roots = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
      Object.values(type?.getFields() ?? {}),
    );
    assert.deepEqual(
      roots.filter(({ type }) => isNonNullType(type)).map(({ name }) => name),
      ['viewer'],
    );
    const thing = schema.getType('Thing');
    assert.ok(thing && 'getFields' in thing);
    assert.equal(String(thing.getFields()['parent']?.type), 'Thing');
    assert.equal(String(thing.getFields()['children']?.type), '[Thing!]!');
  });
});
