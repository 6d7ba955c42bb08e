// Scripts are read from an app's folder: which file is for which table, what may be exported and imported, and where what is
// wrong is said to be.

import assert from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadScripts } from '../../../../src/scripts/load/load-scripts.ts';
import { tableOfFile } from '../../../../src/scripts/load/script-names.ts';
import { type AppFiles, openScriptApp } from '../../../support/script-app.ts';

const TABLES = ['TodoItem', 'TodoList', 'URLEntry'];

async function load(files: AppFiles, prepare: (folder: string) => Promise<void> = async () => undefined) {
  const app = await openScriptApp(files);
  try {
    await prepare(app.folder);
    return await loadScripts(app.folder, TABLES);
  } finally {
    await app.close();
  }
}

/** Loads one script, and answers its problems as `line:column message`. */
async function problemsOf(text: string, others: AppFiles = {}, file = 'scripts/tables/todo-item.ts') {
  const { problems } = await load({ [file]: text, ...others });
  return problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

test('a file is named after its table', () => {
  const cases: [stem: string, table: string | undefined][] = [
    ['todo-item', 'TodoItem'],
    ['todo_item', 'TodoItem'],
    ['TodoItem', 'TodoItem'],
    ['todoitem', 'TodoItem'],
    ['url-entry', 'URLEntry'],
    ['todo', undefined],
    ['todo-items', undefined],
  ];
  for (const [stem, table] of cases) assert.equal(tableOfFile(stem, TABLES), table, stem);
});

test('an app without scripts has none', async () => {
  const { modules, problems } = await load({});
  assert.deepEqual([modules, problems], [[], []]);
});

test('what a script is, and that equal scripts are equal', async () => {
  const files = {
    'scripts/tables/todo-item.ts':
      "import { tidy } from '../shared/text.ts';\nexport const insert = (ctx: any) => { ctx.item.text = tidy(ctx.item.text); };\nexport const settings = { safe: true };",
    'scripts/tables/todo-list.js': 'function insert(item, user, request) { request.execute(); }\nfunction del(id) {}',
    'scripts/tables/notes.md': 'not a script',
    'scripts/shared/text.ts': 'export const tidy = (text: string): string => text.trim();',
    'scripts/startup.ts': 'export default async () => {};',
    'scripts/tablecast.d.ts': 'declare const x: string;',
  };
  const [one, same] = [await load(files), await load(files)];
  assert.deepEqual(one.problems, []);
  assert.deepEqual(
    one.modules.map(({ name, kind, table, file, form, exports }) => [name, kind, table, file, form, exports]),
    [
      ['tables/todo-item', 'table', 'TodoItem', 'scripts/tables/todo-item.ts', 'modern', ['insert', 'settings']],
      ['tables/todo-list', 'table', 'TodoList', 'scripts/tables/todo-list.js', 'classic', ['delete', 'insert']],
      ['startup', 'startup', null, 'scripts/startup.ts', 'modern', ['default']],
    ],
  );
  assert.equal(one.app, same.app);
  const other = await load({
    ...files,
    'scripts/shared/text.ts': 'export const tidy = (text: string): string => text;',
  });
  assert.notEqual(one.app, other.app);
});

test('problems have their places', async () => {
  const cases: [text: string, problem: RegExp][] = [
    ['export const insert = (ctx) => {\n  return ctx.;\n};', /^2:14 Expected identifier/],
    ['export const insert = () => {};\n\nexport const insrt = () => {};', /^3:14 .*"insrt"\. Did you mean "insert"\?/],
    ['function other() {}\nexport { other as del };', /^1:10 .*"del"\. Write "export \{ remove as delete \}"/],
    ['// a comment\nexport default () => {};', /^2:\d+ A table script has no default export/],
    ['const x = 1;', /^1:1 The script exports nothing/],
    ["import fs from 'node:fs';\nexport const insert = () => fs;", /^1:16 .*node:fs/],
    ["\nimport got from 'got';\nexport const insert = () => got;", /^2:17 .*got/],
    ["import { x } from '../../outside.ts';\nexport const insert = () => x;", /^1:19 /],
    ['export const insert = () => import(String(Math.random()));', /^1:29 What is imported must be a text/],
    [
      "export const insert = (ctx) =>\n  import('./' + ctx.item.text + '.ts');",
      /^2:\d+ What is imported must be a text/,
    ],
    ['export const insert = (ctx) => require(ctx.item.text);', /^1:32 What is imported must be a text/],
    ["export const insert = () => fetch('x') as;", /^1:42 /],
  ];
  for (const [text, problem] of cases) {
    const problems = await problemsOf(text, { 'outside.ts': 'export const x = 1;' });
    assert.equal(problems.length, 1, `${text}: ${problems.join('\n')}`);
    assert.match(problems[0] ?? '', problem);
  }
});

test('a problem in a shared module is where it is', async () => {
  const { problems } = await load({
    'scripts/tables/todo-item.ts': "import { x } from '../shared/x.ts';\nexport const insert = () => x;",
    'scripts/shared/x.ts': '\nexport const x = ;',
  });
  assert.deepEqual(
    problems.map(({ file, line, table }) => [file, line, table]),
    [['scripts/shared/x.ts', 2, 'TodoItem']],
  );
});

test('files that are for no table, or for one that has another', async () => {
  const { problems, modules } = await load({
    'scripts/tables/todo-itm.ts': 'export const insert = () => {};',
    'scripts/tables/TodoList.ts': 'export const insert = () => {};',
    'scripts/tables/todo-list.ts': 'export const insert = () => {};',
  });
  assert.deepEqual(
    modules.map(({ file }) => file),
    ['scripts/tables/TodoList.ts'],
  );
  const messages = problems.map(({ table, message }) => `${table} ${message}`);
  assert.match(messages[0] ?? '', /^null .*"todo-itm"\. Did you mean TodoItem\?/);
  assert.match(messages[1] ?? '', /^TodoList scripts\/tables\/TodoList.ts is for TodoList already/);
});

test('packages are granted by name, and only from the app', async () => {
  const files = {
    'package.json': '{ "dependencies": { "granted": "1.0.0" }, "devDependencies": { "other": "1.0.0" } }',
    'node_modules/granted/package.json': '{ "name": "granted", "main": "index.js" }',
    'node_modules/granted/index.js': "module.exports = { twice: (x) => require('inner')(x) };",
    'node_modules/inner/package.json': '{ "name": "inner", "main": "index.js" }',
    'node_modules/inner/index.js': 'module.exports = (x) => x + x;',
    'node_modules/other/package.json': '{ "name": "other", "main": "index.js" }',
    'node_modules/other/index.js': 'module.exports = 1;',
  };
  const use = (name: string) => `import x from '${name}';\nexport const insert = () => x;`;
  assert.deepEqual(await problemsOf(use('granted'), files), []);
  for (const name of ['other', 'inner']) assert.match((await problemsOf(use(name), files))[0] ?? '', /^1:15 /, name);
  for (const name of ['crypto', 'node:crypto', 'url', 'node:util'])
    assert.deepEqual(await problemsOf(use(name)), [], name);
});

test('a link does not lead out of the folder', async () => {
  const { problems } = await load(
    {
      'scripts/tables/todo-item.ts': "import { x } from '../shared/link.ts';\nexport const insert = () => x;",
      'scripts/shared/other.ts': '',
      'secret.ts': 'export const x = 1;',
    },
    (folder) => symlink(join(folder, 'secret.ts'), join(folder, 'scripts/shared/link.ts')),
  );
  assert.equal(problems.length, 1);
});

test('stacks are mapped to what authors wrote, and frames of the host are left out', async () => {
  const source = await load({
    'scripts/tables/todo-item.ts':
      "import { boom } from '../shared/boom.ts';\n\ninterface Much {\n  readonly to: string;\n}\nexport const insert = (ctx: Much) => boom(ctx.to);",
    'scripts/shared/boom.ts': '\n\nexport const boom = (text: string): never => {\n  throw new Error(text);\n};',
  });
  const { code = '' } = source.modules[0] ?? {};
  const lineOf = (text: string) => code.split('\n').findIndex((line) => line.includes(text)) + 1;
  const columnOf = (text: string) => (code.split('\n')[lineOf(text) - 1]?.indexOf(text) ?? 0) + 1;
  const at = (text: string) => `script:tables/todo-item:${lineOf(text)}:${columnOf(text)}`;
  const stack = `Error: no\n    at boom (${at('new Error')})\n    at insert (${at('boom(ctx')})\n    at runtime.js:1:1`;
  assert.equal(
    source.mapStack(stack),
    'Error: no\n    at boom (scripts/shared/boom.ts:4:9)\n    at insert (scripts/tables/todo-item.ts:6:38)',
  );
});
