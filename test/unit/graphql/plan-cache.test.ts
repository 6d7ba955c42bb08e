// Plans are shared by requests of equal shape and by no others, and never carry a value from one request to the next.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { PlanCache, PlanStore } from '../../../src/graphql/plan-cache.ts';
import { type OperationPlan, type Planner, planOperation } from '../../../src/graphql/plan-operation.ts';
import type { Request } from '../../../src/records/value-source.ts';
import { modelOf } from '../../support/open-test-service.ts';
import { coerce, operationOf, plannerOf, recordingStore, userClass } from '../stores/recording-store.ts';
import { anyOperation, GENERATED_SDL } from './generated-operations.ts';

const MODEL = await modelOf(GENERATED_SDL);

const newPlanner = (store = recordingStore(MODEL)): Planner => plannerOf(MODEL, userClass(), store);

/** What a plan answers, or what is wrong: with the recording store, the statements and all values bound to them. */
async function answersOf({ fields }: OperationPlan, variables: Request['variables']): Promise<unknown[]> {
  const caller = { kind: 'client', application: true, user: { id: 'u', roles: [], claims: {} } } as const;
  const request = { caller, variables, requestId: 'test', newId: () => 'new' };
  const answers: unknown[] = [];
  for (const { key, run } of fields)
    answers.push([key, await run(request).catch((error: unknown) => ['failed', String(error)])]);
  return answers;
}

/** A cache, and the plans that it makes for one document. */
function cached(text: string, maxFields?: number) {
  const store = recordingStore(MODEL);
  const planner = newPlanner(store);
  const cache = new PlanCache(planner, new PlanStore(maxFields));
  const { document, operation } = operationOf(planner, text);
  return {
    store,
    planner,
    operation,
    plan: (inputs: Record<string, unknown>) => cache.planFor(document, operation, coerce(planner, operation, inputs)),
  };
}

