// Hosts as a pool: who takes which runs, what becomes of them when a host ends or other scripts come, and that nothing stays.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openScriptHosts } from '../../src/scripts/host/open-script-hosts.ts';
import { openKeptLog } from '../support/kept-log.ts';
import {
  failureOf,
  type LabOptions,
  modulesOf,
  openScriptLab,
  type ScriptLab,
  storeCalls,
} from '../support/script-lab.ts';

const scripts = {
  'tables/a': `
    export const insert = async (ctx) => { await ctx.tables.Gate.get(1); return { version: 1 } };
    export const quick = () => ({ quick: true });
    export const loopLater = async (ctx) => { await ctx.tables.Gate.get(2); for (;;) {} };
    export const loop = () => { for (;;) {} };
    export const later = () => { setTimeout(() => { for (;;) {} }, 1); return { answered: true } };
    export const effect = (ctx) => { ctx.afterCommit(() => ctx.log.info('done')); return {} };
  `,
};
const two = { 'tables/a': scripts['tables/a'].replace('version: 1', 'version: 2') };

async function inLab(limits: LabOptions['limits'], work: (lab: ScriptLab) => Promise<void>): Promise<void> {
  const lab = await openScriptLab({ scripts, limits: { silence: 500, ...limits } });
  try {
    await work(lab);
  } finally {
    await lab.close();
  }
  assert.deepEqual(processes(), [], 'no process is left');
}

/** A service of its own, that loads a script and stays. */
const SERVICE = `
  const at = (path) => import(${JSON.stringify(new URL('../../src/', import.meta.url).href)} + path);
  const { openScriptHosts } = await at('scripts/host/open-script-hosts.ts');
  const { findDeno } = await at('scripts/host/find-deno.ts');
  const { openLog } = await at('platform/log.ts');
  const log = openLog({ level: 'silent', readable: false });
  const hosts = await openScriptHosts({ deno: findDeno(), folder: process.env.FOLDER, log });
  await hosts.load({ app: 'a', modules: [{ name: 'm', form: 'modern', code: 'export const a = 1' }] });
  await hosts.run({ module: 'm', fn: 'a', input: {}, timeout: 1000, repeatable: () => false }).catch(() => {});
  setTimeout(() => process.stdout.write('loaded'), 300);
  setInterval(() => {}, 1000);`;

/** Ids of the Deno processes of this one. */
function processes(of = process.pid): number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,comm='], { encoding: 'utf8' });
  const lines = stdout.split('\n').map((line) => line.trim().split(/\s+/));
  return lines.flatMap(([pid, parent, name = '']) =>
    Number(parent) === of && name.includes('deno') ? [Number(pid)] : [],
  );
}

/** A gate in the way of runs: `call` for them, and how many came to it. */
function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const arrivals: (() => void)[] = [];
  let arrived = 0;
  return {
    open: () => open(),
    get arrived() {
      return arrived;
    },
    /** Resolves when so many have come. */
    reached: (count: number) =>
      new Promise<void>((resolve) => {
        arrivals[count] = resolve;
        if (arrived >= count) resolve();
      }),
    call: async (op: string, args: unknown) => {
      if (op !== 'table') return storeCalls(op, args);
      arrivals[++arrived]?.();
      await opened;
      return null;
    },
  };
}

const row = (result: unknown) => (result as { results: { row: unknown }[] }).results[0]?.row;

test('other scripts take the runs at once, and those that are under way end as they began', () =>
  inLab({ hosts: 2 }, async (lab) => {
    const { call, open, reached } = gate();
    const before = [1, 2, 3].map(() => lab.run('tables/a', 'insert', { call }));
    await reached(3);
    const old = processes();
    await lab.hosts.load({ app: 'second', modules: modulesOf(two) });
    assert.deepEqual(row(await lab.run('tables/a', 'insert')), { version: 2 });
    open();
    assert.deepEqual((await Promise.all(before)).map(row), [{ version: 1 }, { version: 1 }, { version: 1 }]);
    while (processes().some((pid) => old.includes(pid))) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(lab.log.take(), []);
  }));

test('hosts are nicer than the service, and whatever runs in them', { skip: process.platform === 'win32' }, () =>
  inLab({ hosts: 2, spares: 1 }, async (lab) => {
    const loop = failureOf(lab.run('tables/a', 'loop'));
    const expected = Math.min(getPriority() + 5, 19);
    const first = processes();
    assert.ok(first.length >= 2);
    assert.deepEqual(new Set(first.map((pid) => getPriority(pid))), new Set([expected]));
    await loop;
    const replaced = processes().filter((pid) => !first.includes(pid));
    assert.ok(replaced.length > 0);
    assert.deepEqual(new Set(replaced.map((pid) => getPriority(pid))), new Set([expected]));
  }),
);

