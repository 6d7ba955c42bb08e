// `tablecast init`: a new app, small enough to be read at once.

import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeApp } from './make-app.ts';
import { PRODUCT_DIR } from './product.ts';
import { readTables } from './read-tables.ts';
import { writeDeclarations } from './types.ts';

/** Of the product's own sample. */
const FILES = ['schema/todo.graphql', 'scripts/tables/todo-item.ts', 'scripts/shared/text.ts'];

/** Makes an app in `dir`, which must be new or empty. Resolves with what to do next; rejects with an Error for people. */
export async function init(dir: string | undefined): Promise<string> {
  if (dir === undefined) throw new TypeError('Say where the app goes: tablecast init <dir>');
  const folder = await makeApp(dir);
  for (const file of FILES) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await copyFile(join(PRODUCT_DIR, file), join(folder, file));
  }
  await writeDeclarations(folder, await readTables(folder));
  return `Made an app in ${folder}:

  schema/todo.graphql        its tables: change them, they are yours
  scripts/tables/            what happens around their operations
  schema/directives.graphql  the directives that tables are written with, for your editor
  .env.example               settings for production

Start it with:

  npx tablecast start --app ${dir}
`;
}
