// The running server of a folder, as its postmaster.pid tells, checked against the processes that really run.

import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ROLE } from './cluster.ts';
import { backendsOf, isKnown, isRunning, isServerOf, send } from './processes.ts';
import type { Endpoint } from './server-settings.ts';
import { clusterNameOf, type Site } from './site.ts';

export interface Postmaster {
  readonly pid: number;
  /** When it last wrote that, in milliseconds since the Unix epoch. */
  readonly writtenAt: number;
  readonly endpoint: Endpoint;
  /** `ready` takes connections; anything else is on its way there, or to its end. */
  readonly status: string;
}

/** The server that runs on the site's data, whoever started it; undefined when there is none. */
export async function findPostmaster(site: Site): Promise<Postmaster | undefined> {
  const found = await readPidFile(site.data);
  return found && (await isServerOf(found.pid, site.data)) ? found : undefined;
}

/** What postmaster.pid says, true or not. Lines: pid, data, start time, port, socket folder, address, memory, status. */
export async function readPidFile(data: string): Promise<Postmaster | undefined> {
  const file = await open(join(data, 'postmaster.pid')).catch(() => undefined);
  if (!file) return undefined;
  try {
    const { mtimeMs: writtenAt } = await file.stat();
    const lines = (await file.readFile('utf8')).split('\n').map((line) => line.trim());
    const [pid, , , port, socketFolder, address, , status = ''] = lines;
    const endpoint = { host: socketFolder || address || '', port: Number(port) };
    return { pid: Number(pid), writtenAt, endpoint, status };
  } finally {
    await file.close();
  }
}

/**
 * Removes a postmaster.pid whose process is a zombie, or by now another program: PostgreSQL would take either for a
 * running server. What it recognises as stale is left to it. Call only while holding the turn, and with no postmaster.
 */
export async function clearStalePidFile(site: Site): Promise<void> {
  const found = await readPidFile(site.data);
  if (found && isKnown(found.pid) && !(await isServerOf(found.pid, site.data))) {
    await rm(join(site.data, 'postmaster.pid'), { force: true });
  }
}

/** Whether anyone is connected to the server, judged from outside; undefined where the system does not tell. */
export async function hasClients(site: Site): Promise<boolean | undefined> {
  if (process.platform !== 'linux') return undefined;
  const ofClient = new RegExp(`: ${ROLE} \\S+ (\\[local\\]|\\S+\\(\\d+\\))`);
  return (await backendsOf(clusterNameOf(site))).some(({ title }) => ofClient.test(title));
}

/**
 * Ends the processes that a killed postmaster left behind. A backend in a long computation notices the death only at
 * its end, and no server can start on the same data before.
 */
export async function endLeftovers(site: Site): Promise<void> {
  for (const { pid, parent } of await backendsOf(clusterNameOf(site))) {
    if (!(await isServerOf(parent, site.data)) && (await isRunning(pid))) send(pid, 'SIGQUIT');
  }
}