test('the same scripts are not loaded again', () =>
  inLab({ hosts: 1, spares: 0 }, async (lab) => {
    const before = processes();
    assert.deepEqual(await lab.hosts.load({ app: 'first', modules: modulesOf(scripts) }), lab.report);
    assert.deepEqual(processes(), before);
  }));

test('hosts of replaced scripts are closed in time, whoever is still in them', () =>
  inLab({ hosts: 1, retire: 50 }, async (lab) => {
    const { call, reached } = gate();
    const stuck = failureOf(lab.run('tables/a', 'insert', { call }));
    await reached(1);
    await lab.hosts.load({ app: 'second', modules: modulesOf(two) });
    assert.equal((await stuck).kind, 'cancelled');
  }));

test('a run that may not be repeated fails with its host, the others answer', () =>
  inLab({ hosts: 1 }, async (lab) => {
    const seen = gate();
    const { call, open, reached } = seen;
    const once = failureOf(lab.run('tables/a', 'insert', { call, repeatable: () => false }));
    const again = lab.run('tables/a', 'insert', { call });
    await reached(2);
    const loop = failureOf(lab.run('tables/a', 'loop', { repeatable: () => false }));
    assert.deepEqual([(await once).kind, (await loop).kind], ['timeout', 'timeout']);
    assert.match((await once).message, /did not answer for 500 ms/);
    open();
    assert.deepEqual([row(await again), seen.arrived], [{ version: 1 }, 3]);
  }));

test('of the suspects that one comes last which heard last of the service', () =>
  inLab({ hosts: 1 }, async (lab) => {
    const [loops, waits] = [gate(), gate()];
    const order: string[] = [];
    const loop = failureOf(lab.run('tables/a', 'loopLater', { call: loops.call })).then(() => order.push('loop'));
    await loops.reached(1);
    const run = lab.run('tables/a', 'insert', { call: waits.call }).then(() => order.push('run'));
    await waits.reached(1);
    loops.open();
    await waits.reached(2);
    waits.open();
    await Promise.all([loop, run]);
    assert.deepEqual(order, ['run', 'loop']);
  }));

