// Values of every type through every way of writing them: one row, many rows, a change, an upsert; as literals, as variables,
// and mixed. What is read back is what was written.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Answer, openTestService, type TestService } from '../support/open-test-service.ts';

const TYPES = [
  'String',
  'ID',
  'Int',
  'BigInt',
  'Float',
  'Decimal',
  'Boolean',
  'UUID',
  'DateTime',
  'Date',
  'Time',
  'JSON',
  'Bytes',
  'Mood',
];
const columnOf = (type: string) => `own${type}`;
const SDL = `
enum Mood { GOOD BAD }
type Thing @table {
  number: Int @unique
  ${TYPES.map((type) => `${columnOf(type)}: ${type}  ${columnOf(type)}s: [${type}!]`).join('\n  ')}
}
type Pair @table @unique(columns: ["left", "right"]) { left: String! right: Int! note: String tags: [String!]! @default(value: "[\\"new\\"]") at: DateTime count: Int @default(value: "3") }
`;

let app: TestService;
before(async () => {
  app = await openTestService({ sdl: SDL });
});
after(() => app?.close());

const ask = (query: string, variables: Record<string, unknown> = {}) => app.ask(query, { as: 'app', variables });
const codeOf = ({ errors }: Answer) => errors?.map(({ extensions }) => extensions['code']).join();

const UUID = '018f3b6e-8f3a-7c3e-9d0a-2f6b1c4d5e6f';
/** Type, value as it is given, value as it is read. */
const VALUES: readonly (readonly [type: string, given: unknown, read?: unknown])[] = [
  ['String', ''],
  ['String', `it's "quoted" \\ {a,b} NULL \u{1F95B} \n`],
  ['ID', 'x'],
  ['ID', 7, '7'],
  ['Int', -2147483648],
  ['BigInt', '9223372036854775807'],
  ['BigInt', 12, '12'],
  ['Float', 1.5e300],
  ['Float', -0],
  ['Decimal', '12345678901234567890.1234567890'],
  ['Decimal', 0.1, '0.1'],
  ['Boolean', false],
  ['UUID', UUID.toUpperCase(), UUID],
  ['DateTime', '2026-03-01T09:30:00.123456+02:00', '2026-03-01T07:30:00.123456Z'],
  ['DateTime', '0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000000Z'],
  ['Date', '2024-02-29'],
  ['Time', '23:59:59.999999'],
  ['JSON', { a: [1, null, { b: 'it\'s "x" \\' }], c: 'NULL' }],
  ['JSON', [1, [2]]],
  ['JSON', 'text'],
  ['JSON', false],
  ['Bytes', 'AAEC/w=='],
  ['Bytes', ''],
  ['Mood', 'BAD'],
];

