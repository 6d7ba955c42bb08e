// Rows that PostgreSQL writes as JSON by the names of their columns, and objects put together value by value, where the keys are
// too long for names: the same to the letter, whatever is in them (docs/decisions/0004-json-from-postgresql.md).

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openTestService, type TestService } from '../support/open-test-service.ts';
import { ALL_TYPES_SDL, listColumn, TYPE_CASES } from './all-types.ts';

const COLUMNS = [
  'id',
  ...TYPE_CASES.flatMap(({ column }) => [column, listColumn(column)]),
  'must',
  '__typename',
  'nodeId',
];

let app: TestService;
before(async () => {
  app = await openTestService({ sdl: ALL_TYPES_SDL });
  const longest = Math.max(...TYPE_CASES.map(({ values }) => values.length));
  const data = Array.from({ length: longest }, (_, at) => {
    const given = TYPE_CASES.flatMap(({ column, values }) => {
      const value = values[at];
      if (!value) return [];
      return [`"${column}":${value.json}`, `"${listColumn(column)}":[${value.json},${values[0]?.json}]`];
    });
    return `"d${at}":{${[...given, '"must":[]', ...(at % 3 > 0 ? ['"parentId":"p"'] : [])].join(',')}}`;
  });
  const definitions = data.map((_, at) => `$d${at}: ThingInsert!`).join(' ');
  await ask(
    `mutation (${definitions}) { p: insertThing(data: { id: "p" }) { id } ${data.map((_, at) => `i${at}: insertThing(data: $d${at}) { id }`).join(' ')} }`,
    `{${data.join(',')}}`,
  );
});
after(() => app?.close());

/** The text of an answer. Variables are sent as they are written: JSON.stringify would lose the sign of a zero. */
async function ask(query: string, variables = '{}'): Promise<string> {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: `{"query":${JSON.stringify(query)},"variables":${variables}}`,
  });
  const text = await response.text();
  assert.doesNotMatch(text, /"errors":/, text.slice(0, 500));
  return text;
}

/** A JSON text without the spaces that mean nothing. */
const compact = (json: string) => json.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1');
/** A key that no name can have. */
const long = (key: string) => `${key}_${'x'.repeat(63)}`;
const all = (key: (name: string) => string) => COLUMNS.map((name) => `${key(name)}: ${name}`).join(' ');
const short = (name: string) => `k${name}`;

describe('by name and value by value, every type is the same', () => {
  for (const [where, query] of [
    ['in a list', (k) => `{ things { ${all(k)} } }`],
    ['in a list of a row', (k) => `{ thing(by: { id: "p" }) { children { ${all(k)} } } }`],
    ['in a row of a row', (k) => `{ things { parent { ${all(k)} } } }`],
    ['in nodes', (k) => `{ thingsConnection(first: 20) { nodes { ${all(k)} } } }`],
    [
      'in nodes from the end',
      (k) => `{ thingsConnection(last: 4) { nodes { ${all(k)} } pageInfo { hasPreviousPage } } }`,
    ],
    [
      'in edges',
      (k) => `{ thingsConnection(first: 3) { edges { ${k('cursor')}: cursor ${k('n')}: node { ${all(k)} } } } }`,
    ],
    ['in edges of a row', (k) => `{ things { childrenConnection(first: 2) { edges { node { ${all(k)} } } } } }`],
  ] as readonly (readonly [string, (key: (name: string) => string) => string])[]) {
    test(where, async () => {
      const [byName, byValue] = await Promise.all([ask(query(short)), ask(query(long))]);
      assert.equal(
        compact(byName),
        compact(byValue).replaceAll(/"(\w+)_x{63}"/g, (_, key) => `"${short(key)}"`),
      );
      assert.ok(byName.length > 500, 'there are rows');
    });
  }
});

describe('rows by name', () => {
  test('have no spaces and no line breaks between keys, values and rows', async () => {
    const query = `{ things(first: 2) { must kind: __typename s children(first: 0) { id } } c: thingsConnection(first: 2) { nodes { must } } }`;
    const text = await ask(query);
    assert.doesNotMatch(text, /\n/);
    assert.match(text, /"things":\[\{"must":\[\],"kind":"Thing","s":[^ ]+,"children":\[\]\},\{"must"/);
    assert.match(text, /\[\{"must":\[\]\},\{"must":\[\]\}\]/);
  });

  test('are there when all of their values are missing', async () => {
    const query = '{ none: thing(by: { id: "p" }) { children(first: 1, skip: 1) { parent { s i parent { s } } } } }';
    assert.deepEqual(JSON.parse(await ask(query)).data.none, {
      children: [{ parent: { s: null, i: null, parent: null } }],
    });
    const { data } = JSON.parse(await ask('{ c: thingsConnection(where: { id: { eq: "p" } }) { nodes { s i } } }'));
    assert.deepEqual(data, { c: { nodes: [{ s: null, i: null }] } });
  });

  test('are not there when there are none', async () => {
    const query = `{ things(first: 0) { s } thing(by: { id: "p" }) { parent { s } } c: thingsConnection(first: 0) { nodes { s } edges { node { s } } } }`;
    const none = { things: [], thing: { parent: null }, c: { nodes: [], edges: [] } };
    assert.deepEqual(JSON.parse(await ask(query)).data, none);
  });

  for (const count of [51, 1_600, 1_601]) {
    test(`${count} members, in the order they were asked`, async () => {
      const columns = ['s', 'j', 'id', '__typename'];
      const keys = Array.from({ length: count }, (_, at) => `k${count - at}`);
      const { data } = JSON.parse(
        await ask(
          `{ things(where: { id: { eq: "p" } }) { ${keys.map((key, at) => `${key}: ${columns[at % 4]}`).join(' ')} } }`,
        ),
      );
      assert.deepEqual(Object.keys(data.things[0]), keys);
      assert.deepEqual(Object.values(data.things[0]).slice(0, 4), [null, null, 'p', 'Thing']);
    });
  }

  for (const key of ['t1', 't3', 'row', 'select', 'null', 'record', 'TableOid', 'ctid', 'k'.repeat(63)]) {
    test(`the key ${key}`, async () => {
      const { data } = JSON.parse(
        await ask(
          `{ things(where: { id: { eq: "p" } }) { ${key}: id } c: thingsConnection(where: { id: { eq: "p" } }) { nodes { ${key}: id a${key}: id } } }`,
        ),
      );
      assert.deepEqual(data.things, [{ [key]: 'p' }]);
      assert.equal(data.c.nodes[0][key], 'p');
    });
  }
});
