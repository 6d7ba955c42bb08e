// `npm run test:live-page`: the clients that the page needs and the product does not are fetched by npm into this folder, then
// run.ts does the work.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { installMissing } from '../../../bin/installation.mjs';
import { orRefuse } from '../../../bin/refusal.mjs';

const FOLDER = import.meta.dirname;

await orRefuse(async () => {
  await installMissing(join(FOLDER, '..', '..', '..'), { dev: true });
  await installMissing(FOLDER, { dev: false });
  const run = spawn(process.execPath, ['--import', 'tsx', join(FOLDER, 'run.ts'), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  // Ctrl-C reaches both: the run closes what it has opened, and this process waits for it.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined);
  process.exitCode = await new Promise((resolve) => run.once('exit', (code) => resolve(code ?? 1)));
});