/** As a document has it. */
function literal(type: string, value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => literal(type, item)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value)
      .map(([name, member]) => `${name}: ${literal(type, member)}`)
      .join(', ')} }`;
  }
  if (Object.is(value, -0)) return '-0.0';
  return type === 'Mood' ? String(value) : JSON.stringify(value);
}

/** Equal values, whatever the form in which numbers are written. */
const same = (type: string, value: unknown) =>
  type === 'Float' ? Number(value) + 0 : type === 'Time' ? String(value) : value;

describe('a value', () => {
  for (const [type, given, read = given] of VALUES) {
    const column = columnOf(type);
    const list = type === 'JSON' ? [given, null, given] : [given, given];
    const listRead = type === 'JSON' ? [read, null, read] : [read, read];
    const items = type === 'JSON' ? list.filter((item) => item !== null) : list;
    const itemsRead = type === 'JSON' ? listRead.filter((item) => item !== null) : listRead;
    const ways: readonly (readonly [name: string, query: string, variables?: Record<string, unknown>])[] = [
      [
        'a literal',
        `mutation { one: insertThing(data: { ${column}: ${literal(type, given)}, ${column}s: ${literal(type, items)} }) { ${column} ${column}s } }`,
      ],
      [
        'a variable',
        `mutation ($v: ${type}, $l: [${type}!]) { one: insertThing(data: { ${column}: $v, ${column}s: $l }) { ${column} ${column}s } }`,
        { v: given, l: items },
      ],
      [
        'a variable in a list',
        `mutation ($v: ${type}!) { one: insertThing(data: { ${column}: $v, ${column}s: [$v, ${literal(type, given)}] }) { ${column} ${column}s } }`,
        { v: given },
      ],
      [
        'one of many rows',
        `mutation ($rows: [ThingInsert!]!) { many: insertThings(data: $rows) { nodes { ${column} ${column}s } } }`,
        { rows: [{}, { [column]: given, [`${column}s`]: items }] },
      ],
      [
        'a change',
        `mutation ($v: ${type}) { insertThing(data: { id: "ID" }) { id } one: updateThing(by: { id: "ID" }, set: { ${column}: $v, ${column}s: ${literal(type, items)} }) { ${column} ${column}s } }`,
        { v: given },
      ],
      [
        'an upsert',
        `mutation ($v: ${type}) { upsert: upsertThing(by: { id: "ID" }, insert: { ${column}: $v, ${column}s: ${literal(type, items)} }) { node { ${column} ${column}s } } }`,
        { v: given },
      ],
    ];
    test(`${type} ${JSON.stringify(given)}`, async () => {
      for (const [name, query, variables = {}] of ways) {
        const id = `t-${Math.random().toString(36).slice(2)}`;
        const { data, text } = await ask(query.replaceAll('ID"', `${id}"`), variables);
        const { one, many, upsert } = (data ?? {}) as {
          one?: Record<string, unknown>;
          many?: { nodes: Record<string, unknown>[] };
          upsert?: { node: Record<string, unknown> };
        };
        const row = one ?? many?.nodes[1] ?? upsert?.node;
        assert.deepEqual(same(type, row?.[column]), same(type, read), `${name}: ${text}`);
        const rows = (row?.[`${column}s`] as unknown[] | undefined)?.map((item) => same(type, item));
        assert.deepEqual(
          rows,
          itemsRead.map((item) => same(type, item)),
          `${name}: ${text}`,
        );
        if (many) assert.deepEqual(many.nodes[0], { [column]: null, [`${column}s`]: null }, name);
      }
    });
  }

  test('of no type is refused at its place, in each of many rows', async () => {
    const rows = [{ ownString: 'a\u0000' }, { ownString: '\ud83e', number: 5 }];
    const query = 'mutation ($rows: [ThingInsert!]!) { insertThings(data: $rows) { count } }';
    const answer = await ask(query, { rows });
    const fields = answer.errors?.[0]?.extensions['fields'] as readonly { path: unknown }[] | undefined;
    assert.deepEqual(
      fields?.map(({ path }) => path),
      [
        ['data', 0, 'ownString'],
        ['data', 1, 'ownString'],
      ],
      answer.text,
    );
  });
});

describe('null, nothing and defaults', () => {
  const row = '{ note tags at count }';
  for (const [name, query, variables, read] of [
    [
      'what is left out gets its default',
      `mutation { one: insertPair(data: { left: "a", right: 1 }) ${row} }`,
      {},
      { note: null, tags: ['new'], at: null, count: 3 },
    ],
    [
      'null is a value',
      `mutation { one: insertPair(data: { left: "a", right: 2, count: null, note: null }) ${row} }`,
      {},
      { note: null, tags: ['new'], at: null, count: null },
    ],
    [
      'a variable that is absent leaves its column out',
      `mutation ($n: Int) { one: insertPair(data: { left: "a", right: 3, count: $n }) ${row} }`,
      {},
      { note: null, tags: ['new'], at: null, count: 3 },
    ],
    [
      'a variable that is null is null',
      `mutation ($n: Int) { one: insertPair(data: { left: "a", right: 4, count: $n }) ${row} }`,
      { n: null },
      { note: null, tags: ['new'], at: null, count: null },
    ],
    [
      "a variable's default is its value",
      `mutation ($n: Int = 8) { one: insertPair(data: { left: "a", right: 5, count: $n }) ${row} }`,
      {},
      { note: null, tags: ['new'], at: null, count: 8 },
    ],
    [
      'a variable that is absent changes nothing',
      `mutation ($n: Int, $t: String) { one: updatePair(by: { leftRight: { left: "a", right: 5 } }, set: { count: $n, note: $t }) ${row} }`,
      { t: 'x' },
      { note: 'x', tags: ['new'], at: null, count: 8 },
    ],
    [
      'an empty list is a value',
      `mutation { one: updatePair(by: { leftRight: { left: "a", right: 5 } }, set: { tags: [] }) ${row} }`,
      {},
      { note: 'x', tags: [], at: null, count: 8 },
    ],
    [
      'one value is a list of it',
      `mutation { one: updatePair(by: { leftRight: { left: "a", right: 5 } }, append: { tags: "y" }) ${row} }`,
      {},
      { note: 'x', tags: ['y'], at: null, count: 8 },
    ],
    [
      'sums and items are added',
      `mutation ($k: PairLeftRightKey!) { one: updatePair(by: { leftRight: $k }, increment: { count: -9 }, append: { tags: ["z", "y"] }) ${row} }`,
      { k: { left: 'a', right: 5 } },
      { note: 'x', tags: ['y', 'z', 'y'], at: null, count: -1 },
    ],
    [
      'nothing counts as zero',
      `mutation { one: updatePair(by: { leftRight: { left: "a", right: 2 } }, increment: { count: 5 }) ${row} }`,
      {},
      { note: null, tags: ['new'], at: null, count: 5 },
    ],
  ] as const) {
    test(name, async () => {
      const { data, text } = await ask(query, variables);
      assert.deepEqual(data?.['one'], read, text);
    });
  }

  test('nothing to change is refused, and a column that is changed twice', async () => {
    for (const changes of ['set: {}', '', 'set: { count: 1 }, increment: { count: 1 }']) {
      const answer = await ask(
        `mutation { updatePair(by: { leftRight: { left: "a", right: 1 } }, ${changes}) { id } }`,
      );
      assert.equal(codeOf(answer), 'BAD_USER_INPUT', answer.text);
    }
  });
});

