// The second migration: the function of comparisons that ignore case. Its text never changes, since indexes keep what it
// answers; another would be another function.

import type { QueryRunner } from 'typeorm';
import { foldCaseFunction } from '../fold-case-function.ts';
import { Migration } from './migration.ts';

export class AddFoldCase extends Migration {
  readonly name = 'AddFoldCase1795392000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(foldCaseFunction());
  }
}
