// Folders, services and processes for the tests of the embedded PostgreSQL. Everything made in a lab is gone at the end
// of its test: services, servers and files, whatever the test did to them.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { openLog } from '../../src/platform/log.ts';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  openEmbeddedPostgres,
} from '../../src/stores/embedded-postgres/open-embedded-postgres.ts';
import type { Reply, Request } from './embedded-postgres-service.ts';

export const IS_ROOT = process.getuid?.() === 0;
/** The unprivileged user of every Linux system; root runs the server as this one, too. */
export const NOBODY = 65_534;

type Line = Record<string, unknown>;
type Options = Partial<Omit<EmbeddedPostgresOptions, 'log'>>;

/** A service in a process of its own. */
export interface Service {
  readonly pid: number;
  readonly log: readonly Line[];
  open(
    options?: Omit<Options, 'signal'> & { umask?: number },
  ): Promise<Pick<EmbeddedPostgres, 'connection' | 'origin'>>;
  query(sql: string): Promise<Line[]>;
  close(): Promise<void>;
  /** Kills it, and waits until it is gone and its server has noticed. */
  kill(): Promise<void>;
  /** Cuts the channel; resolves with the exit code once nothing keeps the process alive. */
  leave(): Promise<number | null>;
}

export interface ServiceOptions {
  readonly uid?: number;
  readonly env?: NodeJS.ProcessEnv;
  /** Makes it the leader of a process group. */
  readonly detached?: boolean;
  /** Gives it process ids of its own, from 1 up; all its processes end with it. Needs root. */
  readonly container?: boolean;
}

export interface Lab {
  /** A short path that every user may enter and write in. */
  readonly root: string;
  readonly dataDir: string;
  /** The folder of the sockets' folders. */
  readonly sockets: string;
  /** What the servers opened in this process logged. */
  readonly log: Line[];
  /** Opens the server of `dataDir` in this process. */
  open(options?: Options): Promise<EmbeddedPostgres>;
  service(as?: ServiceOptions): Promise<Service>;
  /** Puts a copy of a ready database in `dataDir`: quicker than a first start. */
  prepare(): Promise<void>;
}

export async function openLab(t: TestContext): Promise<Lab> {
  const root = await mkdtemp(join(tmpdir(), 'tc-lab-'));
  const [app, sockets] = [join(root, 'app'), join(root, 's')];
  for (const folder of [root, app, sockets]) {
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o777);
  }
  const dataDir = join(app, 'data');
  const defaults = { dataDir, socketFolders: [sockets], reachableFolder: join(root, 'reachable') };
  const log: Line[] = [];
  const opened: EmbeddedPostgres[] = [];
  const services: Service[] = [];
  t.after(async () => {
    await Promise.all(opened.map((server) => server.close()));
    await Promise.all(services.map((service) => service.kill()));
    // A server that is killed instead would leave its shared memory behind, for good.
    for (const pid of processesNaming(root)) process.kill(pid, 'SIGINT');
    await until('the processes of the lab to end', () => processesNaming(root).length === 0);
    await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  });
  return {
    root,
    dataDir,
    sockets,
    log,
    async open(options) {
      const to = { write: (line: string) => void log.push(JSON.parse(line)) };
      const server = await openEmbeddedPostgres({
        ...defaults,
        ...options,
        log: openLog({ level: 'debug', readable: false, to }),
      });
      opened.push(server);
      return server;
    },
    async service(as = {}) {
      const service = await startService(as, defaults);
      services.push(service);
      return service;
    },
    async prepare() {
      template ??= makeTemplate();
      await mkdir(dataDir);
      await promisify(execFile)('cp', ['-a', join(await template, 'postgresql'), dataDir]);
    },
  };
}

let template: Promise<string> | undefined;
after(async () => template && rm(await template.catch(() => ''), { recursive: true, force: true }));

async function makeTemplate(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tc-lab-template-'));
  await chmod(folder, 0o755);
  const log = openLog({ level: 'silent', readable: false });
  await (await openEmbeddedPostgres({ dataDir: folder, log })).close();
  // It tells where the template was served; a copy must not begin with an address of another.
  await rm(join(folder, 'postgresql', 'data', 'postgresql.auto.conf'));
  return folder;
}

async function startService(as: ServiceOptions, defaults: Omit<EmbeddedPostgresOptions, 'log'>): Promise<Service> {
  const command = [process.execPath, '--import', 'tsx', join(import.meta.dirname, 'embedded-postgres-service.ts')];
  if (as.container) command.unshift('unshare', '--pid', '--fork', '--kill-child', '--mount-proc');
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    ...(as.uid === undefined ? {} : { uid: as.uid, gid: as.uid }),
    env: as.env ?? process.env,
    detached: as.detached ?? false,
    cwd: join(import.meta.dirname, '..', '..'),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(child, 'spawn');
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const log: Line[] = [];
  const ask = channelTo(child, log);
  let sessions = '';
  const service: Service = {
    pid: child.pid ?? 0,
    log,
    async open({ umask, ...options } = {}) {
      const request = { act: 'open', options: { ...defaults, ...options }, umask: umask ?? null } as const;
      const opened = (await ask(request)) as Awaited<ReturnType<Service['open']>>;
      const [{ cluster_name: cluster } = {}] = await service.query('SHOW cluster_name');
      sessions = `postgres: ${cluster}: tablecast postgres`;
      return opened;
    },
    query: (sql) => ask({ act: 'query', sql }) as Promise<Line[]>,
    async close() {
      await ask({ act: 'close' });
      sessions = '';
    },
    async kill() {
      const before = sessions && processesNaming(sessions);
      child.kill('SIGKILL');
      await ended;
      if (!before) return;
      sessions = '';
      await until('the server to notice', () => before.length === 0 || !before.every(isAlive));
    },
    async leave() {
      await ask({ act: 'leave' });
      return (await ended)[0];
    },
  };
  return service;
}

/** Asks the child, and rejects when it dies before it answers. */
function channelTo(child: ChildProcess, log: Line[]): (request: Request) => Promise<unknown> {
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  let next = 0;
  child.on('message', (reply: Reply) => {
    if ('log' in reply) {
      log.push(reply.log);
      return;
    }
    const asked = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ('error' in reply) asked?.reject(new Error(reply.error));
    else asked?.resolve(reply.result);
  });
  child.on('exit', (code, signal) => {
    for (const { reject } of waiting.values()) reject(new Error(`the service ended: ${signal ?? code}`));
  });
  return (request) =>
    new Promise((resolve, reject) => {
      const id = next++;
      waiting.set(id, { resolve, reject });
      child.send({ ...request, id });
    });
}

/** Runs one statement on a connection of its own. */
export async function query(server: Pick<EmbeddedPostgres, 'connection'>, sql: string): Promise<Line[]> {
  const client = new pg.Client({ ...server.connection });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** The process id of the server that postmaster.pid names. */
export async function serverPid(folder: string): Promise<number> {
  return Number((await readFile(join(folder, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

/** Whether the process exists and is no zombie. */
export function isAlive(pid: number): boolean {
  const text = readOf(`/proc/${pid}/stat`);
  return text !== '' && text.slice(text.lastIndexOf(')')).split(' ')[1] !== 'Z';
}

/** The living processes, this one aside, whose command line holds `text`. */
export function processesNaming(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) => readOf(`/proc/${pid}/cmdline`).includes(text) && isAlive(pid));
}

function readOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Waits for a state that announces itself to nobody, as the end of a process of others. */
export async function until(what: string, check: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 20_000;
  while (!(await check())) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await wait(5);
  }
}
