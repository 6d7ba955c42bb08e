// The printed schema of the sample app is what its tables generate. UPDATE=1 rewrites it. And what printing one needs.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
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

test('printing needs the limits, no secret, and nothing that is only for serving', async () => {
  const app = mkdtempSync(join(tmpdir(), 'tablecast-'));
  const print = (env: string) => {
    writeFileSync(join(app, '.env'), `NODE_ENV=production\n${env}`);
    return printSchema(app, false);
  };
  try {
    mkdirSync(join(app, 'schema'));
    writeFileSync(join(app, 'schema', 'notes.graphql'), 'type Note @table { text: String! }');
    const sdl = await print('TABLECAST_PAGE_SIZE=7\nPORT=of call\nTABLECAST_JWKS_ISSUER=alone\n');
    assert.match(sdl, /first: Int = 7/);
    await assert.rejects(print('TABLECAST_PAGE_SIZE=7\nTABLECAST_PAGE_LIMIT=6'), {
      name: 'ConfigError',
      message: /TABLECAST_PAGE_SIZE is 7, and more than a page may have: TABLECAST_PAGE_LIMIT is 6/,
    });
  } finally {
    rmSync(app, { recursive: true });
  }
});
