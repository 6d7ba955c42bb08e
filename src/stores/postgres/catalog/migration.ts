// What a migration of the catalog is.

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A step forward. There is none back: the tables of the model stand on the catalog, and what it holds cannot be unlearned. */
export abstract class Migration implements MigrationInterface {
  /**
   * What the database remembers. It ends in the 13 digits of the milliseconds that order it, and is said by the class
   * itself, because a bundler may give the class another name.
   */
  abstract readonly name: string;
  /** Does it, by statements on this connection, inside a transaction that is not its own. */
  abstract up(runner: QueryRunner): Promise<void>;

  async down(): Promise<void> {
    throw new Error('the catalog goes forward only: start a version that knows it');
  }
}

export type MigrationClass = new () => Migration;
