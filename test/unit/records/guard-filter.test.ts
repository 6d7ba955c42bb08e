// Filters meet what a class may see: hidden columns and relations are as if they were not there, at every depth, and only
// visible rows count through a relation.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ADMIN_CLASS, callerClass } from '../../../src/access/caller-class.ts';
import { ServiceError } from '../../../src/platform/errors.ts';
import { guardFilter } from '../../../src/records/guard-filter.ts';
import { visibleRows } from '../../../src/records/readable-rows.ts';
import { allOf, EVERY_ROW, type Filter, livingRows, NO_ROW } from '../../../src/tables/filter.ts';
import { tableOf } from '../../../src/tables/model.ts';
import { modelValue } from '../../../src/tables/value-source.ts';
import { modelOf } from '../../support/open-test-service.ts';

const MODEL = await modelOf(`
type A @table @permission(on: [READ], level: PUBLIC) {
  open: Int
  hidden: String @permission(on: [READ], level: USER)
  list: [Int!] @permission(on: [READ], level: USER)
  json: JSON @permission(on: [READ], level: USER)
  b: B @belongsTo
  secret: B @belongsTo @permission(on: [READ], level: USER)
  closed: Closed @belongsTo
  bs: [B!]! @has(field: "a")
  keyed: [Keyed!]! @has(field: "a")
  linked: [B!]! @manyToMany(through: "Link")
  hiddenLinked: [B!]! @manyToMany(through: "HiddenLink")
}
type B @table(softDelete: true) @permission(on: [READ], level: PUBLIC, rows: { open: { eq: 1 } }) {
  open: Int hidden: Int @permission(on: [READ], level: USER) a: A @belongsTo
}
type Closed @table @permission(on: [READ], level: USER) { x: Int }
type Keyed @table @permission(on: [READ], level: PUBLIC) { a: A @belongsTo @permission(on: [READ], level: USER) }
type Link @table(softDelete: true) @permission(on: [READ], level: PUBLIC, rows: { x: { eq: 2 } }) { x: Int a: A @belongsTo b: B @belongsTo }
type HiddenLink @table @permission(on: [READ], level: PUBLIC) { a: A @belongsTo @permission(on: [READ], level: USER) b: B @belongsTo }`);
const A = tableOf(MODEL, 'A');
const B = tableOf(MODEL, 'B');
const PUBLIC = callerClass({ admin: false, application: false, user: false, roles: [] });
const USER = callerClass({ admin: false, application: false, user: true, roles: [] });

const NONE = { rows: NO_ROW, linkRows: NO_ROW };
const ONE = modelValue(1);
const compare = (column: string): Filter => ({ kind: 'compare', column, operator: 'eq', operand: ONE });
const related = (relation: string, filter: Filter = EVERY_ROW): Filter => ({
  kind: 'relation',
  relation,
  quantifier: 'every',
  filter,
  ...NONE,
});
const count = (relation: string): Filter => ({ kind: 'count', relation, operator: 'eq', operand: ONE, ...NONE });

/** One filter that mentions the column, for every kind of leaf. */
const LEAVES: Readonly<Record<string, Filter>> = {
  compare: compare('hidden'),
  isNull: { kind: 'isNull', column: 'hidden', value: ONE },
  list: { kind: 'list', column: 'list', operator: 'has', operand: ONE },
  isEmpty: { kind: 'isEmpty', column: 'list', value: ONE },
  json: { kind: 'json', column: 'json', path: ONE, operator: 'eq', operand: ONE },
  jsonIs: { kind: 'jsonIs', column: 'json', path: ONE, test: 'exists', value: ONE },
  'a relation whose key is hidden': related('secret'),
  'a relation to a table that is closed': related('closed'),
  'a relation whose key over there is hidden': related('keyed'),
  'a relation through a link whose key is hidden': related('hiddenLinked'),
  'the count of one': count('keyed'),
  'a hidden column over there': related('b', compare('hidden')),
  'a hidden column there and back': related('b', related('a', compare('hidden'))),
};

/** Places where a filter can stand. */
const PLACES: Readonly<Record<string, (filter: Filter) => Filter>> = {
  'at the top': (filter) => filter,
  'under AND': (filter) => ({ kind: 'and', parts: [EVERY_ROW, filter] }),
  'under OR': (filter) => ({ kind: 'or', parts: [filter, EVERY_ROW] }),
  'under NOT': (filter) => ({ kind: 'not', part: filter }),
  'there and back': (filter) => related('bs', related('a', filter)),
};

describe('what a class may not read', () => {
  for (const [place, put] of Object.entries(PLACES)) {
    for (const [what, leaf] of Object.entries(LEAVES)) {
      test(`${what}, ${place}, is unknown`, () => {
        assert.throws(
          () => guardFilter(MODEL, PUBLIC, A, put(leaf)),
          (error) => error instanceof ServiceError && /^Cannot query field "\w+" on type "\w+"\.$/.test(error.message),
        );
        guardFilter(MODEL, USER, A, put(leaf));
        guardFilter(MODEL, ADMIN_CLASS, A, put(leaf));
      });
    }
  }

  test('has the words of what does not exist', () => {
    const words = (filter: Filter) => {
      try {
        return guardFilter(MODEL, PUBLIC, A, filter);
      } catch (error) {
        return String(error);
      }
    };
    for (const make of [compare, related, count]) {
      const [hidden, absent] = [make === compare ? 'hidden' : 'secret', 'absent'];
      assert.equal(words(make(hidden)), String(words(make(absent))).replace(absent, hidden));
    }
  });

  test('a table that may not be read has no columns at all', () => {
    const filter: Filter = { kind: 'isNull', column: 'id', value: ONE };
    assert.throws(() => guardFilter(MODEL, PUBLIC, tableOf(MODEL, 'Closed'), filter), /Cannot query field "id"/);
  });
});

describe('the rows that count', () => {
  test('are those that the class may see, and that live', () => {
    const visible = allOf([compare('open'), livingRows(B)]);
    assert.deepEqual(visibleRows(PUBLIC, B), visible);
    for (const filter of [related('bs'), count('bs')]) {
      assert.deepEqual(guardFilter(MODEL, PUBLIC, A, filter), { ...filter, rows: visible, linkRows: EVERY_ROW });
      assert.deepEqual(guardFilter(MODEL, ADMIN_CLASS, A, filter), {
        ...filter,
        rows: livingRows(B),
        linkRows: EVERY_ROW,
      });
    }
  });

  test('of a table between too', () => {
    const guarded = guardFilter(MODEL, PUBLIC, A, related('linked'));
    const linkRows = visibleRows(PUBLIC, tableOf(MODEL, 'Link'));
    assert.deepEqual(guarded, { ...related('linked'), rows: visibleRows(PUBLIC, B), linkRows });
    assert.equal(JSON.stringify(linkRows).includes('"x"') && JSON.stringify(linkRows).includes('deleted'), true);
  });

  test('at every depth, also in what was guarded for somebody else', () => {
    const seen = { rows: visibleRows(PUBLIC, B), linkRows: EVERY_ROW };
    const inner: Filter = { ...(related('bs') as Extract<Filter, { kind: 'relation' }>), rows: EVERY_ROW };
    const filter = related('b', related('a', inner));
    const innermost = { ...related('bs'), ...seen };
    const between = { ...related('a', innermost), rows: EVERY_ROW, linkRows: EVERY_ROW };
    assert.deepEqual(guardFilter(MODEL, PUBLIC, A, filter), { ...related('b', between), ...seen });
  });
});
