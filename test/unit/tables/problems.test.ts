// How problems of table files are told. What they are is in test/schema, a folder for each idea.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseTables } from '../../../src/tables/grammar/parse-tables.ts';
import { ProblemList, suggest, TablesError } from '../../../src/tables/grammar/problems.ts';
import { vocabulary } from '../../support/model-of.ts';

const VOCABULARY = await vocabulary();

function problemsOf(...texts: string[]): TablesError {
  try {
    parseTables(
      VOCABULARY,
      texts.map((text, at) => ({ name: `${at + 1}.graphql`, text })),
    );
  } catch (error) {
    assert.ok(error instanceof TablesError, String(error));
    return error;
  }
  assert.fail('there is no problem');
}

const shown = (text: string) => problemsOf(text).message.split('\n').slice(1);

describe('problems of table files', () => {
  test('are told all together, as they stand in the files', () => {
    const first = 'type A @table {\n  x: Strin\n  y: Int @lenght\n}';
    const { problems } = problemsOf(first, 'type A @table { z: Int }\ntype B @table { Id: Int }');
    assert.deepEqual(
      problems.map(({ file, line, column, text }) => `${file}:${line}:${column} ${text}`),
      ['1.graphql:2:6 Strin', '1.graphql:3:10 @lenght', '2.graphql:1:6 A', '2.graphql:2:17 Id', '2.graphql:2:17 Id'],
    );
  });

  test('are told once, however often they are found', () => {
    const { problems } = problemsOf('type A @table { x: ID @preset(on: [READ, READ], value: "1") }');
    assert.equal(problems.length, 1);
  });

  test('have a place', () => {
    assert.throws(() => new ProblemList([]).add({}, 'nowhere'), /a problem without a place: nowhere/);
  });

  for (const [name, text, lines] of [
    ['a tab before it', 'type A @table {\n\tx:\tStrin\n}', ['  2 | \tx:\tStrin', '    | \t  \t^^^^^']],
    ['a description before it', 'type A @table {\n "About."\n # why\n x(y: Int): Int @default\n}', null],
    ['Windows line ends', 'type A @table {\r\n  x: Strin\r\n}', ['  2 |   x: Strin', '    |      ^^^^^']],
    ['several lines of it', 'extend type A\n{ x: Int }', ['  1 | extend type A', '    | ^^^^^^^^^^^^^']],
    [
      'what would move the cursor of a terminal',
      'type A @table { x: Strin # \u001b[31m\n}',
      ['  1 | type A @table { x: Strin # \u{FFFD}[31m', '    |                    ^^^^^'],
    ],
    [
      'a long line before and after it',
      `type A @table { ${'a: Int '.repeat(30)} x: Strin ${'b: Int '.repeat(30)}}`,
      null,
    ],
  ] as const) {
    test(`are shown with ${name}`, () => {
      const [source = '', carets = ''] = shown(text);
      if (lines) assert.deepEqual([source, carets], lines);
      const { problems } = problemsOf(text);
      const at = carets.indexOf('^');
      assert.equal(source.slice(at, carets.length), problems[0]?.text);
      assert.ok(source.length <= 140, source);
    });
  }

  test('stand after the description of what they are about', () => {
    const { problems } = problemsOf('"About." input I { x: Int }\n"""\nAbout.\n"""\n# why\ninterface A { x: Int }');
    assert.deepEqual(
      problems.map(({ line, column }) => [line, column]),
      [
        [1, 10],
        [6, 1],
      ],
    );
  });

  test('of a table with more columns than PostgreSQL takes', () => {
    const columns = (count: number) => Array.from({ length: count }, (_, at) => `c${at}: Int`).join(' ');
    // Four are the system's.
    parseTables(VOCABULARY, [{ name: '1.graphql', text: `type A @table { ${columns(1_596)} }` }]);
    assert.match(
      problemsOf(`type A @table { ${columns(1_597)} }`).message,
      /^1\.graphql:1:6 A has 1601 columns, and PostgreSQL takes 1600/,
    );
  });

  test('suggest what is near, whatever its case, or nothing', () => {
    assert.equal(suggest('ownr', ['owner', 'name']), '; did you mean "owner"?');
    assert.equal(suggest('json', ['String', 'JSON']), '; did you mean "JSON"?');
    assert.equal(suggest('zzz', ['owner', 'name']), '');
  });
});
