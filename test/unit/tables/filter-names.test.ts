// Names of filter inputs that an app's own names would meet.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseTables } from '../../../src/tables/grammar/parse-tables.ts';
import { TablesError } from '../../../src/tables/grammar/problems.ts';
import { vocabulary } from '../../support/open-test-service.ts';

const VOCABULARY = await vocabulary();

describe('a clash with the name of a filter', () => {
  for (const [tables, problem] of [
    ['type StringFilter @table { x: Int }', /type "StringFilter" comes from table StringFilter and Tablecast's own/],
    ['type A @table { x: Int } type AWhere @table { x: Int }', /type "AWhere" comes from table AWhere and table A/],
    [
      'type A @table { x: Int } type AListFilter @table { x: Int }',
      /"AListFilter" comes from table AListFilter and table A/,
    ],
    [
      'enum Mood { SAD } type MoodFilter @table { mood: Mood }',
      /"MoodFilter" comes from the filters of enum Mood and table MoodFilter: rename one/,
    ],
    [
      'enum AList { X } type A @table { x: AList }',
      /"AListFilter" comes from the filters of enum AList and table A: rename one/,
    ],
    [
      'enum X { A } enum XList { A } type A @table { x: X y: XList }',
      /"XListFilter" comes from the filters of enum XList and the filters of enum X: rename one/,
    ],
  ] as const) {
    test(problem.source, () => {
      assert.throws(
        () => parseTables(VOCABULARY, [{ name: 'tables.graphql', text: tables }]),
        (error) => error instanceof TablesError && problem.test(error.message),
      );
    });
  }

  test('is none where no column has the enum', () => {
    parseTables(VOCABULARY, [{ name: 'tables.graphql', text: 'enum AList { X } type A @table { x: Int }' }]);
  });
});
