// Rules, callers and rows for property tests: three tables that point at each other, small domains so that values meet,
// and every way in which a claim can be wrong.

import fc from 'fast-check';
import { MOODS, type Row, type Rule, type Type, type World } from './kleene.ts';

interface TableSpec {
  readonly columns: Readonly<Record<string, Type>>;
  readonly one: Readonly<Record<string, TableName>>;
  readonly many: Readonly<Record<string, TableName>>;
}

export type TableName = 'Owner' | 'Item' | 'Sub';

/** The tables as rules see them. `Item` has soft delete. */
const TABLES: Readonly<Record<TableName, TableSpec>> = {
  Owner: { columns: { name: 'String', size: 'Int', userId: 'ID' }, one: {}, many: { items: 'Item' } },
  Item: {
    columns: {
      text: 'String',
      n: 'Int',
      cost: 'Decimal',
      done: 'Boolean',
      at: 'DateTime',
      code: 'UUID',
      mood: 'Mood',
      userId: 'ID',
      ownerId: 'ID',
    },
    one: { owner: 'Owner' },
    many: { subs: 'Sub' },
  },
  Sub: { columns: { k: 'ID', n: 'Int', itemId: 'ID' }, one: { item: 'Item', other: 'Item' }, many: {} },
};

/** The tables as SDL; `itemPermission` stands on Item, the others may be read by everyone. */
export const generatedSdl = (itemPermission: string) => `
enum Mood { ${MOODS.join(' ')} }
type Owner @table @permission(on: [READ], level: PUBLIC) {
  name: String size: Int userId: ID items: [Item!]! @has(field: "owner")
}
type Item @table(softDelete: true) ${itemPermission} {
  text: String n: Int cost: Decimal done: Boolean at: DateTime code: UUID mood: Mood userId: ID
  owner: Owner @belongsTo subs: [Sub!]! @has(field: "item")
}
type Sub @table @permission(on: [READ], level: PUBLIC) { k: ID n: Int item: Item @belongsTo other: Item @belongsTo }
`;

const VALUES: Readonly<Record<Type, readonly unknown[]>> = {
  String: ['a', 'b', 'B', 'é', '\uFF5E', '\u{1F95B}', 'it\'s "\\ $1'],
  ID: ['u1', 'u2', '7'],
  Int: [-1, 0, 1, 7],
  Decimal: ['1', '1.00', '-2.5', '7', '0.0000000001'],
  Boolean: [true, false],
  DateTime: ['2026-01-01T00:00:00Z', '2026-01-01T02:00:00+02:00', '2025-12-31T23:59:59.999Z'],
  UUID: [
    '018f3b6e-8f3a-7c3e-9d0a-2f6b1c4d5e6f',
    '018F3B6E-8F3A-7C3E-9D0A-2F6B1C4D5E6F',
    '00000000-0000-4000-8000-000000000000',
  ],
  Mood: MOODS,
};
const PATHS = [
  '$user.claims.one',
  '$user.claims.two',
  '$user.claims.deep.down',
  '$user.claims.list',
  '$user.claims.none',
];
const EQUALITY = ['eq', 'ne', 'in', 'notIn'];
const ORDER = [...EQUALITY, 'lt', 'lte', 'gt', 'gte'];

const anyOfType = (type: Type) => fc.constantFrom(...VALUES[type]);

function comparison(column: string, type: Type): fc.Arbitrary<Rule> {
  return fc.constantFrom(...(type === 'Boolean' || type === 'Mood' ? EQUALITY : ORDER)).chain((operator) => {
    const many = operator === 'in' || operator === 'notIn';
    const constant = many ? fc.array(anyOfType(type), { minLength: 1, maxLength: 3 }) : anyOfType(type);
    const text = type === 'ID' || type === 'String' ? [many ? '$user.roles' : '$user.id'] : [];
    const path = fc.constantFrom(...PATHS, ...text);
    return fc
      .oneof(
        constant.map((value) => ({ value })),
        path.map((found) => ({ path: found })),
      )
      .map((operand): Rule => ({ column, type, operator, operand }));
  });
}

