// The types of scripts: what a check by them finds, and that the sample's declarations are current.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkTypes, writeDeclarations } from '../../src/commands/types.ts';
import { modelOf, sampleTables } from '../support/model-of.ts';
import { type AppFiles, openScriptApp } from '../support/script-app.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const SDL = `
enum Colour { RED BLUE }
"What is to be done."
type Task @table(softDelete: true) {
  "In one line."
  title: String!
  done: Boolean! @default(value: "false")
  size: Int
  cost: Decimal
  due: DateTime
  colour: Colour
  labels: [String!]!
  extra: JSON
  list: TaskList! @belongsTo
}
type TaskList @table { name: String! @unique, tasks: [Task!]! @has(field: "list") }
`;

async function inApp<T>(
  files: AppFiles,
  work: (folder: string, app: Awaited<ReturnType<typeof openScriptApp>>) => T,
): Promise<Awaited<T>> {
  const app = await openScriptApp({ 'scripts/shared/none.ts': '', ...files });
  try {
    await writeDeclarations(app.folder, await modelOf(SDL));
    return await work(app.folder, app);
  } finally {
    await app.close();
  }
}

const inTask = (body: string) =>
  `export const insert: Tablecast.Task.Insert = async (ctx) => {\n  ${body}\n  return ctx.execute();\n};\n`;

test('the declarations of the sample app are current', async () => {
  const file = join(ROOT, 'scripts', 'tablecast.d.ts');
  const app = await openScriptApp({ 'scripts/shared/none.ts': '' });
  try {
    await writeDeclarations(app.folder, await modelOf(await sampleTables()));
    const current = await readFile(join(app.folder, 'scripts', 'tablecast.d.ts'), 'utf8');
    if (process.env['UPDATE'] === '1') await writeFile(file, current);
    else assert.equal(await readFile(file, 'utf8'), current, 'run npx tablecast types');
  } finally {
    await app.close();
  }
});

test('what fits the types is nothing to speak of', () =>
  inApp(
    {
      'scripts/shared/words.ts':
        "import { Buffer } from 'node:buffer';\nexport const words = (text: string) => Buffer.from(text).toString().split(' ');",
      'scripts/tables/task.ts': `
        import { words } from '../shared/words';
        export const insert: Tablecast.Task.Insert = async (ctx) => {
          ctx.item.title = words(ctx.item.title)[0] ?? '';
          ctx.item.colour ??= 'RED';
          ctx.item.cost = '1.50';
          if (ctx.user?.claims['plan'] === 'free') ctx.reject('NO', 'no', [{ path: ['data', 'title'], message: 'no' }]);
          const list = await ctx.tables.TaskList.get({ name: 'x' });
          const mine = await ctx.tables.asUser.Task.read({ where: { done: { eq: false }, list: { name: { startsWith: 'a' } } }, orderBy: [{ due: 'ASC' }], first: 3 });
          const count: number = await ctx.tables.Task.count({ where: { OR: [{ size: { gt: 3 } }] } });
          await ctx.tables.Task.update(mine[0]?.id ?? '', { title: list?.name ?? '' }, { increment: { size: 1 } });
          const [found] = await ctx.sql<{ n: number }>\`select \${count} as n\`;
          const answer = await ctx.fetch('https://api.test/' + found?.n, { method: 'POST', body: '{}' });
          ctx.item.extra = await answer.json();
          const row = await ctx.execute({ ifVersion: null });
          ctx.afterCommit(() => ctx.log.info(row.version, ctx.settings.SIZE ?? ctx.params.size));
          return { ...row, title: row.title.toUpperCase() };
        };
        export const updateMany: Tablecast.Task.UpdateMany = async (ctx) => {
          for (const [at, item] of ctx.items.entries()) if (ctx.previous[at]?.done) item.title = 'done';
          return ctx.execute();
        };
        const remove: Tablecast.Task.Delete = (ctx) => { if (ctx.previous.done) ctx.reject('NO', 'no'); return ctx.execute(); };
        export { remove as delete };
        export const filter: Tablecast.Task.Filter = (ctx) => ctx.caller === 'admin' || { colour: { in: ['RED'] } };
        export const read: Tablecast.Task.Read = async (ctx) => (await ctx.execute()).filter(({ done }) => !done);
        export const settings: Tablecast.Task.Settings = { safe: ['title', 'done'], timeout: 100 };`,
      'scripts/startup.ts':
        'const start: TablecastScript.Startup = async (ctx) => { await ctx.tables.TaskList.insert([{ name: "a" }]); };\nexport default start;',
    },
    async (folder, app) => {
      const source = await app.load(await modelOf(SDL));
      assert.deepEqual(source.problems, []);
      assert.deepEqual(await checkTypes(folder, source, { deno: null, dataDir: join(folder, '.data') }), []);
    },
  ));

test('what does not fit is told with its place', () => {
  const wrong: [body: string, problem: RegExp][] = [
    ["ctx.item.titel = 'x';", /'titel' does not exist.*Did you mean 'title'/],
    ['ctx.item.title = 3;', /'number' is not assignable to type 'string'/],
    ["ctx.item.colour = 'GREEN';", /"GREEN".*not assignable/],
    ["await ctx.tables.Tasks.get('x');", /'Tasks' does not exist/],
    ['await ctx.tables.Task.read({ where: { done: { eq: 1 } } });', /'number' is not assignable to type 'boolean/],
    ["await ctx.tables.Task.read({ where: { titel: { eq: 'x' } } });", /'titel' does not exist/],
    ['await ctx.tables.Task.insert({ title: 1 });', /not assignable/],
    ['ctx.previous.title;', /null/],
    ['Deno.exit();', /Cannot find name 'Deno'/],
    ['process.exit();', /Cannot find name 'process'/],
  ];
  // All in one function each of one file, since a check takes a second.
  const lines = wrong.map(
    ([body], at) =>
      `export const wrong${at}: Tablecast.Task.Insert = async (ctx) => { ${body} return ctx.execute(); };`,
  );
  return inApp(
    {
      'scripts/shared/wrong.ts': lines.join('\n'),
      'scripts/tables/task.ts': `import '../shared/wrong.ts';\n${inTask('')}`,
    },
    async (folder, app) => {
      const source = await app.load(await modelOf(SDL));
      const problems = await checkTypes(folder, source, { deno: null, dataDir: join(folder, '.data') });
      for (const [at, [body, expected]] of wrong.entries()) {
        const own = problems.filter(({ file, line }) => file === 'scripts/shared/wrong.ts' && line === at + 1);
        assert.match(own.map(({ message }) => message).join('\n'), expected, body);
        assert.ok(
          own.every(({ column }) => column !== null && column > 1),
          body,
        );
      }
    },
  );
});
