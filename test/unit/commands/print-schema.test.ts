// The printed schema of the sample app is what its tables generate. UPDATE=1 rewrites it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildSchema, findBreakingChanges } from 'graphql';
import { fullestClass } from '../../../src/access/caller-class.ts';
import { printSchema } from '../../../src/commands/print-schema.ts';
import { readTables } from '../../../src/commands/read-tables.ts';
import { buildClassSchema } from '../../../src/graphql/build-schema.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const GENERATED = join(ROOT, 'schema', 'generated.graphql');

test('schema/generated.graphql is current', async () => {
  if (process.env['UPDATE'] === '1') await printSchema(ROOT, true);
  assert.equal(readFileSync(GENERATED, 'utf8'), await printSchema(ROOT, false), 'run npm run schema');
});

test('the printed schema is the schema', async () => {
  const model = await readTables(ROOT);
  const built = buildClassSchema(model, fullestClass(model.roles));
  const printed = buildSchema(readFileSync(GENERATED, 'utf8'));
  assert.deepEqual([findBreakingChanges(built, printed), findBreakingChanges(printed, built)], [[], []]);
});
