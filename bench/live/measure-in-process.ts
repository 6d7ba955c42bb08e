// in-process.ts as the product is built, in a process of its own: what a bundler for tests adds to functions would count.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import type { InProcessFigures } from './in-process.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** Where the packages of the product are found, and not those of this folder. */
const BUILT = join(ROOT, 'node_modules', '.cache', 'tablecast-bench', 'in-process.mjs');

export async function measureInProcess(
  subscriptions: number,
  nodeOptions: readonly string[] = [],
): Promise<InProcessFigures> {
  await build({
    entryPoints: [join(import.meta.dirname, 'in-process.ts')],
    outfile: BUILT,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    packages: 'external',
  });
  const vocabulary = join(ROOT, 'schema', 'directives.graphql');
  const { stdout } = await promisify(execFile)(process.env['BENCH_NODE'] ?? process.execPath, [
    ...nodeOptions,
    '--expose-gc',
    BUILT,
    String(subscriptions),
    vocabulary,
  ]);
  return JSON.parse(stdout) as InProcessFigures;
}
