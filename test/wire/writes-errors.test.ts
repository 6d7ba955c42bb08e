// What is wrong with a write: everything at once, each problem where the client wrote its value, in the model's words.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type Answer, openTestService, type TestService } from '../support/open-test-service.ts';

const SDL = `
enum Size { S M L }
type Shop @table @unique(columns: ["city", "street"]) {
  name: String! @length(min: 2, max: 10)
  email: String @unique @pattern(regex: "@", message: "must be an address")
  city: String
  street: String
  stock: Int! @default(value: "0") @range(min: 0, max: 100)
  sold: Int! @default(value: "0")
  worth: BigInt
  area: Float
  size: Size
  tags: [String!]!
  owner: Owner @belongsTo
  items: [Item!]! @has(field: "shop")
  ledger: String
}
type Owner @table(softDelete: true) @permission(level: APPLICATION, rows: { name: { ne: "hidden" } }) {
  name: String! @unique
  shops: [Shop!]! @has(field: "owner")
}
type Item @table @permission(level: APPLICATION, check: { price: { gte: 0 } }) {
  slug: String! @unique
  price: Int! @default(value: "0")
  shop: Shop! @belongsTo
  parts: [Part!]! @has(field: "item")
}
type Part @table { code: String! @unique item: Item! @belongsTo }
`;

let app: TestService;
before(async () => {
  app = await openTestService({ sdl: SDL });
});
after(() => app?.close());

beforeEach(async () => {
  await app.database.query('TRUNCATE shop, owner, item, part CASCADE');
  await app.database.query(`
    INSERT INTO owner (id, name) VALUES ('o1', 'Ada'), ('oh', 'hidden');
    INSERT INTO shop (id, name, email, city, street, tags) VALUES ('s1', 'First', 'a@x', 'Rome', 'Via 1', '{}'), ('s2', 'Second', 'b@x', NULL, NULL, '{}');
    INSERT INTO item (id, slug, shop_id) VALUES ('i1', 'pen', 's1');
    INSERT INTO part (id, code, item_id) VALUES ('p1', 'cap', 'i1')`);
});

