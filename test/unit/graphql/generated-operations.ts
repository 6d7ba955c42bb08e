// Documents and variables for property tests of planning: literals beside variables, null, absent and defaults, lists and
// JSON with variables inside, conditions, introspection.

import fc from 'fast-check';

export const GENERATED_SDL = `
enum Mood { SAD HAPPY }
type Thing @table(softDelete: true) @permission(level: PUBLIC) {
  s: String @unique i: Int f: Float o: Boolean j: JSON m: Mood t: DateTime
  tags: [String!] js: [JSON!]
  parent: Thing @belongsTo
  children: [Thing!]! @has(field: "parent")
}`;

/** A document, and the variables of some requests with it: valid, each. */
export interface GeneratedOperation {
  readonly text: string;
  readonly requests: readonly Readonly<Record<string, unknown>>[];
}

interface VariableSpec {
  readonly type: string;
  readonly values: readonly unknown[];
  readonly fallback?: string;
}

const ROW = { s: 'v', i: 3, tags: ['v', 'w'], j: { deep: ['v'] } };

/** Every variable that a document may use. Those with `!` are always given. */
const VARIABLES: Readonly<Record<string, VariableSpec>> = {
  s: { type: 'String', values: ['one', 'two', '', "it's $1"] },
  must: { type: 'String!', values: ['m1', 'm2'] },
  withDefault: { type: 'String', values: ['given', null], fallback: '"fallback"' },
  i: { type: 'Int', values: [0, 1, 2] },
  iDefault: { type: 'Int', values: [5, 6], fallback: '7' },
  f: { type: 'Float', values: [0, -0, 1.5, 1e308] },
  o: { type: 'Boolean', values: [true, false] },
  yes: { type: 'Boolean!', values: [true, false] },
  yesDefault: { type: 'Boolean!', values: [true, false], fallback: 'true' },
  m: { type: 'Mood', values: ['SAD', 'HAPPY'] },
  t: { type: 'DateTime', values: ['2026-01-01T00:00:00Z', '2026-01-01T02:00:00+02:00'] },
  j: { type: 'JSON', values: [1, 'text', { a: [null] }, [], JSON.parse('{"__proto__":{"x":1}}')] },
  jMust: { type: 'JSON!', values: [{ a: 1 }, 'text'] },
  tags: { type: '[String!]', values: [[], ['a'], ['a', 'b', 'c'], 'one'] },
  js: { type: '[JSON!]', values: [[1, { a: 'b' }], []] },
  data: { type: 'ThingInsert!', values: [ROW, { ...ROW, s: null }, {}, { j: null, tags: [] }, { m: 'SAD', o: false }] },
  key: { type: 'ThingKey!', values: [{ id: 'k1' }, { id: 'k2' }, { s: 'k3' }] },
  id: { type: 'ID!', values: ['id1', 7] },
  node: { type: 'ID!', values: ['VGhpbmc6MQ', 'Tm9uZTox', 'broken'] },
  order: { type: '[ThingOrderBy!]', values: [[], { s: 'ASC' }, [{ i: 'DESC' }, { parent: { t: 'ASC' } }]] },
  orderKey: { type: 'ThingOrderBy!', values: [{ s: 'DESC' }, { children: { count: 'ASC' } }] },
  direction: { type: 'SortDirection!', values: ['ASC', 'DESC', 'DESC_NULLS_LAST'] },
  deleted: { type: 'DeletedRows', values: ['EXCLUDE', 'INCLUDE', 'ONLY'], fallback: 'ONLY' },
  cursor: { type: 'Cursor', values: ['broken', 'WyJicm9rZW4iXQ'] },
  name: { type: 'String!', values: ['Thing', 'Mood', 'No'] },
};

const literalOrVariable = (literals: readonly string[], ...variables: readonly string[]) =>
  fc.oneof(fc.constantFrom('null', ...literals), fc.constantFrom(...variables.map((name) => `$${name}`)));

const VALUES: Readonly<Record<string, fc.Arbitrary<string>>> = {
  s: literalOrVariable(['"literal"', '"other"'], 's', 'must', 'withDefault'),
  i: literalOrVariable(['0', '42'], 'i', 'iDefault'),
  f: literalOrVariable(['1.5', '-0.0', '3'], 'f'),
  o: literalOrVariable(['true', 'false'], 'o', 'yes', 'yesDefault'),
  m: literalOrVariable(['SAD', 'HAPPY'], 'm'),
  t: literalOrVariable(['"2026-01-01T00:00:00Z"'], 't'),
  j: literalOrVariable(
    [
      '1',
      '"text"',
      '{ a: 1.0, b: [$s, { c: $j }], d: $i }',
      '[$j, { x: [$tags, $absent, null] }]',
      '{ a: { b: "c" } }',
    ],
    'j',
  ),
  tags: literalOrVariable(['[]', '["a", $must]', '[$must]', '[$withDefault]', '"alone"', '["a", "b"]'], 'tags'),
  js: literalOrVariable(['[]', '[1, $jMust, { a: $s }]', '[{ a: 2 }]'], 'js'),
};

