// How much memory processes of others use, seen from outside.

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Resident bytes by process id. Those that are gone, or cannot be asked on this system, are left out. */
export async function readMemory(pids: readonly number[]): Promise<Map<number, number>> {
  if (pids.length === 0) return new Map();
  return platform() === 'linux' ? fromProc(pids) : fromPs(pids);
}

async function fromProc(pids: readonly number[]): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  await Promise.all(
    pids.map(async (pid) => {
      // In kilobytes, whatever the kernel's pages are.
      const text = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => '');
      const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(text)?.[1]);
      if (kilobytes > 0) found.set(pid, kilobytes * 1_024);
    }),
  );
  return found;
}

async function fromPs(pids: readonly number[]): Promise<Map<number, number>> {
  // Where there is no `ps` (Windows), only the limit of the heap holds.
  const { stdout } = await run('ps', ['-o', 'pid=,rss=', '-p', pids.join(',')]).catch(() => ({ stdout: '' }));
  const lines = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  return new Map(lines.flatMap(([pid, kilobytes]) => (pid && kilobytes ? [[pid, kilobytes * 1_024] as const] : [])));
}
