// The folder of a sample app: made once, and afterwards the user's own, which nothing here writes over.

import { cp, readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { messageOf } from '../../platform/errors.ts';
import { makeApp } from '../make-app.ts';
import { PRODUCT_DIR } from '../product.ts';

const SAMPLES_DIR = join(PRODUCT_DIR, 'samples');

/** The package.json of a sample: which it is, and the packages that its rows come from, each in one exact version. */
export interface Manifest {
  readonly name: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

export interface SampleApp {
  readonly folder: string;
  /** As the person would write it. */
  readonly dir: string;
  readonly manifest: Manifest;
  /** False: an earlier call made it. */
  readonly isNew: boolean;
}

/**
 * Makes the app of a sample in `dir` (its name, when left out), or finds it there. Rejects with an Error for people when the
 * folder holds something else; with a TypeError when there is no such sample.
 */
export async function makeSample(name: string | undefined, dir: string | undefined): Promise<SampleApp> {
  const names = (await readdir(SAMPLES_DIR)).sort();
  if (name === undefined || !names.includes(name)) {
    const problem = name === undefined ? 'Say which sample' : `There is no sample "${name}"`;
    throw new TypeError(`${problem}: tablecast sample ${names.join('|')} [dir]`);
  }
  const place = dir ?? name;
  const manifest = await manifestIn(join(SAMPLES_DIR, name));
  if ((await findManifest(resolve(place)))?.name === manifest.name)
    return { folder: resolve(place), dir: place, manifest: await manifestIn(resolve(place)), isNew: false };
  const folder = await makeApp(place);
  await cp(join(SAMPLES_DIR, name), folder, { recursive: true, filter: (path) => !path.endsWith('node_modules') });
  return { folder, dir: place, manifest, isNew: true };
}

async function manifestIn(folder: string): Promise<Manifest> {
  const manifest = await findManifest(folder);
  if (!manifest) throw new Error(`There is no package.json in ${folder}.`);
  return manifest;
}

async function findManifest(folder: string): Promise<Manifest | undefined> {
  const path = join(folder, 'package.json');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new Error(`${path} cannot be read: ${error.message}`, { cause: error });
  });
  if (text === undefined) return undefined;
  try {
    const { name, dependencies } = JSON.parse(text) as Partial<Manifest>;
    return { name: name ?? '', dependencies: dependencies ?? {} };
  } catch (error) {
    throw new Error(`${path} is no package.json: ${messageOf(error)}`, { cause: error });
  }
}