const ask = (query: string, variables: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
  app.ask(query, { as: 'app', variables, headers });
const fieldsOf = ({ errors }: Answer) =>
  ((errors?.[0]?.extensions['fields'] ?? []) as { path: (string | number)[]; message: string }[]).map(
    ({ path, message }) => `${path.join('.')} ${message}`,
  );
const codeOf = ({ errors }: Answer) => errors?.map(({ extensions }) => extensions['code']).join();

interface Case {
  readonly name: string;
  readonly query: string;
  readonly code?: string;
  readonly fields: readonly string[];
}

const insert = (data: string) => `mutation { insertShop(data: ${data}) { id } }`;
const insertAll = (data: string) => `mutation { insertShops(data: ${data}) { count } }`;
const update = (rest: string) => `mutation { updateShop(by: { id: "s2" }, ${rest}) { id } }`;
const USED = 'is an id that Shop has used: choose another one';

const CASES: readonly Case[] = [
  {
    name: 'everything wrong with a row: length, pattern, range, a key that is taken, a hidden row, a taken id',
    query: insert(
      '{ id: "s1", name: "x", email: "none", stock: 101, city: "Rome", street: "Via 1", tags: [], ownerId: "oh" }',
    ),
    fields: [
      'data.name must have a length of at least 2, and has 1',
      'data.email must be an address',
      'data.stock must be at most 100',
      'data.ownerId names no Owner that you may read',
      'data.city is taken, together with street',
      'data.street is taken, together with city',
      `data.id ${USED}`,
    ],
  },
  { name: 'a unique value', query: insert('{ name: "New", email: "a@x", tags: [] }'), fields: ['data.email is taken'] },
  {
    name: 'unique values of a batch, with their rows',
    query: insertAll(
      '[{ name: "A1", email: "c@x", tags: [] }, { name: "A2", email: "a@x", tags: [] }, { name: "A3", email: "b@x", tags: [] }]',
    ),
    fields: ['data.1.email is taken', 'data.2.email is taken'],
  },
  {
    name: 'a unique value twice in a batch',
    query: insertAll('[{ name: "A1", email: "c@x", tags: [] }, { name: "A2", email: "c@x", tags: [] }]'),
    fields: ['data.1.email is taken'],
  },
  {
    name: 'problems of several rows of a batch, those of values and those of the database',
    query: insertAll(
      '[{ name: "x", tags: [] }, { name: "A2", email: "a@x", tags: [] }, { name: "A3", tags: [], ownerId: "no" }]',
    ),
    fields: [
      'data.0.name must have a length of at least 2, and has 1',
      'data.1.email is taken',
      'data.2.ownerId names no Owner that you may read',
    ],
  },
  {
    name: 'an own id that is used',
    code: 'CONFLICT',
    query: insert('{ id: "s1", name: "New", tags: [] }'),
    fields: [`data.id ${USED}`],
  },
  {
    name: 'an own id twice in a batch',
    code: 'CONFLICT',
    query: insertAll('[{ id: "n", name: "A1", tags: [] }, { id: "n", name: "A2", tags: [] }]'),
    fields: [`data.1.id ${USED}`],
  },
  {
    name: 'a unique value of a nested row, and a hidden row above it',
    query: insert(
      '{ name: "New", tags: [], ownerId: "oh", items: { insert: [{ slug: "ink" }, { slug: "pen", parts: { insert: [{ code: "cap" }] } }] } }',
    ),
    fields: [
      'data.ownerId names no Owner that you may read',
      'data.items.insert.1.slug is taken',
      'data.items.insert.1.parts.insert.0.code is taken',
    ],
  },
  {
    name: 'unique values of nested rows, at their paths',
    query: insert(
      '{ name: "New", tags: [], items: { insert: [{ slug: "ink", parts: { insert: [{ code: "cap" }] } }, { slug: "pen" }] } }',
    ),
    fields: ['data.items.insert.1.slug is taken', 'data.items.insert.0.parts.insert.0.code is taken'],
  },
  {
    name: 'a nested row that names its own parent',
    query: insert('{ name: "New", tags: [], items: { insert: [{ slug: "ink", shopId: "s1" }] } }'),
    fields: ['data.items.insert.0.shopId is set by the row around it: leave it out'],
  },
  {
    name: 'a relation and its column',
    query: insert('{ name: "New", tags: [], ownerId: "o1", owner: { connect: { id: "o1" } } }'),
    fields: ['data.owner is given twice: leave out ownerId'],
  },
  {
    name: 'a connected row by another key',
    query: insert('{ name: "New", tags: [], owner: { connect: { name: "hidden" } } }'),
    fields: ['data.owner.connect.name names no Owner that you may read'],
  },
  {
    name: 'a connected row by id',
    query: insert('{ name: "New", tags: [], owner: { connect: { id: "oh" } } }'),
    fields: ['data.owner.connect.id names no Owner that you may read'],
  },
  {
    name: 'required values that are null or missing',
    query: insertAll('[{ name: "A1", stock: null }]'),
    fields: ['data.0.stock is required'],
  },
  { name: 'a unique value of an update', query: update('set: { email: "a@x" }'), fields: ['set.email is taken'] },
  {
    name: 'half a unique key of an update',
    query: 'mutation { updateShop(by: { id: "s1" }, set: { name: "Same", city: "Rome" }) { id } }',
    fields: [],
  },
  {
    name: 'a unique key of an update',
    query: update('set: { city: "Rome", street: "Via 1" }'),
    fields: ['set.city is taken, together with street', 'set.street is taken, together with city'],
  },
  {
    name: 'everything wrong with an update',
    query: update('set: { name: "x", email: "a@x", ownerId: "oh" }, increment: { stock: 101 }'),
    fields: [
      'set.name must have a length of at least 2, and has 1',
      'set.ownerId names no Owner that you may read',
      'set.email is taken',
      'increment.stock makes a value that stock does not take: it must be at least 0 and at most 100',
    ],
  },
  {
    name: 'a sum below its range',
    query: update('increment: { stock: -1 }'),
    fields: ['increment.stock makes a value that stock does not take: it must be at least 0 and at most 100'],
  },
  {
    name: 'sums that their types do not hold',
    query:
      'mutation { a: updateShop(by: { id: "s1" }, set: { sold: 2147483647, worth: "9223372036854775807", area: 1.7e308 }) { id } b: updateShop(by: { id: "s1" }, increment: { sold: 1, worth: "1", area: 1.7e308 }) { id } }',
    fields: [
      'increment.sold makes a value that sold does not take: it must be within the bounds of Int',
      'increment.worth makes a value that worth does not take: it must be within the bounds of BigInt',
      'increment.area makes a value that area does not take: it must be within the bounds of Float',
    ],
  },
  {
    name: 'nothing at all to add, and to append',
    query: update('increment: { stock: null }, append: { tags: null }'),
    fields: ['increment.stock must not be null', 'append.tags must not be null'],
  },
  {
    name: 'a unique value for many rows',
    query: 'mutation { updateShops(where: {}, set: { email: "z@x" }) { count } }',
    fields: ['set.email is taken'],
  },
  {
    name: 'a unique value of the row that an upsert inserts',
    query: 'mutation { upsertShop(by: { id: "new" }, insert: { name: "New", email: "a@x", tags: [] }) { inserted } }',
    fields: ['insert.email is taken'],
  },
  {
    name: 'a unique value of the row that an upsert changes',
    query:
      'mutation { upsertShop(by: { id: "s2" }, insert: { name: "New", tags: [] }, update: { email: "a@x" }) { inserted } }',
    fields: ['update.email is taken'],
  },
  {
    name: 'the same, from the values of its insert',
    query: 'mutation { upsertShop(by: { id: "s2" }, insert: { name: "New", email: "a@x", tags: [] }) { inserted } }',
    fields: ['insert.email is taken'],
  },
  {
    name: 'values of both halves of an upsert',
    query:
      'mutation { upsertShop(by: { id: "s2" }, insert: { name: "x", tags: [] }, update: { stock: 101 }) { inserted } }',
    fields: ['insert.name must have a length of at least 2, and has 1', 'update.stock must be at most 100'],
  },
  {
    name: 'a row that others hold',
    query: 'mutation { deleteItem(by: { id: "i1" }) { id } }',
    fields: [],
    code: 'CONSTRAINT_VIOLATION',
  },
];

describe('what is wrong with a write', () => {
  for (const { name, query, fields, code } of CASES) {
    test(name, async () => {
      const before_ = await app.database.query('SELECT (SELECT count(*) FROM shop) + (SELECT count(*) FROM item) AS n');
      const answer = await ask(query);
      assert.deepEqual(fieldsOf(answer), fields, answer.text);
      const expected = code ?? (fields.length > 0 ? 'CONSTRAINT_VIOLATION' : undefined);
      assert.equal(codeOf(answer), expected, answer.text);
      const now = await app.database.query('SELECT (SELECT count(*) FROM shop) + (SELECT count(*) FROM item) AS n');
      assert.deepEqual(now, before_);
      assert.doesNotMatch(answer.text, /pkey|fkey|\.key|violates|constraint "|relation "|SQL/);
    });
  }

  test('a row that others hold: by whom', async () => {
    const answer = await ask('mutation { deleteItem(by: { id: "i1" }) { id } }');
    assert.equal(
      answer.errors?.[0]?.message,
      'The Item is still the item of rows of Part: delete or change those first.',
    );
    const many = await ask('mutation { deleteShops(where: {}) { count } }');
    assert.equal(
      many.errors?.[0]?.message,
      'The Shop is still the shop of rows of Item: delete or change those first.',
    );
  });

  test('a check that somebody added in the database is refused at its place', async () => {
    await app.database.query(`ALTER TABLE shop ADD CONSTRAINT own CHECK (ledger <> 'bad')`);
    const answer = await ask(insert('{ name: "New", ledger: "bad", tags: [] }'));
    assert.equal(codeOf(answer), 'CONSTRAINT_VIOLATION');
    assert.equal(answer.errors?.[0]?.message, 'A value is not allowed.');
    const each = await ask(
      'mutation { insertShops(mode: EACH, data: [{ name: "A1", tags: [] }, { name: "A2", ledger: "bad", tags: [] }, { name: "A3", tags: [] }]) { count errors { index code } } }',
    );
    assert.deepEqual(each.data?.['insertShops'], { count: 2, errors: [{ index: 1, code: 'CONSTRAINT_VIOLATION' }] });
    await app.database.query('ALTER TABLE shop DROP CONSTRAINT own');
  });

  test('rules are asked before it is told that a value is taken', async () => {
    const answer = await ask('mutation { insertItem(data: { slug: "pen", price: -1, shopId: "s1" }) { id } }');
    assert.equal(codeOf(answer), 'FORBIDDEN');
    const broken = await ask('mutation { insertItem(data: { slug: "pen", price: -1, shopId: "no" }) { id } }');
    assert.deepEqual(fieldsOf(broken), ['data.shopId names no Shop that you may read']);
  });
});

describe('rows that are each for themselves', () => {
  const each = (data: string) =>
    `mutation { insertShops(mode: EACH, data: ${data}) { count nodes { name } errors { index code message } } }`;
  const EVERY_KIND = `[
    { id: "n", name: "A0", email: "c@x", tags: [] }, { id: "n", name: "A1", tags: [] }, { name: "x", email: "a@x", tags: [] },
    { name: "A3", email: "c@x", tags: [] }, { name: "A4", tags: [], ownerId: "oh" }, { name: "A5", tags: [] }, { id: "s1", name: "A6", tags: [] }]`;
  const TOLD = {
    count: 2,
    nodes: [{ name: 'A0' }, { name: 'A5' }],
    errors: [
      { index: 1, code: 'CONFLICT', message: `data.1.id ${USED}` },
      {
        index: 2,
        code: 'CONSTRAINT_VIOLATION',
        message: 'data.2.name must have a length of at least 2, and has 1; data.2.email is taken',
      },
      { index: 3, code: 'CONSTRAINT_VIOLATION', message: 'data.3.email is taken' },
      { index: 4, code: 'CONSTRAINT_VIOLATION', message: 'data.4.ownerId names no Owner that you may read' },
      { index: 6, code: 'CONFLICT', message: `data.6.id ${USED}` },
    ],
  };

  test('are told about one by one', async () => {
    assert.deepEqual((await ask(each(EVERY_KIND))).data?.['insertShops'], TOLD);
  });

  test('also in a transaction, which goes on', async () => {
    const answer = await ask(
      `mutation @transaction { ${each(EVERY_KIND).slice(11, -2)} insertOwner(data: { name: "after" }) { name } }`,
    );
    assert.deepEqual(answer.data, { insertShops: TOLD, insertOwner: { name: 'after' } });
  });

  test('also under a key, and the same the second time', async () => {
    const key = { 'idempotency-key': `each-${Math.random()}` };
    const first = await ask(each(EVERY_KIND), {}, key);
    assert.deepEqual(first.data?.['insertShops'], TOLD);
    assert.equal((await ask(each(EVERY_KIND), {}, key)).text, first.text);
  });

  const NESTED = `[
    { name: "A0", tags: [], items: { insert: [{ slug: "ink" }] } },
    { name: "A1", tags: [], items: { insert: [{ slug: "nib" }, { slug: "pen" }] } },
    { name: "A2", tags: [], items: { insert: [{ slug: "ink" }] } },
    { name: "A3", tags: [], items: { insert: [{ slug: "cork", price: -1 }] } },
    { name: "A4", tags: [], items: { connect: [{ id: "i1" }] } },
    { name: "A5", tags: [], items: { connect: [{ slug: "no" }] } },
    { name: "A6", tags: [] }]`;
  const NESTED_TOLD = [
    [1, 'data.1.items.insert.1.slug is taken'],
    [2, 'data.2.items.insert.0.slug is taken'],
    [3, 'The rules of Item do not allow this row.'],
    [5, 'data.5.items.connect.0.slug names no Item that you may read'],
  ];

  for (const [name, around] of [
    ['alone', ''],
    ['in a transaction', ' @transaction'],
  ] as const) {
    test(`with nested rows, ${name}: what belongs to a refused one is not there`, async () => {
      const answer = await ask(each(NESTED).replace('mutation', `mutation${around}`));
      const batch = answer.data?.['insertShops'] as { count: number; errors: { index: number; message: string }[] };
      assert.deepEqual(
        batch.errors.map(({ index, message }) => [index, message]),
        NESTED_TOLD,
      );
      assert.equal(batch.count, 3);
      const items = await app.database.query(
        'SELECT slug, s.name FROM item JOIN shop s ON s.id = shop_id ORDER BY slug',
      );
      assert.deepEqual(items, [
        { slug: 'ink', name: 'A0' },
        { slug: 'pen', name: 'A4' },
      ]);
    });
  }
});

describe('what is told in a transaction', () => {
  const within = (field: string) => `mutation @transaction { insertOwner(data: { name: "before" }) { id } ${field} }`;
  for (const [name, field, told] of [
    [
      'a batch',
      'insertShops(data: [{ name: "A1", email: "b@x", tags: [] }, { name: "A2", email: "a@x", tags: [], ownerId: "no" }]) { count }',
      ['data.0.email is taken', 'data.1.ownerId names no Owner that you may read', 'data.1.email is taken'],
    ],
    [
      'values',
      'insertShop(data: { name: "x", email: "a@x", tags: [] }) { id }',
      ['data.name must have a length of at least 2, and has 1', 'data.email is taken'],
    ],
    ['an update', 'updateShop(by: { id: "s2" }, set: { email: "a@x" }) { id }', ['set.email is taken']],
    [
      'a sum',
      'updateShop(by: { id: "s2" }, increment: { sold: 2147483647 }, set: { name: "Sold" }) { a: id } b: updateShop(by: { id: "s2" }, increment: { sold: 1 }) { id }',
      ['increment.sold makes a value that sold does not take: it must be within the bounds of Int'],
    ],
  ] as const) {
    test(name, async () => {
      const answer = await ask(within(field));
      assert.deepEqual(fieldsOf(answer), told, answer.text);
      assert.equal(codeOf(answer), 'CONSTRAINT_VIOLATION');
      assert.deepEqual(await app.database.query("SELECT 1 FROM owner WHERE name = 'before'"), []);
    });
  }
});
