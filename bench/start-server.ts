// The servers, each a process of its own on the same Node, the same pool size and the same database.

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ServerName } from './cases.ts';
import type { World } from './world.ts';

const ROOT = resolve(import.meta.dirname, '..');
/** Milliseconds that a server may take to be ready. */
const PATIENCE = 60_000;
const READY = /(?:is )?ready .*?(http:\/\/127\.0\.0\.1:\d+\/graphql)/;
/** Of the clock that Linux counts a process's time with. */
const TICKS_PER_SECOND = 100;

export const POOL_SIZE = 16;

export interface RunningServer {
  readonly name: ServerName;
  readonly url: URL;
  readonly pid: number;
  /** Seconds of processor time that it has used; null where the system does not tell. */
  cpuSeconds(): Promise<number | null>;
  close(): Promise<void>;
}

/** The arguments for Node, by server. */
const PROGRAMS: Readonly<Record<ServerName, (world: World) => string[]>> = {
  bare: () => [join(ROOT, 'bench', 'servers', 'bare.ts')],
  tablecast: ({ app }) => [join(ROOT, 'bin', 'tablecast.mjs'), 'start', '--app', app],
  postgraphile: () => [join(ROOT, 'bench', 'servers', 'postgraphile.mjs')],
};

/** Starts a server on the Node of BENCH_NODE, with `nodeOptions` before the program and more in its environment. Whoever starts it closes it. */
export async function startServer(
  name: ServerName,
  world: World,
  nodeOptions: string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const child = spawn(process.env['BENCH_NODE'] ?? process.execPath, [...nodeOptions, ...PROGRAMS[name](world)], {
    cwd: join(ROOT, 'bench'),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      GRAPHILE_ENV: 'production',
      DATABASE_URL: world.url,
      POOL_SIZE: String(POOL_SIZE),
      TABLECAST_POOL_SIZE: String(POOL_SIZE),
      TABLECAST_LOG_LEVEL: 'warn',
      TABLECAST_APPLICATION_KEY: randomBytes(32).toString('hex'),
      TABLECAST_MASTER_KEY: randomBytes(32).toString('hex'),
      HOST: '127.0.0.1',
      PORT: '0',
      ...environment,
    },
  });
  return {
    name,
    url: new URL(await readyUrl(name, child)),
    pid: child.pid ?? 0,
    cpuSeconds: () => cpuSeconds(child.pid ?? 0),
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function readyUrl(name: ServerName, child: ChildProcess): Promise<string> {
  let output = '';
  return new Promise((found, reject) => {
    const fail = (why: string) => reject(new Error(`The server ${name} ${why}. It said:\n${output}`));
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      fail('was not ready in time');
    }, PATIENCE);
    const read = (chunk: Buffer) => {
      output += chunk;
      const url = READY.exec(output)?.[1];
      if (!url) return;
      clearTimeout(late);
      found(url);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => {
      clearTimeout(late);
      fail(`ended with ${code}`);
    });
  });
}

async function cpuSeconds(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => null);
  if (stat === null) return null;
  // After the command's name, which is in parentheses, the 12th and 13th fields are its ticks in user and system mode.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
