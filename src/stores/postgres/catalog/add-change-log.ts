// The third migration: the change log, the trigger function that writes it, and the functions that order and read it. Why it
// is so stands in docs/decisions/0013-change-log.md.

import type { QueryRunner } from 'typeorm';
import { captureObjects } from './change-log-capture.ts';
import { orderObjects } from './change-log-order.ts';
import { Migration } from './migration.ts';

export class AddChangeLog extends Migration {
  readonly name = 'AddChangeLog1795392000002';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...captureObjects(), ...orderObjects()]) await runner.query(statement);
  }
}
