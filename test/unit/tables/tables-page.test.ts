// docs/tables.md: its examples are tables, its problems are told so, and no directive is left out.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readVocabulary } from '../../../src/tables/grammar/directives.ts';
import { parseTables } from '../../../src/tables/grammar/parse-tables.ts';
import { TablesError } from '../../../src/tables/grammar/problems.ts';
import { vocabulary } from '../../support/model-of.ts';

const PAGE = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'tables.md'), 'utf8');
const VOCABULARY = await vocabulary();

const BLOCKS = [...PAGE.matchAll(/^```(\w*)\n(.*?)^```$/gms)];

const blocks = (language: string) => BLOCKS.flatMap(([, name, text = '']) => (name === language ? [text] : []));

test('the examples of the page are one app', () => {
  const files = blocks('graphql').map((text, at) => ({ name: `example ${at + 1}`, text }));
  assert.ok(files.length > 3);
  parseTables(VOCABULARY, files);
});

test('the problems of the page are told so', () => {
  const text = `type TodoItem @table {
  text: String! @lenght(max: 500)
  priority: Priority! @default(value: "HIHG")
}
enum Priority { LOW NORMAL HIGH }`;
  assert.throws(
    () => parseTables(VOCABULARY, [{ name: 'schema/todo.graphql', text }]),
    (error) => {
      assert.ok(error instanceof TablesError);
      assert.deepEqual(blocks(''), [`${error.message}\n`]);
      return true;
    },
  );
});

test('every directive and argument is on the page', () => {
  const { directives } = readVocabulary(VOCABULARY);
  const names = [...directives.values()].flatMap(({ name, args }) => [
    `@${name}`,
    ...args.map((argument) => `${argument.name}:`),
  ]);
  assert.deepEqual(
    names.filter((name) => !PAGE.includes(name)),
    [],
  );
});