describe('answers', () => {
  test('of a batch, with aliases, fragments, merged fields and several nodes', async () => {
    const query = `mutation ($rows: [PairInsert!]!, $with: Boolean!) {
      made: insertPairs(data: $rows) { ...Numbers kind: __typename first: nodes { left } nodes { right } ... on PairBatch { nodes { note @include(if: $with) left } } errors { __typename index } }
    }
    fragment Numbers on PairBatch { number: count again: count }`;
    const rows = [1, 2].map((right) => ({ left: 'batch', right, note: `n${right}` }));
    const { data, text } = await ask(query, { rows, with: true });
    assert.deepEqual(
      data,
      {
        made: {
          number: 2,
          again: 2,
          kind: 'PairBatch',
          first: [{ left: 'batch' }, { left: 'batch' }],
          nodes: [
            { right: 1, note: 'n1', left: 'batch' },
            { right: 2, note: 'n2', left: 'batch' },
          ],
          errors: [],
        },
      },
      text,
    );
  });

  test('of an upsert and of a deletion, likewise', async () => {
    const key = '{ leftRight: { left: "up", right: 1 } }';
    const query = `mutation {
      a: upsertPair(by: ${key}, insert: { left: "up", right: 1 }) { t: __typename new: inserted node { left } row: node { right __typename } }
      b: upsertPair(by: ${key}, insert: { left: "up", right: 1, note: "x" }) { inserted node { note count } }
      c: upsertPair(by: ${key}, insert: { left: "up", right: 1, note: "y" }, update: { count: 9 }) { inserted node { note count } }
      d: deletePairs(where: { left: { eq: "up" } }) { count n: nodes { note } errors { index } __typename }
    }`;
    const { data, text } = await ask(query);
    assert.deepEqual(
      data,
      {
        a: { t: 'PairUpsert', new: true, node: { left: 'up' }, row: { right: 1, __typename: 'Pair' } },
        b: { inserted: false, node: { note: 'x', count: 3 } },
        c: { inserted: false, node: { note: 'x', count: 9 } },
        d: { count: 1, n: [{ note: 'x' }], errors: [], __typename: 'PairBatch' },
      },
      text,
    );
  });

  test('by any unique key, and by filter with a limit in the order of ids', async () => {
    const rows = [5, 4, 3, 2, 1].map((right) => ({ id: `l${right}`, left: 'limit', right }));
    await ask('mutation ($rows: [PairInsert!]!) { insertPairs(data: $rows) { count } }', { rows });
    const where = 'where: { left: { eq: "limit" } }';
    const { data, text } = await ask(
      `mutation ($n: Int) { a: updatePairs(${where}, set: { note: "first" }, limit: 2) { nodes { id } } b: deletePairs(${where}, limit: $n) { nodes { id } } c: updatePairs(${where}, set: { note: "none" }, limit: 0) { count } d: deletePair(by: { leftRight: { left: "limit", right: 4 } }) { id note } e: updatePairs(${where}, increment: { count: 1 }) { nodes { id note count } } }`,
      { n: 1 },
    );
    assert.deepEqual(
      data,
      {
        a: { nodes: [{ id: 'l1' }, { id: 'l2' }] },
        b: { nodes: [{ id: 'l1' }] },
        c: { count: 0 },
        d: { id: 'l4', note: null },
        e: {
          nodes: [
            { id: 'l2', note: 'first', count: 4 },
            { id: 'l3', note: null, count: 4 },
            { id: 'l5', note: null, count: 4 },
          ],
        },
      },
      text,
    );
  });
});
