// src/ becomes dist/main.js: one ES module and its source map, packages left to node_modules; and dist/script-runtime.js,
// what runs inside script hosts. The first line of the program carries the fingerprint of what both were built from, so
// the program and the claim change in one rename.

import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join, relative, sep } from 'node:path';
import { Refusal } from './refusal.mjs';

const MARK = '// built from ';

/** Builds unless dist/main.js already is what the sources say. Several processes may do this at once. */
export async function buildIfStale(root) {
  const fingerprint = fingerprintOf(root);
  if (!isBuiltFrom(root, fingerprint)) await build(root, fingerprint);
}

/** Builds, whatever is there. A Refusal with the compiler's own words when the sources do not compile. */
export async function build(root, fingerprint = fingerprintOf(root)) {
  // Loaded only here: until the installation is complete there is no esbuild, and a start that builds nothing needs none.
  const esbuild = await import('esbuild');
  const runtime = {
    absWorkingDir: root,
    entryPoints: ['src/scripts/runtime/main.ts'],
    outfile: 'dist/script-runtime.js',
    bundle: true,
    platform: 'neutral',
    format: 'esm',
    target: 'es2024',
    external: ['node:*'],
    logLevel: 'silent',
    write: false,
  };
  const program = {
    absWorkingDir: root,
    entryPoints: ['src/main.ts'],
    outfile: 'dist/main.js',
    tsconfig: 'tsconfig.json',
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    sourcemap: true,
    banner: { js: MARK + fingerprint },
    logLevel: 'silent',
    write: false,
  };
  const built = await compile(esbuild, [runtime, program]);
  // The program last, and its map before it: whoever reads a new program must not find an old file beside it.
  const files = built.flatMap(({ outputFiles }) => outputFiles.toSorted((a, b) => b.path.length - a.path.length));
  try {
    mkdirSync(join(root, 'dist'), { recursive: true });
    for (const { path, contents } of files) replaceFile(path, contents);
  } catch (error) {
    throw new Refusal(
      `The built program cannot be written: ${error.message}.\nRun \`npm run build\` as a user who may.`,
    );
  }
}

/** Builds each, or none. */
async function compile(esbuild, builds) {
  try {
    return await Promise.all(builds.map((options) => esbuild.build(options)));
  } catch (error) {
    if (!error.errors) throw error;
    const problems = await esbuild.formatMessages(error.errors, { kind: 'error', color: false });
    throw new Refusal(`The sources do not compile, so nothing was built.\n\n${problems.join('')}`);
  } finally {
    await esbuild.stop(); // Its process would otherwise stay for as long as the program runs.
  }
}

/** A reader finds the old file or the new one, never a part of either. */
function replaceFile(path, contents) {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, contents);
  renameSync(draft, path);
}

/** By content, not by time: checkouts, copies and image layers move times without moving sources, and the reverse. */
function fingerprintOf(root) {
  const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
  const hash = createHash('sha256');
  for (const file of [...sources, 'package.json', 'tsconfig.json', join('bin', 'build-main.mjs')]) {
    const contents = readFileSync(join(root, file));
    hash.update(`${file.split(sep).join('/')}\0${contents.length}\0`).update(contents);
  }
  return hash.digest('hex');
}

function isBuiltFrom(root, fingerprint) {
  const first = Buffer.alloc(MARK.length + fingerprint.length);
  try {
    const file = openSync(join(root, 'dist', 'main.js'), 'r');
    readSync(file, first);
    closeSync(file);
  } catch {
    return false; // There is none yet.
  }
  return first.toString('latin1') === MARK + fingerprint;
}
