// The real service in a process of its own, with its embedded PostgreSQL in a folder of its own, for tests that kill either.
// Linux only: the processes of a server are found in /proc.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '..', '..');
const COMMAND = join(ROOT, 'bin', 'tablecast.mjs');
const PROGRAM = join(ROOT, 'dist', 'main.js');
const READY = /is ready .*?(http:\/\/\S+)\/graphql/;
/** Milliseconds that a start may take, the recovery of the database included. */
const PATIENCE = 120_000;

/** What is killed: the service, the first process of PostgreSQL, one that serves a connection, or all of them at once. */
export const VICTIMS = ['service', 'postmaster', 'backend', 'all'] as const;
export type Victim = (typeof VICTIMS)[number];

export interface CrashService {
  /** The folder of the app, which a caller may open the database of when the service is closed. */
  readonly app: string;
  /** Resolves to the service's address as soon as it serves; rejects when it cannot be started any more. */
  serving(): Promise<string>;
  /** SIGKILLs, and starts the service again when it was among the victims. Resolves when it serves. */
  kill(victim: Victim): Promise<void>;
  /** Ends it in order; resolves with its exit code. Safe to call again. */
  close(): Promise<number | null>;
  /** Removes the folder, with the database. Close first. */
  remove(): Promise<void>;
}

/** Starts a service of these tables. Without `environment` it has a PostgreSQL of its own. */
export async function openCrashService(
  sdl: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<CrashService> {
  // Installed and built once: a start after a kill is to take no longer than it must.
  await promisify(execFile)(process.execPath, [COMMAND, '--version']);
  const app = await mkdtemp(join(tmpdir(), 'tablecast-crash-'));
  // As root the server runs as another user, who must get there.
  await chmod(app, 0o755);
  await mkdir(join(app, 'schema'));
  await writeFile(join(app, 'schema', 'crash.graphql'), sdl);

  let running = start(app, environment);
  const stop = async (signal: NodeJS.Signals) => {
    const { child, ended } = running;
    child.kill(signal);
    return ended;
  };
  const service: CrashService = {
    app,
    serving: () => running.url,
    async kill(victim) {
      if (victim === 'backend' || victim === 'postmaster') await killPostgres(app, victim);
      else {
        const postgres = victim === 'service' ? [] : await postgresProcesses(app);
        // Whoever asks from here on waits for the next one.
        const before = running;
        let started: (next: Running) => void = () => undefined;
        const next = new Promise<Running>((resolve) => {
          started = resolve;
        });
        const url = next.then((made) => made.url);
        url.catch(() => undefined);
        running = { ...before, url };
        before.child.kill('SIGKILL');
        killAll(postgres);
        await before.ended;
        const made = start(app, environment);
        started(made);
        running = made;
        await made.url;
      }
    },
    close: () => stop('SIGTERM'),
    remove: () => rm(app, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }),
  };
  try {
    await service.serving();
    return service;
  } catch (error) {
    await stop('SIGKILL');
    await service.remove();
    throw error;
  }
}

interface Running {
  readonly child: ChildProcess;
  readonly url: Promise<string>;
  readonly ended: Promise<number | null>;
}

function start(app: string, environment: Readonly<Record<string, string>>): Running {
  const { DATABASE_URL: _database, NODE_TEST_CONTEXT: _context, ...outer } = process.env;
  const child = spawn(process.execPath, [PROGRAM, 'start', '--app', app], {
    env: {
      ...outer,
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: '0',
      TABLECAST_POOL_SIZE: '10',
      TABLECAST_APPLICATION_KEY: randomBytes(32).toString('hex'),
      TABLECAST_MASTER_KEY: randomBytes(32).toString('hex'),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const url = new Promise<string>((resolve, reject) => {
    let output = '';
    const fail = (why: string) => reject(new Error(`the service ${why}. It printed:\n${output.slice(-8_000)}`));
    const late = setTimeout(() => fail('was not ready in time'), PATIENCE);
    const read = (chunk: string) => {
      output += chunk;
      const found = READY.exec(output)?.[1];
      if (!found) return;
      clearTimeout(late);
      // What it logs from here on is nobody's, and would fill the pipe.
      output = '';
      resolve(found);
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', read);
    void ended.then((code) => {
      clearTimeout(late);
      fail(`ended with ${code}`);
    });
  });
  url.catch(() => undefined);
  return { child, url, ended };
}

interface PostgresProcess {
  readonly pid: number;
  /** Whether it serves a connection. */
  readonly serves: boolean;
}

/**
 * The living processes of the app's server, its first one in front. Waits for one that serves a connection: after the kill
 * before this one the server may be about to start again, and has no file that names it then.
 */
async function postgresProcesses(app: string): Promise<PostgresProcess[]> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const found = await lookForPostgres(app);
    if (found.some(({ serves }) => serves)) return found;
    if (Date.now() > deadline) throw new Error(`no server in ${app} serves a connection`);
    await pass(5);
  }
}

async function lookForPostgres(app: string): Promise<PostgresProcess[]> {
  const file = join(app, '.tablecast', 'postgresql', 'data', 'postmaster.pid');
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const postmaster = Number.parseInt(text, 10);
  if (!(postmaster > 0)) return [];
  const children: PostgresProcess[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'latin1').catch(() => '');
    // Behind the command's name, which is in parentheses, are the state and the parent.
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    if (parent !== postmaster) continue;
    const title = await readFile(`/proc/${name}/cmdline`, 'latin1').catch(() => '');
    children.push({ pid: Number(name), serves: / tablecast postgres /.test(title) });
  }
  return [{ pid: postmaster, serves: false }, ...children];
}

/** SIGKILLs a process of the server of an app's folder: its first one, or one that serves a connection. */
export async function killPostgres(app: string, victim: 'postmaster' | 'backend'): Promise<void> {
  const processes = await postgresProcesses(app);
  killAll(victim === 'postmaster' ? processes.slice(0, 1) : processes.filter(({ serves }) => serves).slice(-1));
}

function killAll(processes: readonly PostgresProcess[]): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** The living processes that have the text in their command line: none, when everything has ended. */
export async function processesNaming(text: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    if ((await readFile(`/proc/${name}/cmdline`, 'latin1').catch(() => '')).includes(text)) found.push(Number(name));
  }
  return found;
}
