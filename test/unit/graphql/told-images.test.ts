// Rows of the log on their way through a read script: how often it is asked, and what it may tell.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Image } from '../../../src/changes/change.ts';
import { tellImages, toldJson } from '../../../src/graphql/live/told-images.ts';
import type { PlainRow, RowScripts } from '../../../src/records/row-scripts.ts';
import type { Request } from '../../../src/records/value-source.ts';
import { columnOf, type TableModel, tableOf } from '../../../src/tables/model.ts';
import { modelOf } from '../../support/model-of.ts';

const REQUEST: Request = {
  caller: { kind: 'client', application: true, user: null },
  variables: {},
  requestId: 'test',
  newId: () => 'new',
};

let table: TableModel;
before(async () => {
  table = tableOf(await modelOf('type Card @table { number: String! extra: JSON at: DateTime }'), 'Card');
});

const image = (id: string, number: string): Image => ({ id, number, extra: '{"n":12345678901234567890}' });

type Tell = (rows: readonly PlainRow[]) => ReadonlyMap<string, PlainRow>;

/** Scripts that tell so, and the numbers of the cards of each call. */
function scriptsOf(tell: Tell): { readonly scripts: RowScripts; readonly calls: readonly unknown[][] } {
  const calls: unknown[][] = [];
  const scripts: RowScripts = {
    around: () => Promise.reject(new Error('nothing is written here')),
    async read(_, rows) {
      calls.push(rows.map((row) => row['number']));
      for (const row of rows) assert.deepEqual(Object.keys(row), [...table.columns.keys()], 'whole rows');
      return tell(rows);
    },
  };
  return { scripts, calls };
}

const changed =
  (change: PlainRow): Tell =>
  (rows) =>
    new Map(rows.map((row) => [String(row['id']), { ...row, ...change }]));

describe('how often a script is asked', () => {
  test('once for different rows, each given once', async () => {
    const { scripts, calls } = scriptsOf(changed({}));
    const [one, two] = [image('a', '1'), image('b', '2')];
    assert.equal((await tellImages(scripts, table, [one, two, one], REQUEST)).size, 2);
    assert.deepEqual(calls, [['1', '2']]);
  });

  test('once for each state of the same row, and each state is told as it is', async () => {
    const { scripts, calls } = scriptsOf(
      (rows) => new Map(rows.map((row) => [String(row['id']), { ...row, number: `*${row['number']}` }])),
    );
    const states = [image('a', '1'), image('b', '2'), image('a', '3')];
    const told = await tellImages(scripts, table, states, REQUEST);
    assert.deepEqual(calls, [['1', '2'], ['3']]);
    assert.deepEqual(
      states.map((state) => told.get(state)?.['number']),
      ['*1', '*2', '*3'],
    );
  });

  test('never for no rows', async () => {
    const { scripts, calls } = scriptsOf(changed({}));
    assert.equal((await tellImages(scripts, table, [], REQUEST)).size, 0);
    assert.deepEqual(calls, []);
  });
});

describe('what it may tell', () => {
  const failures: readonly (readonly [string, Tell, RegExp])[] = [
    ['a row that was not given', () => new Map([['x', { id: 'x' }]]), /Card .* row x that it was not given/],
    ['another id', changed({ id: 'x' }), /Card .*another id to the row a/],
  ];
  for (const [name, tell, message] of failures) {
    test(`${name} fails`, async () => {
      const { scripts } = scriptsOf(tell);
      const asked = tellImages(scripts, table, [image('a', '1')], REQUEST);
      await assert.rejects(asked, { code: 'SCRIPT_FAILED', message });
    });
  }

  test('a row that is left out is not there', async () => {
    const { scripts } = scriptsOf(() => new Map());
    assert.equal((await tellImages(scripts, table, [image('a', '1')], REQUEST)).size, 0);
  });

  const values: readonly (readonly [string, PlainRow, string])[] = [
    ['number', { number: '**' }, '"**"'],
    ['at', {}, 'null'],
    ['extra', {}, 'null'],
    ['extra', { extra: JSON.parse('{"n":12345678901234567890}') }, '{"n":12345678901234567890}'],
  ];
  for (const [column, told, json] of values) {
    test(`${column} told as ${JSON.stringify(told)} is ${json}`, () => {
      assert.equal(toldJson(table, columnOf(table, column), image('a', '1'), told), json);
    });
  }

  test('a value that the column cannot have fails', () => {
    for (const told of [{ number: 1 }, { number: null }, {}]) {
      const say = () => toldJson(table, columnOf(table, 'number'), image('a', '1'), told);
      assert.throws(say, { code: 'SCRIPT_FAILED', message: /Card .*number/ });
    }
  });
});
