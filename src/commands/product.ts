// Where the product's own files are, whether it runs from the bundle, from sources, or installed in an app.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The product's folder: the nearest above this file that has its package.json. */
export const PRODUCT_DIR = findProduct(dirname(fileURLToPath(import.meta.url)));

/** The product's version. */
export function productVersion(): string {
  return String(JSON.parse(readFileSync(join(PRODUCT_DIR, 'package.json'), 'utf8')).version);
}

/** The directive vocabulary that apps write in. */
export function readVocabularyText(): string {
  return readFileSync(join(PRODUCT_DIR, 'schema', 'directives.graphql'), 'utf8');
}

function findProduct(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const above = dirname(folder);
  if (above === folder) throw new Error('the package.json of tablecast is missing');
  return findProduct(above);
}
