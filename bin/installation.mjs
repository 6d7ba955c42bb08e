// What package-lock.json asks for and node_modules lacks, and having npm put it there. Only a working tree is kept
// complete this way: a published package carries no lock file, and whoever installed it has installed its dependencies.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exclusively } from './exclusive.mjs';
import { runNpm } from './npm.mjs';
import { Refusal } from './refusal.mjs';

/** How long one installation may take, in seconds: a slow line, not an endless one. */
const BOUND = 900;

/** Whether `root` is a clone, where installing and building are ours to do. */
export function isWorkingTree(root) {
  return existsSync(join(root, 'package-lock.json'));
}

/**
 * The paths of the packages that are missing or of another version than the lock file says: those for running the
 * program, and with `dev` also those for working on it. Packages for other machines are not missing. Every path is
 * looked up, not only the direct dependencies, because an interrupted npm leaves any of them out.
 */
export function missingPackages(root, { dev }) {
  const installed = npmsRecord(root) ?? {};
  return Object.entries(readLock(join(root, 'package-lock.json')))
    .filter(([path, entry]) => path.startsWith('node_modules/') && (dev || !entry.dev) && isForThisMachine(entry))
    .filter(
      ([path, entry]) => installed[path]?.version !== entry.version || !existsSync(join(root, path, 'package.json')),
    )
    .map(([path]) => path);
}

/** Has npm install what is missing, if anything is; what the lock file asks for and is there stays. Says so on stderr. */
export async function installMissing(root, { dev }) {
  if (missingPackages(root, { dev }).length === 0) return;
  const turn = {
    seconds: BOUND,
    onWait: (pid) => console.error(`Process ${pid} is installing packages here; waiting for it ...`),
  };
  try {
    await exclusively(join(root, 'dist', 'installing'), () => install(root, dev), turn);
  } catch (error) {
    if (!error.syscall) throw error;
    throw new Refusal(
      `Packages are missing and ${root} cannot be written: ${error.message}.\nRun \`npm ci\` as its owner.`,
    );
  }
}

async function install(root, dev) {
  const missing = missingPackages(root, { dev });
  if (missing.length === 0) return; // Whoever we waited for has done it.
  const started = Date.now();
  console.error(`Installing ${missing.length} packages from the npm registry ...`);
  await runNpm(root, installCommand(root, dev), { seconds: BOUND });
  const still = missingPackages(root, { dev });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.error(`Installed in ${seconds} s.${still.length > 0 ? ` npm left out ${still.join(', ')}.` : ''}`);
}

/**
 * npm writes its record last. Without one its work was never finished, so `ci` starts over: an unfinished package can
 * look whole. With one, `install` adds what is missing, but omitting the development packages would remove those that
 * are there. The user's own npm settings must not change which packages make an installation complete.
 */
function installCommand(root, dev) {
  const lock = Object.entries(readLock(join(root, 'package-lock.json')));
  const hasDev = lock.some(([path, entry]) => entry.dev && existsSync(join(root, path)));
  return [
    ...(npmsRecord(root) ? ['install', '--no-save'] : ['ci']),
    dev || hasDev ? '--include=dev' : '--omit=dev',
    '--include=optional',
    '--include=peer',
    '--legacy-peer-deps=false',
    '--no-audit',
    '--no-fund',
  ];
}

/** What npm says it has installed, by path; undefined when it never finished. */
function npmsRecord(root) {
  const path = join(root, 'node_modules', '.package-lock.json');
  return existsSync(path) ? readLock(path) : undefined;
}

function readLock(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages;
}

/** An optional package without a platform came with another optional one, so its absence says nothing. */
function isForThisMachine({ optional, os, cpu, libc }) {
  if (!optional) return true;
  if (libc || !(os || cpu)) return false;
  return allows(os, process.platform) && allows(cpu, process.arch);
}

/** npm's own rule for `os` and `cpu`: a list of what is allowed, or of what is not, marked with `!`. */
function allows(names, name) {
  if (!names) return true;
  return names.every((other) => other.startsWith('!')) ? !names.includes(`!${name}`) : names.includes(name);
}
