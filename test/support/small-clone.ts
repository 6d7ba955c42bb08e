// A clone of the product that is small enough to make in a test: the real bin/, and files of the test's own. Packages
// that only bin/ needs (esbuild, tsx) are found in the real installation, one folder up, where Node looks for them too.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/** How a program ended, and all that it said. `code` is null when a signal ended it. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves to what has been printed once it contains `text`; rejects when the program ends without. */
  readonly printed: (text: string) => Promise<string>;
}

export interface SmallClone {
  readonly root: string;
  readonly write: (path: string, content: string) => void;
  /** Runs Node in the clone with `args`, which begin with a program's path and may have Node's own options before it. */
  readonly start: (args: readonly string[], env?: Readonly<Record<string, string>>) => Started;
  /** `start`, to its end. */
  readonly run: (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Ended>;
  readonly close: () => void;
}

/** Makes a clone with `files`, by path, beside bin/. Whoever opened it closes it, which deletes it. */
export function openSmallClone(files: Readonly<Record<string, string>>): SmallClone {
  const folder = mkdtempSync(join(tmpdir(), 'tablecast-clone-'));
  const root = join(folder, 'clone');
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  cpSync(join(ROOT, 'bin'), join(root, 'bin'), { recursive: true });
  const write: SmallClone['write'] = (path, content) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  // What is built beside the program.
  write('src/scripts/runtime/main.ts', '');
  for (const [path, content] of Object.entries(files)) write(path, content);
  const start: SmallClone['start'] = (args, env = {}) => startNode(root, args, env);
  return {
    root,
    write,
    start,
    run: (args, env) => start(args, env).ended,
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function startNode(cwd: string, args: readonly string[], env: Readonly<Record<string, string>>): Started {
  const { CI: _ci, UPDATE: _update, NODE_TEST_CONTEXT: _context, ...outer } = process.env;
  const child = spawn(process.execPath, args, { cwd, env: { ...outer, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = once(child, 'close').then(([code]): Ended => ({ code, ...said }));
  const printed = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const look = () => (said.stdout + said.stderr).includes(text) && resolve(said.stdout + said.stderr);
      listeners.add(look);
      look();
      void ended.then(() => reject(new Error(`it never printed "${text}" but: ${said.stdout}${said.stderr}`)));
    });
  return { child, ended, printed };
}
