// The code in docs/subscriptions.md is the page's own: what people paste is what was tried.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const DOCUMENT = join(import.meta.dirname, '..', '..', '..', 'docs', 'subscriptions.md');
/** The files that the document shows, as they are. */
const SHOWN = [
  'documents',
  'fold-changes',
  'resuming',
  'open-socket',
  'open-stream',
  'stay-signed-in',
  'with-graphql-ws',
  'with-apollo',
  'with-urql',
];

/** Rejects when one is shown differently. */
export async function checkRecipes(): Promise<void> {
  const document = await readFile(DOCUMENT, 'utf8');
  for (const name of SHOWN) {
    const code = await readFile(join(import.meta.dirname, 'page', `${name}.ts`), 'utf8');
    assert.ok(
      document.includes(`\`\`\`ts\n// ${name}.ts\n${withoutHeader(code)}\`\`\``),
      `docs/subscriptions.md shows another ${name}.ts`,
    );
  }
}

/** What a file says of itself is for this project. */
function withoutHeader(code: string): string {
  return code.replace(/^(\/\/.*\n)+\n/, '');
}
