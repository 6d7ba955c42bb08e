// The types of operations are what the generated schema says.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '..', '..');

test('test/operations/generated-operations.ts is current: else run npm run schema', async () => {
  const generator = join(ROOT, 'node_modules', '@graphql-codegen', 'cli', 'esm', 'bin.js');
  await promisify(execFile)(process.execPath, [generator, '--config', 'codegen.yml', '--check'], { cwd: ROOT });
});
