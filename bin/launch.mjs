// From the `tablecast` command to the running program, in one process, so that signals reach it and its exit code is
// the command's. A working tree is made ready first: packages installed, dist/ built. A published package is complete.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildIfStale } from './build-main.mjs';
import { installMissing, isWorkingTree } from './installation.mjs';
import { orRefuse, Refusal } from './refusal.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Makes the tree ready where that is ours to do, then runs dist/main.js, which reads `process.argv` itself. */
export async function launch() {
  const main = join(ROOT, 'dist', 'main.js');
  await orRefuse(async () => {
    if (isWorkingTree(ROOT)) {
      await installMissing(ROOT, { dev: false });
      await buildIfStale(ROOT);
    }
    if (!existsSync(main)) throw new Refusal(`${main} is missing, so this installation is damaged. Install it again.`);
    process.setSourceMapsEnabled(true);
    if (process.env.npm_lifecycle_event) endWithParent();
    await import(pathToFileURL(main).href);
  });
}

/**
 * npm runs its scripts through a shell, and some shells (dash) do not pass on the signal that ends them: told to end, npm
 * and the shell would be gone while the program keeps the port. So the shell's end counts as the signal.
 */
function endWithParent() {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 250);
  watch.unref();
}
