// Texts that are kept beside the tests: UPDATE=1 writes them, never where CI is set.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const SNAPSHOTS = join(import.meta.dirname, '..', '..', 'snapshots');

/** Compares with `test/snapshots/<name>`, or writes it. */
export function assertSnapshot(name: string, text: string, env: NodeJS.ProcessEnv = process.env): void {
  const path = join(SNAPSHOTS, name);
  if (env['UPDATE']) {
    if (env['CI']) throw new Error('UPDATE=1 is refused where CI is set: a snapshot is written and read by a person');
    writeFileSync(path, text);
    return;
  }
  assert.ok(existsSync(path), `${name} is not there: run the tests with UPDATE=1, and read what it says`);
  assert.equal(text, readFileSync(path, 'utf8'), `${name} differs: run with UPDATE=1 if that is meant`);
}