test('a host that is killed is replaced, and its runs are begun again', () =>
  inLab({ hosts: 2 }, async (lab) => {
    const { call, open, reached } = gate();
    const runs = [1, 2, 3, 4].map(() => lab.run('tables/a', 'insert', { call }));
    await reached(4);
    for (const pid of processes()) process.kill(pid, 'SIGKILL');
    open();
    assert.deepEqual((await Promise.all(runs)).map(row), Array(4).fill({ version: 1 }));
    while (processes().length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
  }));

test('a suspect runs alone, in a host of its own that is closed when it is idle', () =>
  inLab({ hosts: 1, spares: 0, quarantine: 20 }, async (lab) => {
    const before = processes();
    const { call, open, reached } = gate();
    const suspect = lab.run('tables/a', 'insert', { call, apart: { over: Promise.resolve() } });
    await reached(1);
    assert.equal(processes().length, 2);
    open();
    assert.deepEqual(row(await suspect), { version: 1 });
    while (processes().length > 1) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(processes(), before);
  }));

test('suspects of one operation are apart together, in a host that no other has until it is over', () =>
  inLab({ hosts: 1 }, async (lab) => {
    const before = processes().length;
    const { call, open, reached } = gate();
    let end: () => void = () => undefined;
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    const first = { call, operation: {}, apart: { over } };
    const [one, two] = [lab.run('tables/a', 'insert', first), lab.run('tables/a', 'insert', first)];
    await reached(2);
    assert.equal(processes().length, before + 1);
    open();
    assert.deepEqual([row(await one), row(await two)], [{ version: 1 }, { version: 1 }]);
    const other = { operation: {}, apart: { over: Promise.resolve() } };
    assert.deepEqual(row(await lab.run('tables/a', 'quick', other)), { quick: true });
    assert.equal(processes().length, before + 2);
    assert.deepEqual(row(await lab.run('tables/a', 'quick', first)), { quick: true });
    end();
  }));

test('what belongs to an operation whose host apart has ended fails with it', () =>
  inLab({ hosts: 1 }, async (lab) => {
    let end: () => void = () => undefined;
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    const mine = { operation: {}, apart: { over } };
    assert.equal((await failureOf(lab.run('tables/a', 'loop', mine))).kind, 'timeout');
    assert.equal((await failureOf(lab.run('tables/a', 'quick', mine))).kind, 'timeout');
    end();
    assert.deepEqual(row(await lab.run('tables/a', 'quick', { operation: {}, apart: { over } })), { quick: true });
  }));

test('a host that loops after it has answered is ended without being asked', () =>
  inLab({ hosts: 1 }, async (lab) => {
    const ended = lab.log.said('a script host did not answer for 500 ms');
    assert.deepEqual(row(await lab.run('tables/a', 'later')), { answered: true });
    await ended;
    assert.deepEqual(row(await lab.run('tables/a', 'quick')), { quick: true });
  }));

test('more runs than places wait, more than may wait are refused, and none waits for ever', () =>
  inLab({ hosts: 1, spares: 0, runsPerHost: 2, waiting: 2 }, async (lab) => {
    const { call, open, reached } = gate();
    const placed = [1, 2].map(() => lab.run('tables/a', 'insert', { call }));
    await reached(2);
    const impatient = failureOf(lab.run('tables/a', 'insert', { call, timeout: 50 }));
    const patient = lab.run('tables/a', 'insert', { call });
    assert.equal((await failureOf(lab.run('tables/a', 'quick'))).kind, 'busy');
    assert.equal((await impatient).kind, 'busy');
    open();
    assert.deepEqual((await Promise.all([...placed, patient])).map(row), Array(3).fill({ version: 1 }));
  }));

test('runs that wait for a commit take no place from others', () =>
  inLab({ hosts: 1, spares: 0, runsPerHost: 1, waiting: 0 }, async (lab) => {
    const { call, open } = gate();
    await lab.run('tables/a', 'effect', {
      call: (op) => (op === 'committed' ? call('table', null) : storeCalls(op, null)),
    });
    assert.deepEqual(row(await lab.run('tables/a', 'quick')), { quick: true });
    open();
  }));

test('a service that stands still blames no host', () =>
  inLab({ hosts: 1, spares: 0 }, async (lab) => {
    const { call, open, reached } = gate();
    const run = lab.run('tables/a', 'insert', { call, timeout: 900 });
    await reached(1);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
    await new Promise((resolve) => setTimeout(resolve, 120));
    open();
    assert.deepEqual([row(await run), lab.log.take()], [{ version: 1 }, []]);
  }));

test('closing ends what is under way and what waits, and nothing begins after it', async () => {
  const lab = await openScriptLab({ scripts, limits: { hosts: 1, runsPerHost: 1 } });
  const { call, reached } = gate();
  const failures = [1, 2].map(() => failureOf(lab.run('tables/a', 'insert', { call })));
  await reached(1);
  await lab.close();
  assert.deepEqual(
    (await Promise.all(failures)).map(({ kind }) => kind),
    ['cancelled', 'cancelled'],
  );
  assert.equal((await failureOf(lab.run('tables/a', 'quick'))).kind, 'cancelled');
  assert.deepEqual(processes(), []);
});

test('hosts end with the service, however that ends', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tablecast-killed-'));
  const service = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', SERVICE], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, FOLDER: folder },
  });
  try {
    const [loaded] = (await once(service.stdout, 'data')) as [Buffer];
    assert.equal(String(loaded), 'loaded');
    const hosts = processes(service.pid);
    assert.equal(hosts.length, 3);
    service.kill('SIGKILL');
    const isThere = (pid: number) => spawnSync('ps', ['-p', String(pid), '-o', 'stat='], { encoding: 'utf8' }).stdout;
    while (hosts.some((pid) => /^[^Z]/.test(isThere(pid)))) await new Promise((resolve) => setTimeout(resolve, 10));
  } finally {
    service.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
});

test('without scripts there is no process; without Deno every script says why it does not run', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tablecast-no-deno-'));
  const hosts = await openScriptHosts({ deno: join(folder, 'none'), folder, log: openKeptLog().log });
  try {
    assert.deepEqual(await hosts.load({ app: 'empty', modules: [] }), { modules: [] });
    const { modules } = await hosts.load({ app: 'some', modules: modulesOf(scripts) });
    assert.match(modules[0]?.failure?.message ?? '', /could not be started: .*ENOENT/);
  } finally {
    await hosts.close();
    await rm(folder, { recursive: true, force: true });
  }
});