/** Any rule over a table, to a depth. */
export function ruleOver(name: TableName, depth: number): fc.Arbitrary<Rule> {
  const { columns, one, many } = TABLES[name];
  const compared = fc.constantFrom(...Object.entries(columns)).chain(([column, type]) => comparison(column, type));
  const nullness = fc.record({ column: fc.constantFrom(...Object.keys(columns)), isNull: fc.boolean() });
  const leaf = fc.oneof({ weight: 4, arbitrary: compared }, { weight: 1, arbitrary: nullness });
  if (depth === 0) return leaf;
  const part = ruleOver(name, depth - 1);
  const parts = fc.array(part, { minLength: 1, maxLength: 3 });
  const related = [
    ...Object.entries(one).map(([relation, target]) =>
      ruleOver(target, depth - 1).map((rule): Rule => ({ relation, quantifier: 'one', rule })),
    ),
    ...Object.entries(many).map(([relation, target]) =>
      fc
        .record({ quantifier: fc.constantFrom('some', 'every', 'none'), rule: ruleOver(target, depth - 1) })
        .map((quantified): Rule => ({ relation, ...quantified })),
    ),
  ];
  return fc.oneof(
    leaf,
    parts.map((and): Rule => ({ and })),
    parts.map((or): Rule => ({ or })),
    part.map((inner): Rule => ({ not: inner })),
    ...related,
    ...related.map((relation) => relation.map((inner): Rule => ({ not: inner }))),
  );
}

const anyValue = fc.oneof(...Object.values(VALUES).map((values) => fc.constantFrom(...values)));
const claim = fc.oneof(
  { weight: 4, arbitrary: anyValue },
  { weight: 3, arbitrary: fc.array(anyValue, { minLength: 1, maxLength: 3 }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<unknown>(
      null,
      '',
      [],
      {},
      { x: 1 },
      [null],
      ['u1', null],
      [['u1']],
      1.5,
      2 ** 40,
      'x',
      true,
    ),
  },
);

/** Nobody, or a user with claims of every kind. */
export const anyUser: fc.Arbitrary<World['user']> = fc.option(
  fc.record({
    id: fc.constantFrom('u1', 'u2', '7'),
    roles: fc.subarray(['u1', 'u2', 'a']),
    claims: fc
      .record(
        { one: claim, two: claim, list: claim, deep: fc.oneof(fc.record({ down: claim }), claim) },
        { requiredKeys: [] },
      )
      .map((claims): Row => ({ ...claims })),
  }),
);

export type Rows = Readonly<Record<TableName, readonly Row[]>>;

/** Rows with nulls everywhere, and keys that lead to rows that are there, deleted or not, or nowhere. */
export const anyRows: fc.Arbitrary<Rows> = fc.record({
  Owner: rowsOf('Owner', 3),
  Item: rowsOf('Item', 6),
  Sub: rowsOf('Sub', 6),
});

/** A row of a table, without an id. */
export function anyRow(name: TableName): fc.Arbitrary<Row> {
  const { columns, one } = TABLES[name];
  const nullable = (arbitrary: fc.Arbitrary<unknown>) => fc.option(arbitrary, { freq: 4 });
  const keys = Object.entries(one).map(([relation, target]) => [
    `${relation}Id`,
    nullable(fc.constantFrom('1', '2', '3').map((at) => `${target}${at}`)),
  ]);
  const values = Object.entries(columns).map(([column, type]) => [column, nullable(anyOfType(type))]);
  return fc.record({ ...Object.fromEntries(values), ...Object.fromEntries(keys) });
}

function rowsOf(name: TableName, count: number): fc.Arbitrary<Row[]> {
  const deleted = name === 'Item' ? fc.boolean() : fc.constant(false);
  return fc
    .array(fc.tuple(anyRow(name), deleted), { minLength: 3, maxLength: count })
    .map((rows) => rows.map(([row, gone], at) => ({ ...row, deleted: gone, id: `${name}${at + 1}` })));
}

/** The world that rules are judged in. */
export function worldOf(rows: Rows, user: World['user']): World {
  return {
    user,
    related(row, relation) {
      if (relation === 'owner') return rows.Owner.filter(({ id }) => id === row['ownerId']);
      if (relation === 'item' || relation === 'other')
        return rows.Item.filter(({ id, deleted }) => id === row[`${relation}Id`] && !deleted);
      if (relation === 'items') return rows.Item.filter(({ ownerId, deleted }) => ownerId === row['id'] && !deleted);
      return rows.Sub.filter(({ itemId }) => itemId === row['id']);
    },
  };
}
