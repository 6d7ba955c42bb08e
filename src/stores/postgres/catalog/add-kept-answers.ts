// The fourth migration: answers of writes, kept under the keys that clients gave them.

import type { QueryRunner } from 'typeorm';
import { Migration } from './migration.ts';

export class AddKeptAnswers extends Migration {
  readonly name = 'AddKeptAnswers1795392000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE tablecast.kept_answer (
      actor text COLLATE "C" NOT NULL,
      key text COLLATE "C" NOT NULL,
      fingerprint text NOT NULL,
      answer text,
      kept_at timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT kept_answer_pkey PRIMARY KEY (actor, key))`);
    await runner.query('CREATE INDEX kept_answer_kept_at_idx ON tablecast.kept_answer (kept_at)');
  }
}
