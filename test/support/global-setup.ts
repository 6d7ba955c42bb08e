// One PostgreSQL for a whole test run; each test service has a database of its own in it.

import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog } from '../../src/platform/log.ts';
import { openEmbeddedPostgres } from '../../src/stores/embedded-postgres/open-embedded-postgres.ts';

/** Starts the server. What is in `env` goes to every test file. */
export default async function globalSetup(): Promise<{ env: Record<string, string>; close(): Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tablecast-test-'));
  // As root the server runs as another user, who must get there.
  await chmod(dataDir, 0o755);
  const log = openLog({ level: 'error', readable: true });
  // Nothing of a test run has to survive a power cut.
  const server = await openEmbeddedPostgres({ dataDir, log, settings: { fsync: 'off', synchronous_commit: 'off' } });
  const { host, port, user, password, database } = server.connection;
  return {
    env: {
      TEST_DATABASE_URL: `postgres://${user}:${password}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`,
    },
    async close() {
      await server.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
