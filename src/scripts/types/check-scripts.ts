// The type check of an app's scripts, for who writes them: by Deno, which has TypeScript in it, with nothing but what is there.
// A script that does not pass is run all the same.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ScriptPlace } from '../../platform/errors.ts';

export interface CheckOptions {
  readonly deno: string;
  readonly appDir: string;
  /** What is checked, from the app's folder. */
  readonly files: readonly string[];
  /** The declarations, from there as well. */
  readonly declarations: string;
  /** A folder for what Deno keeps. */
  readonly folder: string;
}

/** Milliseconds that a check may take. */
const TIMEOUT = 60_000;
const OPTIONS = { strict: true, noImplicitAny: false, lib: ['esnext', 'dom'] };
/** Of Deno's own words: a code and a message, and somewhere below them the place. */
const PROBLEM = /^(TS\d+) \[ERROR\]: ([\s\S]*?)\n {4}at (file:\S+?):(\d+):(\d+)$/gm;

/** A package without types: what may be imported is the loader's to say. */
const UNTYPED = /^Import "[^"]+" not a dependency/;

/** What does not fit the types, in the order of files and lines. Rejects when the check could not be made. */
export async function checkScripts(options: CheckOptions): Promise<readonly ScriptPlace[]> {
  const { deno, appDir, files, declarations, folder } = options;
  if (files.length === 0) return [];
  await mkdir(folder, { recursive: true });
  const config = join(folder, 'check.json');
  const compilerOptions = { ...OPTIONS, types: [join(appDir, declarations)] };
  // Deno takes the types of packages from the app's own only where it finds those of Node there, too.
  const hasPackages = existsSync(join(appDir, 'node_modules', '@types', 'node'));
  await writeFile(config, JSON.stringify({ compilerOptions, nodeModulesDir: hasPackages ? 'manual' : 'none' }));
  const said = await run(
    deno,
    ['check', '--quiet', '--config', config, '--no-remote', '--no-lock', '--unstable-sloppy-imports', ...files],
    { cwd: appDir, env: { DENO_DIR: join(folder, 'deno'), DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' } },
  );
  const found = [...said.text.matchAll(PROBLEM)].filter(([, , message = '']) => !UNTYPED.test(message));
  const problems = found.map(([, code, message = '', url = '', line, column]): ScriptPlace => {
    const file = relative(appDir, fileURLToPath(url)).split(sep).join('/');
    return { file, line: Number(line), column: Number(column), message: `${tidy(message)} (${code})` };
  });
  if (said.code !== 0 && !said.text.includes('Type checking failed'))
    throw new Error(`the scripts could not be checked: ${said.text.trim()}`);
  return problems.sort((a, b) => a.file.localeCompare(b.file) || (a.line ?? 0) - (b.line ?? 0));
}

/** Without the code that Deno shows. */
function tidy(message: string): string {
  return message
    .split('\n')
    .map((line) => line.trim())
    .filter((line, at, lines) => !/^~+$/.test(line) && !/^~+$/.test(lines[at + 1] ?? ''))
    .join(' ');
}

function run(
  program: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Record<string, string> },
): Promise<{ readonly code: number | null; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIMEOUT,
      windowsHide: true,
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, text }));
  });
}
