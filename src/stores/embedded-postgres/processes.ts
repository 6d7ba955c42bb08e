// What the system says about a process id: whether it still runs, and whether it is the server of a given data folder.
// Ids are reused and the dead linger as zombies, so an id in a file proves nothing by itself. Reads only what every
// user may read, because root in a container may not look into the processes of others.

import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { codeOf } from './embedded-postgres-error.ts';

const run = promisify(execFile);

/** False for one that is gone, a zombie, or out of this process's reach (which a server of ours never is). */
export async function isRunning(pid: number): Promise<boolean> {
  if (!isKnown(pid)) return false;
  if (process.platform === 'linux') return (await statOf(pid))?.state !== 'Z';
  if (process.platform === 'win32') return true;
  return !(await run('ps', ['-o', 'stat=', '-p', String(pid)]).catch(() => ({ stdout: 'Z' }))).stdout.startsWith('Z');
}

/** Whether process `pid` runs and is the server of the data folder `data`. When the system will not say: yes. */
export async function isServerOf(pid: number, data: string): Promise<boolean> {
  if (!(await isRunning(pid))) return false;
  try {
    if (process.platform === 'linux') {
      const [program, ...args] = await commandLineOf(pid);
      return basename(program ?? '') === 'postgres' && args.includes(data);
    }
    if (process.platform === 'win32') {
      return (await run('tasklist', ['/FI', `PID eq ${pid}`, '/NH'])).stdout.toLowerCase().includes('postgres.exe');
    }
    const { stdout } = await run('ps', ['-o', 'command=', '-p', String(pid)]);
    return stdout.includes('postgres') && stdout.includes(data);
  } catch {
    return isRunning(pid);
  }
}

export interface Backend {
  readonly pid: number;
  readonly parent: number;
  /** How it titles itself, e.g. `postgres: <cluster>: <user> <database> [local] idle`. */
  readonly title: string;
}

/** The processes of the cluster with this `cluster_name`, without the postmaster. Only Linux tells; elsewhere none. */
export async function backendsOf(clusterName: string): Promise<Backend[]> {
  if (process.platform !== 'linux') return [];
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [title = ''] = await commandLineOf(pid).catch(() => []);
      if (!title.startsWith(`postgres: ${clusterName}: `)) return [];
      const stat = await statOf(pid);
      return stat ? [{ pid, parent: stat.parent, title: title.trimEnd() }] : [];
    }),
  );
  return found.flat();
}

/** Sends a signal; false when there is no such process any more. */
export function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
    throw error;
  }
}

/** Whether the id is in use, by whatever; false when it belongs to another user's process. */
export function isKnown(pid: number): boolean {
  try {
    // Zero and negative ids stand for groups of processes.
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function commandLineOf(pid: number): Promise<string[]> {
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
}

async function statOf(pid: number): Promise<{ state: string; parent: number } | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The second field is the program's name in parentheses, and may itself hold spaces and parentheses.
  const [, state, parent] = text?.slice(text.lastIndexOf(')')).split(' ') ?? [];
  return state === undefined ? undefined : { state, parent: Number(parent) };
}
