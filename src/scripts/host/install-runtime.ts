// The runtime's one file and Deno's import map, put into a folder from which hosts are started.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, realpath, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { importMap } from './granted-modules.ts';

export interface InstalledRuntime {
  /** The file that Deno runs. */
  readonly main: string;
  readonly importMap: string;
  /** Deno's own folder, for what it caches. */
  readonly denoDir: string;
}

/** Beside the built program. */
const BUILT = fileURLToPath(new URL('./script-runtime.js', import.meta.url));
const SOURCE = fileURLToPath(new URL('../runtime/main.ts', import.meta.url));

/** Writes what is not there yet; `folder` is made. Several processes may do this at once. */
export async function installRuntime(folder: string): Promise<InstalledRuntime> {
  const code = existsSync(BUILT) ? await readFile(BUILT, 'utf8') : await bundleRuntime();
  await mkdir(folder, { recursive: true });
  // Deno names modules by their real paths, and the import map has to name the same one.
  const real = await realpath(folder);
  const map = importMap(pathToFileURL(join(real, '/')).href);
  const hash = createHash('sha256').update(code).update(map).digest('hex').slice(0, 16);
  const installed = {
    main: join(real, `runtime-${hash}.js`),
    importMap: join(real, `imports-${hash}.json`),
    denoDir: join(real, 'deno'),
  };
  await writeOnce(installed.importMap, map);
  await writeOnce(installed.main, code);
  return installed;
}

/** The runtime as one ES module. esbuild is loaded only where the program runs from its sources. */
export async function bundleRuntime(): Promise<string> {
  const { build } = await import('esbuild');
  const bundle = await build({
    entryPoints: [SOURCE],
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2024',
    external: ['node:*'],
    write: false,
    logLevel: 'silent',
  });
  return bundle.outputFiles[0]?.text ?? '';
}

async function writeOnce(path: string, text: string): Promise<void> {
  if (existsSync(path)) return;
  const draft = `${path}.${Math.random().toString(36).slice(2)}`;
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, path);
}
