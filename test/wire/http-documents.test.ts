// Documents that ask for too much: refused with a code, before anything is planned or asked of the database, whoever asks.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { LIMITS } from '../../src/graphql/limits.ts';
import { MAX_TOKENS } from '../../src/graphql/validation-rules.ts';
import { openKeptLog } from '../support/kept-log.ts';
import { openTestService, type TestService } from '../support/open-test-service.ts';

const TABLES = `
  type Part @table @permission(level: PUBLIC) { name: String parent: Part @belongsTo children: [Part!]! @has(field: "parent") }
`;
const OWN = { accept: 'application/graphql-response+json' };

const kept = openKeptLog();
let app: TestService;
before(async () => {
  app = await openTestService({ sdl: TABLES, log: kept.log, http: { bodyLimit: 1_000_000 } });
});
after(() => app.close());

const times = (count: number, text: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => text(at)).join(' ');
const nest = (depth: number, open: string, inner: string, close: string) =>
  open.repeat(depth) + inner + close.repeat(depth);
const PUBLIC = ['public', 'alice:moderator+app', 'admin'];

/** Asks and expects a refusal in the client's own type, with one of three codes, in all its errors. */
async function assertRefused(query: string, says = /^/, callers = PUBLIC): Promise<void> {
  for (const as of callers) {
    kept.take();
    const answer = await app.ask(query, { as, headers: OWN });
    assert.equal(answer.status, 400, answer.text.slice(0, 300));
    for (const { extensions } of answer.errors ?? [])
      assert.match(String(extensions['code']), /^(GRAPHQL_(PARSE|VALIDATION)_FAILED|QUERY_TOO_COMPLEX)$/);
    assert.match(answer.errors?.[0]?.message ?? '', says);
    assert.deepEqual(kept.take(), []);
  }
}

async function assertTaken(query: string): Promise<void> {
  for (const as of PUBLIC) {
    const answer = await app.ask(query, { as, headers: OWN });
    assert.equal(answer.errors, undefined, answer.text.slice(0, 300));
  }
}

describe('limits, at them and over', { timeout: 60_000 }, () => {
  const { depth, aliases, fields } = LIMITS;
  const deep = (levels: number) => `{ parts(first: 1) ${nest(levels - 2, '{ children(first: 1) ', '{ name }', ' }')} }`;
  const deepInFragments = (levels: number) =>
    `{ parts(first: 1) { ...F0 } } ${times(levels - 2, (at) => `fragment F${at} on Part { children(first: 1) { ...F${at + 1} } }`)} fragment F${levels - 2} on Part { name }`;
  // Two aliases for each use of F, and one of its own.
  const aliased = (count: number) =>
    `{ parts(first: 1) { ${times((count - 1) / 3, (at) => `a${at}: children { ...F }`)} } z: __typename } fragment F on Part { b: parent { name } c: parent { name } }`;
  const wide = (count: number) =>
    `{ parts { ...F0 ...F0 } } ${times(3, (at) => `fragment F${at} on Part { ${times(9, () => `...F${at + 1}`)} }`)} fragment F3 on Part { ${'name '.repeat(count)} }`;

  const CASES: readonly { name: string; taken: string; refused: string; says: RegExp }[] = [
    {
      name: 'depth',
      taken: deep(depth),
      refused: deep(depth + 1),
      says: /has 11 levels of fields, and may have 10; parts(\.children){9}\.name is/,
    },
    {
      name: 'depth through fragments',
      taken: deepInFragments(depth),
      refused: deepInFragments(depth + 1),
      says: /has 11 levels of fields, and may have 10; parts(\.children){9}\.name is/,
    },
    {
      name: 'aliases at the root',
      taken: `{ ${times(aliases, (at) => `a${at}: __typename`)} }`,
      refused: `{ ${times(aliases + 1, (at) => `a${at}: __typename`)} }`,
      says: /has 101 fields under another name, and may have 100; a100 is/,
    },
    {
      name: 'aliases in fragments',
      taken: aliased(100),
      refused: aliased(103),
      says: /has 103 fields under .* 100; parts\.a33\.b is/,
    },
    {
      name: 'selections through fragments',
      taken: wide(5),
      refused: wide(7),
      says: new RegExp(`has \\d+ fields, and may have ${fields}; parts\\.name is`),
    },
    {
      name: 'tokens',
      taken: `{ viewer { level } } #${'x'.repeat(100_000)}`,
      refused: `{ ${'a '.repeat(MAX_TOKENS - 1)} }`,
      says: /20000 tokens/,
    },
  ];
  for (const { name, taken, refused, says } of CASES) {
    test(name, async () => {
      await assertTaken(taken);
      await assertRefused(refused, says);
    });
  }

  test('columns under many names are no more than columns', () =>
    assertTaken(`{ parts { ${times(300, (at) => `a${at}: name`)} } }`));

  test('the query that tools introspect with is none too much', async () => {
    const type = nest(9, '{ kind name ofType ', '{ kind }', ' }');
    await assertTaken(`{ __schema { types { name fields { name args { name type ${type} } type ${type} } } } }`);
  });
});

