// `tablecast schema`: the schema that the tables generate, as text, for every caller but admins.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fullestClass } from '../access/caller-class.ts';
import { loadEnvironment } from '../config/load-environment.ts';
import { parseLimits } from '../config/parse-config.ts';
import { buildClassSchema } from '../graphql/build-schema.ts';
import { printWithPermissions } from '../graphql/print-schema.ts';
import { readTables } from './read-tables.ts';

/** The SDL of an app; with `write` it goes to `schema/generated.graphql`, and the answer says so. */
export async function printSchema(appDir: string, write: boolean): Promise<string> {
  // A schema is printed where there are no secrets: on a developer's machine, where an app is built.
  const limits = parseLimits(loadEnvironment(appDir, process.env), { dir: appDir });
  const model = await readTables(appDir);
  const schema = buildClassSchema(model, fullestClass(model.roles), limits);
  const sdl = `# Generated from the tables of this folder by "tablecast schema --write". Do not edit.\n\n${printWithPermissions(schema)}\n`;
  if (!write) return sdl;
  const file = join(appDir, 'schema', 'generated.graphql');
  await writeFile(file, sdl);
  return `Wrote ${file}.`;
}
