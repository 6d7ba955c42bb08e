// Routes: what a filter asks for by equality. A row that passes meets one of them, whatever the filter.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import fc from 'fast-check';
import { routesOf } from '../../../src/changes/routes.ts';
import type { Filter } from '../../../src/tables/filter.ts';
import type { Model, TableModel } from '../../../src/tables/model.ts';
import { tableOf } from '../../../src/tables/model.ts';
import { prepareFilter } from '../../../src/tables/prepare-filter.ts';
import { modelValue } from '../../../src/tables/value-source.ts';
import { modelOf } from '../../support/model-of.ts';

const SDL = `
type Room @table { name: String! owner: ID! members: [Member!]! @has(field: "room") messages: [Message!]! @has(field: "room") }
type Member @table { user: ID! room: Room! @belongsTo }
type Message @table { text: String! author: ID! stars: Int! done: Boolean! kind: Kind! room: Room! @belongsTo }
enum Kind { A B }`;

const is = (column: string, value: unknown): Filter => ({
  kind: 'compare',
  column,
  operator: 'eq',
  operand: modelValue(value),
});
const among = (column: string, values: unknown[]): Filter => ({
  kind: 'compare',
  column,
  operator: 'in',
  operand: modelValue(values),
});
const and = (...parts: Filter[]): Filter => ({ kind: 'and', parts });
const or = (...parts: Filter[]): Filter => ({ kind: 'or', parts });
const not = (part: Filter): Filter => ({ kind: 'not', part });
const every: Filter = { kind: 'constant', value: true };
const related = (relation: string, quantifier: 'one' | 'some' | 'every' | 'none', filter: Filter): Filter => ({
  kind: 'relation',
  relation,
  quantifier,
  filter,
  rows: every,
  linkRows: every,
});
const more: Filter = { kind: 'compare', column: 'stars', operator: 'gt', operand: modelValue(3) };

/** Ways and columns with their values; null: every row has to be asked. */
const TABLE: readonly (readonly [name: string, filter: Filter, routes: readonly string[] | null])[] = [
  ['equality', is('author', 'ann'), ['author=ann']],
  ['IN', among('author', ['ann', 'bob']), ['author=ann,bob']],
  ['IN nothing', among('author', []), []],
  ['a value that is missing', is('author', null), []],
  ['a number', is('stars', 5), ['stars=5']],
  ['no equality', more, null],
  ['AND takes one', and(more, is('author', 'ann')), ['author=ann']],
  ['AND takes what parts most', and(is('done', true), is('kind', 'A'), is('author', 'ann')), ['author=ann']],
  [
    'AND takes the own column before a related one',
    and(related('room', 'one', is('owner', 'x')), is('author', 'ann')),
    ['author=ann'],
  ],
  ['AND with what is never', and(is('author', 'ann'), among('stars', [])), []],
  ['OR takes all', or(is('author', 'ann'), is('stars', 5)), ['author=ann', 'stars=5']],
  ['OR with something else', or(is('author', 'ann'), more), null],
  ['NOT', not(is('author', 'ann')), null],
  ['all rows', every, null],
  ['no row', { kind: 'constant', value: false }, []],
  ['a relation to one', related('room', 'one', is('owner', 'ann')), ['room.owner=ann']],
  ['through two', related('room', 'one', related('members', 'some', is('user', 'ann'))), ['room.members.user=ann']],
  ['every related row', related('room', 'one', related('members', 'every', is('user', 'ann'))), null],
  ['no related row', related('room', 'one', related('members', 'none', is('user', 'ann'))), null],
  [
    'without case',
    { kind: 'compare', column: 'author', operator: 'eq', operand: modelValue('ann'), ignoreCase: modelValue(true) },
    null,
  ],
];

describe('routes', () => {
  let model: Model;
  let table: TableModel;
  before(async () => {
    model = await modelOf(SDL);
    table = tableOf(model, 'Message');
  });
  const given = (source: unknown) => (source as { value: unknown }).value ?? null;

  for (const [name, filter, expected] of TABLE) {
    test(name, () => {
      const routes = routesOf(filter, table, { model, valueOf: given });
      const told = routes?.map(
        ({ way, column, values }) => `${[...way.map(({ relation }) => relation.name), column].join('.')}=${values}`,
      );
      assert.deepEqual(told ?? null, expected);
    });
  }

  test('a row that passes meets one', () => {
    const author = fc.constantFrom('ann', 'bob', 'cid');
    const stars = fc.integer({ min: 0, max: 4 });
    const leaf = fc.oneof(
      author.map((value) => is('author', value)),
      stars.map((value) => is('stars', value)),
      fc.array(author, { maxLength: 2 }).map((values) => among('author', values)),
      fc.boolean().map((value): Filter => ({ kind: 'constant', value })),
      fc.constant(more),
    );
    const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
      filter: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('filter'), { maxLength: 3 }).map((parts) => and(...parts)),
        fc.array(tie('filter'), { maxLength: 3 }).map((parts) => or(...parts)),
        tie('filter').map(not),
      ),
    }));
    let met = 0;
    fc.assert(
      fc.property(filter, author, stars, (one, who, count) => {
        const row = { author: who, stars: count };
        const world = { tableOf: (name: string) => tableOf(model, name), valueOf: given, related: () => [] };
        if (prepareFilter(one, table, world)(row) !== true) return;
        const routes = routesOf(one, table, { model, valueOf: given });
        if (!routes) return;
        met += 1;
        assert.ok(routes.some(({ column, values }) => values.includes(String(row[column as 'author' | 'stars']))));
      }),
      { numRuns: 2_000 },
    );
    assert.ok(met > 100, `only ${met}`);
  });
});
