// How much one write may be: its rows, what it nests, what it answers; and that plans do not depend on how many rows come.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { LIMITS } from '../../src/graphql/limits.ts';
import { PlanCache, PlanStore } from '../../src/graphql/plan-cache.ts';
import { modelOf, openTestService, type TestService } from '../support/open-test-service.ts';
import { coerce, operationOf, plannerOf, userClass } from '../unit/stores/recording-store.ts';

const SDL = `
type Box @table { name: String parent: Box @belongsTo boxes: [Box!]! @has(field: "parent") }
`;
const limits = { ...LIMITS, pageSize: 2, rows: 20, cost: 60, depth: 4 };

let app: TestService;
before(async () => {
  app = await openTestService({ sdl: SDL, limits });
});
after(() => app?.close());

const boxes = (count: number) => ({ rows: Array.from({ length: count }, (_, at) => ({ id: `b${count}-${at}` })) });
const nested = (levels: number): string => (levels === 0 ? '{}' : `{ boxes: { insert: [${nested(levels - 1)}] } }`);
const INSERT = 'mutation ($rows: [BoxInsert!]!) { insertBoxes(data: $rows) { count } }';
const EACH = 'mutation ($rows: [BoxInsert!]!) { insertBoxes(data: $rows, mode: EACH) { count } }';
const ANSWERED = 'mutation ($rows: [BoxInsert!]!) { insertBoxes(data: $rows) { nodes { boxes(first: 5) { id } } } }';

interface Case {
  readonly name: string;
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly code?: string;
  readonly words?: RegExp;
}

const TOO_MUCH = 'QUERY_TOO_COMPLEX';
const CASES: readonly Case[] = [
  { name: 'as many rows as may be', query: INSERT, variables: boxes(20) },
  {
    name: 'a row too many',
    query: INSERT,
    variables: boxes(21),
    code: TOO_MUCH,
    words: /more than 20 rows.*at most 20/,
  },
  { name: 'a row too many, each for itself', query: EACH, variables: boxes(21), code: TOO_MUCH, words: /at most 20/ },
  {
    name: 'a row too many, with those inside',
    query: INSERT,
    variables: { rows: [{ boxes: { insert: boxes(20).rows } }] },
    code: TOO_MUCH,
    words: /at most 20/,
  },
  { name: 'as deep as may be', query: `mutation { insertBox(data: ${nested(3)}) { id } }` },
  {
    name: 'a level too deep',
    query: `mutation { insertBox(data: ${nested(4)}) { id } }`,
    code: TOO_MUCH,
    words: /nests too deeply/,
  },
  { name: 'an answer that fits', query: ANSWERED, variables: boxes(3) },
  {
    name: 'an answer with too much in it',
    query: ANSWERED,
    variables: boxes(10),
    code: TOO_MUCH,
    words: /rows of data: 4 or first: 4 on each of insertBoxes/,
  },
  {
    name: 'one row with too much beside it',
    query: 'mutation { insertBox(data: {}) { boxes(first: 21) { id } } }',
    code: TOO_MUCH,
  },
  {
    name: 'an upsert with too much beside it',
    query: 'mutation { upsertBox(by: { id: "b20-0" }, insert: {}) { node { boxes(first: 21) { id } } } }',
    code: TOO_MUCH,
  },
  {
    name: 'a change with too much beside it',
    query: 'mutation { updateBox(by: { id: "b20-0" }, set: { name: "x" }) { boxes(first: 21) { id } } }',
    code: TOO_MUCH,
  },
  {
    name: 'a change of many whose answer does not fit without a limit',
    query:
      'mutation { updateBoxes(where: { id: { startsWith: "b20" } }, set: { name: "all" }) { nodes { boxes(first: 5) { id } } } }',
    code: TOO_MUCH,
    words: /limit: \d/,
  },
  {
    name: 'a deletion of many whose answer does not fit without a limit',
    query: 'mutation { deleteBoxes(where: { id: { startsWith: "b20" } }) { nodes { boxes(first: 5) { id } } } }',
    code: TOO_MUCH,
    words: /limit: \d/,
  },
  {
    name: 'and fits with it',
    query: 'mutation { updateBoxes(where: {}, set: { name: "x" }, limit: 3) { nodes { boxes(first: 5) { id } } } }',
  },
  {
    name: 'more rows than one operation changes',
    query: 'mutation { updateBoxes(where: {}, set: { name: "all" }) { count } }',
    code: TOO_MUCH,
    words: /where|limit/,
  },
  {
    name: 'more rows than one operation deletes',
    query: 'mutation { deleteBoxes(where: {}) { count } }',
    code: TOO_MUCH,
  },
  {
    name: 'a limit that is larger',
    query: 'mutation { deleteBoxes(where: {}, limit: 21) { count } }',
    code: 'BAD_USER_INPUT',
    words: /limit must be from 0 to 20/,
  },
  {
    name: 'a limit below nothing',
    query: 'mutation { deleteBoxes(where: {}, limit: -1) { count } }',
    code: 'BAD_USER_INPUT',
    words: /limit must be from 0 to 20/,
  },
];

describe('the size of a write', () => {
  for (const { name, query, variables = {}, code, words } of CASES) {
    test(name, async () => {
      const answer = await app.ask(query, { as: 'app', variables });
      assert.equal(answer.errors?.[0]?.extensions['code'], code, answer.text);
      if (words) assert.match(answer.errors?.[0]?.message ?? '', words);
    });
  }

  test('what was refused did nothing', async () => {
    const rows = await app.database.query(
      "SELECT name, count(*)::int AS n FROM box WHERE name = 'all' OR id LIKE 'b21%' GROUP BY name",
    );
    assert.deepEqual(rows, []);
    assert.deepEqual(await app.database.query("SELECT count(*)::int AS n FROM box WHERE id LIKE 'b20%'"), [{ n: 20 }]);
  });
});

test('a plan is the same for one row and for many, and for whatever they nest', async () => {
  const model = await modelOf(SDL);
  const planner = plannerOf(model, userClass());
  const store = new PlanStore();
  const cache = new PlanCache(planner, store);
  const { document, operation } = operationOf(planner, INSERT);
  const plans = [[], [{}], boxes(50).rows, [{ boxes: { insert: [{ name: 'x' }] } }, { parentId: null }]].map((rows) =>
    cache.planFor(document, operation, coerce(planner, operation, { rows })),
  );
  assert.equal(new Set(plans).size, 1);
});
