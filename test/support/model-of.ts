// Models for tests: from SDL, as the service reads it.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseTables } from '../../src/tables/grammar/parse-tables.ts';
import type { Model } from '../../src/tables/model.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** The text of the vocabulary, for parsing tables. */
export const vocabulary = () => readFile(join(ROOT, 'schema', 'directives.graphql'), 'utf8');
/** The tables of the sample app. */
export const sampleTables = () => readFile(join(ROOT, 'schema', 'todo.graphql'), 'utf8');

export async function modelOf(sdl: string): Promise<Model> {
  return parseTables(await vocabulary(), [{ name: 'tables.graphql', text: sdl }]);
}
