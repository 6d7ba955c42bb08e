// The exam of the change log on PostgreSQL, on the oldest that the service takes too.

import { after, before, describe } from 'node:test';
import { openPostgres15, type Postgres15, skipped } from '../support/postgres-15.ts';
import { changeLogSuite } from './change-log.suite.ts';
import { openPostgresWorld } from './postgres-world.ts';

describe('PostgreSQL', () => changeLogSuite(() => openPostgresWorld()));

describe('PostgreSQL 15', { skip: skipped && `skipped: ${skipped}` }, () => {
  let server: Postgres15;
  before(async () => {
    server = await openPostgres15();
  });
  after(() => server?.close());
  changeLogSuite(() => openPostgresWorld({ server: server.url }));
});