describe('a plan that was kept', () => {
  test('answers every request as a plan of its own would', async () => {
    let requests = 0;
    let kept = 0;
    const property = fc.asyncProperty(anyOperation, async ({ text, requests: inputs }) => {
      const { planner, operation, plan } = cached(text);
      const plans = new Set<OperationPlan>();
      for (const input of inputs) {
        const variables = coerce(planner, operation, input);
        const shared = plan(input);
        requests++;
        if (plans.has(shared)) kept++;
        plans.add(shared);
        const anew = { ...planner, store: recordingStore(MODEL) };
        const own = planOperation(anew, operation, new Map(), variables);
        assert.deepEqual(await answersOf(shared, variables), await answersOf(own, variables), text);
      }
    });
    await fc.assert(property, { numRuns: 250 });
    assert.ok(kept > requests / 20, `only ${kept} of ${requests} requests found a plan`);
  });

  /** A document, and requests in groups of equal shape. */
  const shapes: readonly (readonly [
    name: string,
    text: string,
    groups: readonly (readonly Record<string, unknown>[])[],
  ])[] = [
    ['a value', 'query ($i: Int) { things(first: $i) { id } }', [[{ i: 1 }, { i: 2 }], [{ i: null }], [{}]]],
    ['a default', 'query ($i: Int = 5) { things(first: $i) { id } }', [[{ i: 1 }, {}, { i: 5 }], [{ i: null }]]],
    [
      'a condition',
      'query ($c: Boolean!) { things { id @include(if: $c) s @skip(if: $c) } }',
      [[{ c: true }], [{ c: false }]],
    ],
    [
      'a condition that is left out',
      'query ($c: Boolean! = false) { things { id @include(if: $c) } }',
      [[{ c: true }], [{ c: false }, {}]],
    ],
    [
      'members of an input',
      'mutation ($d: ThingSet!) { updateThing(by: { id: "a" }, set: $d) { id } }',
      [
        [{ d: { s: 'a' } }, { d: { s: 'b' } }],
        [{ d: { s: null } }],
        [{ d: {} }],
        [{ d: { s: 'a', i: 1 } }],
        [{ d: { i: 1 } }],
      ],
    ],
    [
      'new rows, which are taken from each request',
      'mutation ($d: [ThingInsert!]!) { insertThings(data: $d) { count } }',
      [
        [
          { d: [] },
          { d: [{ s: 'a' }] },
          { d: [{ s: null }, {}] },
          { d: { i: 1 } },
          { d: [{ children: { insert: [{}] } }] },
        ],
      ],
    ],
    [
      'lists, however long',
      'mutation ($l: [String!]) { insertThing(data: { tags: $l }) { id } }',
      [[{ l: [] }, { l: ['a'] }, { l: ['a', 'b'] }, { l: 'a' }], [{ l: null }], [{}]],
    ],
    [
      'JSON, whatever is in it',
      'mutation ($j: JSON) { insertThing(data: { j: $j }) { id } }',
      [[{ j: 1 }, { j: {} }, { j: { a: [null] } }, { j: 'x' }], [{ j: null }], [{}]],
    ],
    [
      'an enum',
      'mutation ($m: Mood) { insertThing(data: { m: $m }) { id } }',
      [[{ m: 'SAD' }, { m: 'HAPPY' }], [{ m: null }]],
    ],
    [
      'a key',
      'query ($k: ThingKey!) { thing(by: $k) { id } }',
      [[{ k: { id: 'a' } }, { k: { id: 'b' } }], [{ k: { s: 'a' } }]],
    ],
    [
      'a direction, which is part of what is asked',
      'query ($d: SortDirection!) { things(orderBy: { s: $d }) { id } }',
      [[{ d: 'ASC' }, { d: 'ASC' }], [{ d: 'DESC' }], [{ d: 'DESC_NULLS_LAST' }]],
    ],
    [
      'an order',
      'query ($o: [ThingOrderBy!]) { things(orderBy: $o) { id } }',
      [
        [{ o: [{ s: 'ASC' }] }, { o: { s: 'ASC' } }],
        [{ o: [{ s: 'DESC' }] }],
        [{ o: [{ s: 'ASC' }, { i: 'ASC' }] }],
        [{ o: [{ i: 'ASC' }, { s: 'ASC' }] }],
        [{ o: [{ parent: { s: 'ASC' } }] }],
        [{ o: [{ children: { count: 'ASC' } }] }],
        [{ o: null }],
        [{}],
      ],
    ],
    [
      'which rows',
      'query ($d: DeletedRows) { things(deleted: $d) { id } }',
      [[{ d: 'ONLY' }, { d: 'ONLY' }], [{ d: 'INCLUDE' }], [{ d: null }], [{}]],
    ],
    [
      'a cursor',
      'query ($c: Cursor) { thingsConnection(after: $c) { totalCount } }',
      [[{ c: 'a' }, { c: 'b' }], [{ c: null }], [{}]],
    ],
    ['a node of any type', 'query ($i: ID!) { node(nodeId: $i) { nodeId } }', [[{ i: 'a' }, { i: 'b' }]]],
    [
      'two variables that are not one',
      'query ($a: Int, $b: Int) { things(first: $a, skip: $b) { id } }',
      [[{ a: 1 }], [{ b: 1 }], [{ a: 1, b: 2 }], [{ a: null }], [{ b: null }]],
    ],
  ];
  for (const [name, text, groups] of shapes) {
    test(`is shared by its shape: ${name}`, () => {
      const { plan } = cached(text);
      const plans = groups.map((requests) => requests.map(plan));
      for (const group of plans) for (const one of group) assert.equal(one, group[0]);
      assert.equal(new Set(plans.flat()).size, groups.length, 'different shapes share a plan');
    });
  }

  test('compiles nothing again', () => {
    const { plan, store } = cached('query ($i: Int) { things(first: $i) { id } }');
    for (let i = 0; i < 10; i++) plan({ i });
    assert.equal(store.statements.length, 1);
  });

  test('is of one class and model: another cache makes its own', () => {
    const [one, other] = [cached('{ things { id } }'), cached('{ things { id } }')];
    assert.notEqual(one.plan({}), other.plan({}));
    const planner = newPlanner();
    const plans = new PlanStore();
    const { document, operation } = operationOf(planner, '{ things { id } }');
    assert.notEqual(
      new PlanCache(planner, plans).planFor(document, operation, {}),
      new PlanCache(newPlanner(), plans).planFor(document, operation, {}),
    );
  });

  test('is let go when others take its room', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const { plan, store } = cached(
      `query (${names.map((name) => `$${name}: Int`).join(' ')}) { ${names.map((name) => `${name}: things(first: $${name}) { id }`).join(' ')} }`,
      2_000,
    );
    const shape = (bits: number) =>
      Object.fromEntries(names.flatMap((name, at) => ((bits >> at) & 1 ? [[name, 1]] : [])));
    const first = plan(shape(0));
    assert.equal(plan(shape(0)), first);
    for (let bits = 1; bits <= 100; bits++) plan(shape(bits));
    const compiled = store.statements.length;
    assert.notEqual(plan(shape(0)), first, 'plans are kept without bound');
    assert.equal(plan(shape(100)), plan(shape(100)));
    assert.equal(store.statements.length, compiled + names.length);
  });
});

describe('a plan', () => {
  test('that is wrong for one field fails that field, each time, with what is wrong', async () => {
    const { plan } = cached('query ($s: String = "x") { bad: thing(by: { s: $s }) { id } good: things { id } }');
    const shared = plan({ s: null });
    assert.equal(plan({ s: null }), shared);
    for (let times = 0; times < 2; times++) {
      const [bad, good] = await answersOf(shared, { s: null });
      assert.deepEqual(bad, [
        'bad',
        ['failed', 'ServiceError: A key names exactly one of its members, and not with null.'],
      ]);
      assert.match(String(good), /SELECT/);
    }
  });

  test('holds no value of the request that it was made for', async () => {
    const { plan, store } = cached(
      'mutation ($d: ThingInsert!, $s: String!, $j: JSON) { a: insertThing(data: $d) { id } b: insertThing(data: { s: $s, j: { x: [$j] }, tags: [$s] }) { id } }',
    );
    plan({ d: { s: 'SECRET', j: { SECRET: 1 }, tags: ['SECRET'] }, s: 'SECRET', j: 'SECRET' });
    assert.doesNotMatch(
      JSON.stringify(store.statements.map(({ text, parameters }) => [text, parameters.slots])),
      /SECRET/,
    );
  });
});
