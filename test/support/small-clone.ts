// A clone of the product that is small enough to make in a test: the real bin/, sources and packages of the test's own.
// Packages that only bin/ needs (esbuild, tsx) are found in the real installation, one folder up, as Node looks for them.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when `text` has been printed; rejects when the program ends without. */
  readonly printed: (text: string) => Promise<void>;
}

export interface SmallClone {
  readonly root: string;
  readonly write: (path: string, content: string) => void;
  /** Starts Node in the clone. `nodeArgs` begin with the path of the program. */
  readonly start: (nodeArgs: readonly string[], env?: Readonly<Record<string, string>>) => Started;
  /** `start`, to the end. */
  readonly run: (nodeArgs: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Ended>;
  readonly close: () => void;
}

/** Makes a clone with `files`, by path, beside bin/. The caller closes it, which deletes it. */
export function openSmallClone(files: Readonly<Record<string, string>>): SmallClone {
  const folder = mkdtempSync(join(tmpdir(), 'tablecast-clone-'));
  const root = join(folder, 'clone');
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  cpSync(join(ROOT, 'bin'), join(root, 'bin'), { recursive: true });
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  for (const [path, content] of Object.entries(files)) write(path, content);
  const start: SmallClone['start'] = (nodeArgs, env = {}) => startNode(root, nodeArgs, env);
  return {
    root,
    write,
    start,
    run: (nodeArgs, env) => start(nodeArgs, env).ended,
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function startNode(cwd: string, nodeArgs: readonly string[], env: Readonly<Record<string, string>>): Started {
  const { CI: _ci, UPDATE: _update, ...outer } = process.env;
  const child = spawn(process.execPath, nodeArgs, { cwd, env: { ...outer, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  }
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...said }));
  const printed = async (text: string) => {
    while (!(said.stdout + said.stderr).includes(text)) {
      const more = [once(child.stdout, 'data'), once(child.stderr, 'data'), ended.then(() => 'ended')];
      const said = await Promise.race(more);
      if (said === 'ended') throw new Error(`it ended without printing ${text}`);
    }
  };
  return { child, ended, printed };
}
