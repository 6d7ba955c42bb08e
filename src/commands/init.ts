// `tablecast init`: a new app, small enough to be read at once.

import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PRODUCT_DIR } from './product.ts';

const GITIGNORE = '.env\n.tablecast/\nnode_modules/\n';
const ENV_EXAMPLE = `# Copy to .env and fill in; "tablecast --help" lists every setting. Nothing is needed for development.
# DATABASE_URL=postgres://user:password@host:5432/database
# TABLECAST_APPLICATION_KEY=
# TABLECAST_MASTER_KEY=
# TABLECAST_TOKEN_SECRET=
`;

/** Makes an app in `dir`, which must be new or empty. Resolves with what to do next; rejects with an Error for people. */
export async function init(dir: string | undefined): Promise<string> {
  if (dir === undefined) throw new TypeError('Say where the app goes: tablecast init <dir>');
  const folder = resolve(dir);
  const present = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new Error(`${folder} cannot become an app: ${error.message}`, { cause: error });
  });
  if (present.length > 0) throw new Error(`${folder} is not empty. Name a new folder.`);
  await mkdir(join(folder, 'schema'), { recursive: true });
  const sample = (name: string) => copyFile(join(PRODUCT_DIR, 'schema', name), join(folder, 'schema', name));
  await Promise.all([
    sample('directives.graphql'),
    sample('todo.graphql'),
    writeFile(join(folder, '.gitignore'), GITIGNORE),
    writeFile(join(folder, '.env.example'), ENV_EXAMPLE),
  ]);
  return `Made an app in ${folder}:

  schema/todo.graphql        its tables: change them, they are yours
  schema/directives.graphql  the directives that tables are written with, for your editor
  .env.example               settings for production

Start it with:

  npx tablecast start --app ${dir}
`;
}
