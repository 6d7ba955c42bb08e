// The first migration: what the tables of a model stand on, and the history of models.

import type { QueryRunner } from 'typeorm';
import { Migration } from './migration.ts';
import { systemObjects } from './system-objects.ts';

export class FirstCatalog extends Migration {
  readonly name = 'FirstCatalog1795392000000';

  async up(runner: QueryRunner): Promise<void> {
    const [server] = (await runner.query(`SELECT current_setting('server_version_num')::int AS version`)) as {
      version: number;
    }[];
    for (const statement of systemObjects(server?.version ?? 0)) await runner.query(statement);
    await runner.query(`CREATE TABLE tablecast.applied_model (
      id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT applied_model_pkey PRIMARY KEY,
      model_version text NOT NULL,
      product_version text NOT NULL,
      steps text[] NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now())`);
  }
}
