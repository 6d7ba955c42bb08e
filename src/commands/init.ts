// `tablecast init`: a new app, small enough to be read at once.

import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeApp } from './make-app.ts';
import { PRODUCT_DIR } from './product.ts';

/** Makes an app in `dir`, which must be new or empty. Resolves with what to do next; rejects with an Error for people. */
export async function init(dir: string | undefined): Promise<string> {
  if (dir === undefined) throw new TypeError('Say where the app goes: tablecast init <dir>');
  const folder = await makeApp(dir);
  await copyFile(join(PRODUCT_DIR, 'schema', 'todo.graphql'), join(folder, 'schema', 'todo.graphql'));
  return `Made an app in ${folder}:

  schema/todo.graphql        its tables: change them, they are yours
  schema/directives.graphql  the directives that tables are written with, for your editor
  .env.example               settings for production

Start it with:

  npx tablecast start --app ${dir}
`;
}
