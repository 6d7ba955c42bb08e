// Documents that ask for too much: refused with a code, before anything is planned or asked of the database, whoever asks.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DOCUMENT_LIMITS } from '../../src/graphql/document-size.ts';
import { MAX_TOKENS } from '../../src/graphql/validation-rules.ts';
import { openKeptLog } from '../support/kept-log.ts';
import { openTestService, type TestService } from '../support/open-test-service.ts';

const TABLES = `
  type Node @table @permission(level: PUBLIC) { name: String parent: Node @belongsTo children: [Node!]! @has(field: "parent") }
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

/** Asks and expects a refusal in the client's own type, with one of two codes, in all its errors. */
async function assertRefused(query: string, says = /^/, callers = PUBLIC): Promise<void> {
  for (const as of callers) {
    kept.take();
    const answer = await app.ask(query, { as, headers: OWN });
    assert.equal(answer.status, 400, answer.text.slice(0, 300));
    for (const { extensions } of answer.errors ?? [])
      assert.match(String(extensions['code']), /^GRAPHQL_(PARSE|VALIDATION)_FAILED$/);
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

describe('limits, at them and one over', { timeout: 60_000 }, () => {
  const { depth, aliases, selections } = DOCUMENT_LIMITS;
  const deep = (levels: number) => `{ nodes ${nest(levels - 2, '{ children ', '{ name }', ' }')} }`;
  const deepInFragments = (levels: number) =>
    `{ nodes { ...F0 } } ${times(levels - 2, (at) => `fragment F${at} on Node { children { ...F${at + 1} } }`)} fragment F${levels - 2} on Node { name }`;
  // Two aliases for each use of F, and one of its own.
  const aliased = (count: number) =>
    `{ nodes { ${times((count - 1) / 3, (at) => `a${at}: children { ...F }`)} } z: __typename } fragment F on Node { b: parent { name } c: parent { name } }`;
  const wide = (count: number) =>
    `{ nodes { ...F0 ...F0 } } ${times(3, (at) => `fragment F${at} on Node { ${times(9, () => `...F${at + 1}`)} }`)} fragment F3 on Node { ${'name '.repeat(count)} }`;

  const CASES: readonly { name: string; taken: string; refused: string; says: RegExp }[] = [
    { name: 'depth', taken: deep(depth), refused: deep(depth + 1), says: /more than 10 levels/ },
    {
      name: 'depth through fragments',
      taken: deepInFragments(depth),
      refused: deepInFragments(depth + 1),
      says: /more than 10 levels/,
    },
    {
      name: 'aliases at the root',
      taken: `{ ${times(aliases, (at) => `a${at}: __typename`)} }`,
      refused: `{ ${times(aliases + 1, (at) => `a${at}: __typename`)} }`,
      says: /more than 100 fields under another name/,
    },
    { name: 'aliases in fragments', taken: aliased(100), refused: aliased(103), says: /more than 100 fields under/ },
    {
      name: 'selections through fragments',
      taken: wide(5),
      refused: wide(7),
      says: new RegExp(`more than ${selections} fields`),
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
    assertTaken(`{ nodes { ${times(300, (at) => `a${at}: name`)} } }`));

  test('the query that tools introspect with is none too much', async () => {
    const type = nest(9, '{ kind name ofType ', '{ kind }', ' }');
    await assertTaken(`{ __schema { types { name fields { name args { name type ${type} } type ${type} } } } }`);
  });
});

describe('hostile documents', { timeout: 60_000 }, () => {
  const chain = (length: number, body: (next: number) => string) =>
    `{ nodes { ...F0 } } ${times(length, (at) => `fragment F${at} on Node { ${body(at + 1)} }`)} fragment F${length} on Node { name }`;
  const CASES: Record<string, string> = {
    'one field 3,000 times': `{ ${times(3_000, () => 'nodes { name }')} }`,
    '3,000 fields that cannot be merged': `{ ${times(1_500, () => 'x: nodes { id }')} ${times(1_500, () => 'x: node { id }')} }`,
    '30 fragments that spread the next twice': chain(30, (next) => `...F${next} ...F${next}`),
    '60 of them': chain(60, (next) => `...F${next} ...F${next}`),
    '30 fragments that nest the next twice': chain(
      30,
      (next) => `a: children { ...F${next} } b: parent { ...F${next} }`,
    ),
    'fragments in a circle': '{ nodes { ...A } } fragment A on Node { ...B } fragment B on Node { children { ...A } }',
    'a fragment in itself': '{ ...A } fragment A on Query { nodes { name } ...A }',
    'relations 900 deep': `{ nodes ${nest(900, '{ children ', '{ name }', ' }')} }`,
    'unknown fields 9,900 deep': nest(9_900, '{a', '', '}'),
    'lists 9,900 deep': `{ nodes(first: ${nest(9_900, '[', '1', ']')}) { id } }`,
    'objects 6,000 deep': `{ node(by: ${nest(6_000, '{id:', '1', '}')}) { id } }`,
    'a type 9,900 deep': `query ($a: ${nest(9_900, '[', 'ID', ']')}) { viewer { level } }`,
    '6,000 unknown fields': `{ ${times(6_000, (at) => `a${at}`)} }`,
    '9,000 unknown directives': `{ viewer { level ${'@a '.repeat(9_000)} } }`,
    '4,000 unused variables': `query (${times(4_000, (at) => `$a${at}: ID`)}) { viewer { level } }`,
    'a text that does not end': `{ node(by: { id: "${'x'.repeat(100_000)} }) { id } }`,
    'no GraphQL at all': '\u0000\ud800 DROP TABLE node; --',
  };
  for (const [name, query] of Object.entries(CASES)) {
    test(name, async () => {
      await assertRefused(query);
      assert.equal((await app.ask('{ nodes { id } }')).errors, undefined);
    });
  }

  test('variables 100,000 deep', async () => {
    const body = `{"query":"query ($n: Int) { nodes(first: $n) { id } }","variables":{"n":${nest(100_000, '[', '1', ']')}}}`;
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
