// A migration that was released is history: databases have had it, and will not have it again.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { QueryRunner } from 'typeorm';
import type { MigrationClass } from '../../../src/stores/postgres/catalog/migration.ts';
import { CATALOG_MIGRATIONS } from '../../../src/stores/postgres/catalog/migrations.ts';

/** What each does on PostgreSQL 15 and on 18, as a hash. Lines are added here, and never changed. */
const RELEASED: Readonly<Record<string, string>> = {
  FirstCatalog1795392000000: '121648bf92e82a23',
  AddFoldCase1795392000001: 'dbe9b17983ddcc01',
  AddChangeLog1795392000002: '753f173678100d7d',
  AddKeptAnswers1795392000003: '57dd4da9550dbbd9',
};

/** Every statement, in its order. */
async function textOf(Migration: MigrationClass, version: number): Promise<string> {
  const statements: string[] = [];
  const query = async (text: string) => {
    statements.push(text);
    return [{ version }];
  };
  await new Migration().up({ query } as unknown as QueryRunner);
  return statements.join(';\n');
}

test('no migration says anything else than it did', async () => {
  const said: Record<string, string> = {};
  for (const Migration of CATALOG_MIGRATIONS) {
    const hash = createHash('sha256');
    for (const version of [150_000, 180_000]) hash.update(await textOf(Migration, version));
    said[new Migration().name] = hash.digest('hex').slice(0, 16);
  }
  assert.deepEqual(said, RELEASED);
});

test('each comes after those before it', () => {
  const times = CATALOG_MIGRATIONS.map((Migration) => Number(new Migration().name.slice(-13)));
  assert.ok(
    times.every((time, at) => Number.isSafeInteger(time) && time > (times[at - 1] ?? 0)),
    times.join(),
  );
});

test('none goes back', async () => {
  for (const Migration of CATALOG_MIGRATIONS) await assert.rejects(new Migration().down(), /goes forward only/);
});