describe('hostile documents', { timeout: 60_000 }, () => {
  const chain = (length: number, body: (next: number) => string) =>
    `{ parts { ...F0 } } ${times(length, (at) => `fragment F${at} on Part { ${body(at + 1)} }`)} fragment F${length} on Part { name }`;
  const CASES: Record<string, string> = {
    'one field 3,000 times': `{ ${times(3_000, () => 'parts { name }')} }`,
    '3,000 fields that cannot be merged': `{ ${times(1_500, () => 'x: parts { id }')} ${times(1_500, () => 'x: part { id }')} }`,
    '30 fragments that spread the next twice': chain(30, (next) => `...F${next} ...F${next}`),
    '60 of them': chain(60, (next) => `...F${next} ...F${next}`),
    '30 fragments that nest the next twice': chain(
      30,
      (next) => `a: children { ...F${next} } b: parent { ...F${next} }`,
    ),
    'fragments in a circle': '{ parts { ...A } } fragment A on Part { ...B } fragment B on Part { children { ...A } }',
    'a fragment in itself': '{ ...A } fragment A on Query { parts { name } ...A }',
    'relations 900 deep': `{ parts ${nest(900, '{ children ', '{ name }', ' }')} }`,
    'unknown fields 9,900 deep': nest(9_900, '{a', '', '}'),
    'lists 9,900 deep': `{ parts(first: ${nest(9_900, '[', '1', ']')}) { id } }`,
    'objects 6,000 deep': `{ part(by: ${nest(6_000, '{id:', '1', '}')}) { id } }`,
    'a type 9,900 deep': `query ($a: ${nest(9_900, '[', 'ID', ']')}) { viewer { level } }`,
    '6,000 unknown fields': `{ ${times(6_000, (at) => `a${at}`)} }`,
    '9,000 unknown directives': `{ viewer { level ${'@a '.repeat(9_000)} } }`,
    '4,000 unused variables': `query (${times(4_000, (at) => `$a${at}: ID`)}) { viewer { level } }`,
    'a text that does not end': `{ part(by: { id: "${'x'.repeat(100_000)} }) { id } }`,
    'no GraphQL at all': '\u0000\ud800 DROP TABLE part; --',
  };
  for (const [name, query] of Object.entries(CASES)) {
    test(name, async () => {
      await assertRefused(query, /^(?!Maximum call stack|Validation aborted)/, ['public', 'admin']);
      assert.equal((await app.ask('{ parts { id } }')).errors, undefined);
    });
  }

  test('variables 100,000 deep', async () => {
    const body = `{"query":"query ($n: Int) { parts(first: $n) { id } }","variables":{"n":${nest(100_000, '[', '1', ']')}}}`;
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...OWN },
      body,
    });
    assert.equal(response.status, 400);
    assert.match(await response.text(), /"code":"BAD_USER_INPUT"/);
    assert.deepEqual(kept.take(), []);
  });
});
