// What all test files share: test/support/global-setup.ts, when it exists, run once in a process of its own. Its default
// export is called there and resolves to `{ env, close }`: environment variables for every test process, and its end.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from './child-process.mjs';
import { Refusal } from './refusal.mjs';

const HOST = fileURLToPath(new URL('./test-setup-host.mjs', import.meta.url));
/** Seconds for the setup to be ready, and again for it to close. */
const BOUND = 120;

/** Opens the shared setup, with `env` in its environment. A Refusal when it does not get ready. */
export async function openTestSetup(root, env) {
  const file = join(root, 'test', 'support', 'global-setup.ts');
  if (!existsSync(file)) return { env: {}, close: async () => undefined };

  const run = startChild(process.execPath, ['--import', 'tsx', HOST, file], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ipc'],
  });
  const ready = new Promise((resolve) => run.child.once('message', resolve));
  const limit = setTimeout(run.end, BOUND * 1000, `it was not ready within ${BOUND} s`);
  const first = await Promise.race([ready, run.done]);
  clearTimeout(limit);
  if (!first.env) throw new Refusal(`test/support/global-setup.ts failed. ${first.ended}\n${first.output}`);

  return {
    env: first.env,
    close: async () => {
      if (run.child.connected) run.child.disconnect();
      const late = setTimeout(run.end, BOUND * 1000, `it was not closed within ${BOUND} s`);
      const { code, output, ended } = await run.done;
      clearTimeout(late);
      if (code !== 0) throw new Refusal(`test/support/global-setup.ts did not end well. ${ended}\n${output}`);
    },
  };
}
