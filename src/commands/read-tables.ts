// The table files of an app.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseTables, type TableFile } from '../tables/grammar/parse-tables.ts';
import type { Model } from '../tables/model.ts';
import { readVocabularyText } from './product.ts';

/** Files of the schema folder that are not an app's tables: the vocabulary, and what is generated. */
const NOT_TABLES = ['directives.graphql', 'generated.graphql'];

/** Reads and checks the tables of an app. Throws TablesError with all problems, or an Error that names the folder. */
export async function readTables(appDir: string): Promise<Model> {
  const files = await readTableFiles(appDir);
  const model = parseTables(readVocabularyText(), files);
  if (model.tables.size > 0) return model;
  // Somebody is about to write one, or emptied a file by mistake: an app without tables is served to nobody.
  throw new Error(
    `There is no table in ${files.map(({ name }) => name).join(', ')}. Write one, like: type Note @table { text: String! }`,
  );
}

async function readTableFiles(appDir: string): Promise<TableFile[]> {
  const folder = join(appDir, 'schema');
  const entries = await readdir(folder, { recursive: true }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause;
    throw new Error(
      `There is no folder ${folder}. Make an app with "npx tablecast init <dir>", or say where it is with --app.`,
    );
  });
  const names = entries.filter((name) => name.endsWith('.graphql') && !NOT_TABLES.includes(name)).sort();
  if (names.length === 0) throw new Error(`There is no table file in ${folder}. Write one: it ends in .graphql.`);
  return Promise.all(
    names.map(async (name) => ({ name: `schema/${name}`, text: await readFile(join(folder, name), 'utf8') })),
  );
}
