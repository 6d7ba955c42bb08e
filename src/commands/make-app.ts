// What every new app has, whatever its tables are.

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

/** Makes an app without tables in `dir`, which must be new or empty. Answers its path; rejects with an Error for people. */
export async function makeApp(dir: string): Promise<string> {
  const folder = resolve(dir);
  if ((await contentOf(folder)).length > 0) throw new Error(`${folder} is not empty. Name a new folder.`);
  await mkdir(join(folder, 'schema'), { recursive: true });
  await Promise.all([
    copyFile(join(PRODUCT_DIR, 'schema', 'directives.graphql'), join(folder, 'schema', 'directives.graphql')),
    writeFile(join(folder, '.gitignore'), GITIGNORE),
    writeFile(join(folder, '.env.example'), ENV_EXAMPLE),
  ]);
  return folder;
}

/** The names in a folder; none when it is not there. */
async function contentOf(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new Error(`${folder} cannot become an app: ${error.message}`, { cause: error });
  });
}