const condition = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '@include(if: $yes)',
      '@skip(if: $yes)',
      '@include(if: $yesDefault)',
      '@skip(if: $yes) @include(if: $yesDefault)',
      '@skip(if: true)',
    ),
  },
);
const list = [
  fc.constantFrom('', 'orderBy: $order', 'orderBy: [$orderKey, { m: $direction }]', 'orderBy: { s: ASC }'),
  fc.constantFrom('', '', 'deleted: $deleted', 'deleted: ONLY'),
  fc.constantFrom('', 'first: 5', 'first: $i', 'first: $iDefault', 'first: null'),
] as const;
const argumentsOf = (...parts: readonly fc.Arbitrary<string>[]) =>
  fc
    .tuple(...parts)
    .map((given) => given.filter(Boolean).join(', '))
    .map((written) => (written ? `(${written})` : ''));
const page = argumentsOf(...list, fc.constantFrom('', 'skip: 1', 'skip: $i'));
const cursorPage = argumentsOf(
  ...list,
  fc.constantFrom('', 'after: $cursor', 'before: $cursor'),
  fc.constantFrom('', '', 'last: $i', 'last: null'),
);

function selection(depth: number): fc.Arbitrary<string> {
  const column = fc
    .tuple(fc.constantFrom('id', 's', 'j', 'tags', 't', '__typename'), condition)
    .map((parts) => parts.join(' '));
  if (depth === 0) return column;
  const inner = selection(depth - 1);
  // Equal keys have equal arguments, so that they merge.
  const related = fc
    .tuple(page, condition, inner)
    .map(([args, when, row]) => `c${args.replace(/\W+/g, '_')}: children${args} ${when} { ${row} }`);
  const connection = fc
    .tuple(cursorPage, condition, inner)
    .map(
      ([args, when, row]) =>
        `n${args.replace(/\W+/g, '_')}: childrenConnection${args} { totalCount ${when} nodes { ${row} } }`,
    );
  const parent = fc.tuple(condition, inner).map(([when, row]) => `parent ${when} { ${row} }`);
  const fragment = fc.tuple(condition, inner).map(([when, row]) => `... on Thing ${when} { ${row} }`);
  return fc
    .array(fc.oneof(column, related, connection, parent, fragment), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join(' '));
}

const data = fc.record(VALUES, { requiredKeys: [] }).map(
  (given) =>
    `{ ${Object.entries(given)
      .map(([name, value]) => `${name}: ${value}`)
      .join(', ')} }`,
);

const queryField = fc.oneof(
  fc.tuple(page, selection(2)).map(([args, row]) => `things${args} { ${row} }`),
  fc
    .tuple(fc.constantFrom('$key', '{ id: $id }', '{ id: "literal" }', '{ s: $must }'), selection(1))
    .map(([by, row]) => `thing(by: ${by}) { ${row} }`),
  fc
    .tuple(cursorPage, condition, selection(1))
    .map(
      ([args, when, row]) =>
        `thingsConnection${args} { edges { cursor ${when} node { ${row} } } pageInfo { hasNextPage } }`,
    ),
  selection(1).map((row) => `node(nodeId: $node) { nodeId ... on Thing { ${row} } }`),
  fc.constantFrom(
    '__type(name: $name) { name kind }',
    '__type(name: "Thing") { name @include(if: $yes) kind }',
    'viewer { userId level @skip(if: $yes) }',
    '__typename',
  ),
);
const mutationField = fc
  .tuple(fc.oneof(data, fc.constant('$data')), selection(1))
  .map(([given, row]) => `insertThing(data: ${given}) { ${row} }`);

/** The names of variables that a text uses, each once. */
const usedIn = (text: string) => [...new Set([...text.matchAll(/\$(\w+)/g)].map(([, name]) => name ?? ''))];

function withRequests(kind: 'query' | 'mutation', fields: readonly string[]): fc.Arbitrary<GeneratedOperation> {
  const body = fields.map((field, at) => `r${at}: ${field}`).join(' ');
  const used = usedIn(body);
  const definitions = used.map((name) => {
    const { type, fallback } = VARIABLES[name] ?? { type: 'Int' };
    return `$${name}: ${type}${fallback === undefined ? '' : ` = ${fallback}`}`;
  });
  const text = `${kind} ${definitions.length > 0 ? `(${definitions.join(', ')})` : ''} { ${body} }`;
  const given = used.map((name) => {
    const { type, values = [], fallback } = VARIABLES[name] ?? { type: 'Int', values: [] };
    const value = fc.constantFrom(...values.map((one) => ({ one })), ...(type.endsWith('!') ? [] : [{ one: null }]));
    const mayBeLeftOut = !type.endsWith('!') || fallback !== undefined;
    return [name, mayBeLeftOut ? fc.option(value, { freq: 3 }) : value] as const;
  });
  return fc.array(fc.record(Object.fromEntries(given)), { minLength: 4, maxLength: 8 }).map((requests) => ({
    text,
    requests: requests.map((request) =>
      Object.fromEntries(
        Object.entries(request).flatMap(([name, value]) => (value === null ? [] : [[name, value.one]])),
      ),
    ),
  }));
}

export const anyOperation: fc.Arbitrary<GeneratedOperation> = fc.oneof(
  fc.array(queryField, { minLength: 1, maxLength: 3 }).chain((fields) => withRequests('query', fields)),
  fc.array(mutationField, { minLength: 1, maxLength: 2 }).chain((fields) => withRequests('mutation', fields)),
);
