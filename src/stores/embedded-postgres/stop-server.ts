// Stops a server, whoever started it: fast shutdown, then an immediate one, then the axe. Each step is bounded.

import { setTimeout as wait } from 'node:timers/promises';
import { deadlineIn } from './deadline.ts';
import { endLeftovers } from './postmaster.ts';
import { isRunning, send } from './processes.ts';
import { runProgram } from './run-program.ts';
import type { Site } from './site.ts';

/** The postmaster kills children that do not heed an immediate shutdown after 5 s; it needs the time to do so. */
const IMMEDIATE_TIMEOUT = 8_000;
const POLL = 8;

/** Resolves when process `pid`, the site's server, is gone. */
export async function stopServer(site: Site, pid: number): Promise<void> {
  await ask(site, pid, 'fast');
  if (await isGone(pid, site.stopTimeout)) return;
  site.log.warn({ pid, timeout: site.stopTimeout }, 'PostgreSQL does not end: stopping it without a checkpoint');
  await ask(site, pid, 'immediate');
  if (await isGone(pid, IMMEDIATE_TIMEOUT)) return;
  send(pid, 'SIGKILL');
  await isGone(pid, IMMEDIATE_TIMEOUT);
  await endLeftovers(site);
}

async function ask(site: Site, pid: number, mode: 'fast' | 'immediate'): Promise<void> {
  if (site.ways.control === 'signals') {
    send(pid, mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    return;
  }
  const args = ['stop', '--silent', '--no-wait', '-D', site.data, '-m', mode];
  // One that is gone already makes it fail, which is as good.
  const deadline = deadlineIn(site.stopTimeout, new AbortController().signal);
  await runProgram({ program: site.binaries.pgCtl, args, user: site.user, cwd: site.folder }, deadline);
}

async function isGone(pid: number, timeout: number): Promise<boolean> {
  const end = performance.now() + timeout;
  while (await isRunning(pid)) {
    if (performance.now() > end) return false;
    await wait(POLL);
  }
  return true;
}
