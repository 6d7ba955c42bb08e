// What a run of a script costs beyond what it does: a function that does nothing, and one that makes a call into the service,
// alone and with 32 in flight. `node --import tsx bench/scripts/hosts.ts`; no database is needed.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog } from '../../src/platform/log.ts';
import { findDeno } from '../../src/scripts/host/find-deno.ts';
import { openScriptHosts } from '../../src/scripts/host/open-script-hosts.ts';
import type { ScriptInput } from '../../src/scripts/script-input.ts';

const CODE = `
  export const nothing = () => {};
  export const lookup = async (ctx) => { const list = await ctx.tables.TodoList.get(ctx.item.listId); return { id: list.id } };
  export const around = async (ctx) => { ctx.item.text = ctx.item.text.trim(); await ctx.execute() };`;

const ITEM = { text: ' a thing to do ', done: false, listId: 'l1', priority: 3, dueAt: '2026-01-01T00:00:00.000000Z' };

const INPUT: ScriptInput = {
  kind: 'write',
  table: 'TodoItem',
  operation: 'INSERT',
  batch: false,
  items: [{ item: ITEM, id: '019a', previous: null }],
  requestId: 'r',
  user: { id: 'ann', roles: [], claims: {} },
  caller: 'user',
  params: {},
  headers: {},
  settings: {},
  depth: 0,
};

/** Most microseconds a run, as the design wants them: alone, and with 32 in flight. */
const TARGETS: Readonly<Record<number, number>> = { 1: 400, 32: 60 };
const ROUNDS = 3;

const folder = await mkdtemp(join(tmpdir(), 'tablecast-bench-scripts-'));
const hosts = await openScriptHosts({ deno: findDeno(), folder, log: openLog({ level: 'error', readable: true }) });
try {
  const began = performance.now();
  await hosts.load({ app: 'bench', modules: [{ name: 'bench', form: 'modern', code: CODE }] });
  print(`two hosts loaded in ${(performance.now() - began).toFixed(0)} ms`);
  for (const fn of ['nothing', 'lookup', 'around']) {
    for (const inFlight of [1, 32]) {
      await measure(fn, inFlight, 2_000);
      const figures: number[] = [];
      for (let round = 0; round < ROUNDS; round++) figures.push(await measure(fn, inFlight, inFlight === 1 ? 4_000 : 30_000));
      const best = Math.min(...figures).toFixed(0).padStart(4);
      const all = figures.map((figure) => figure.toFixed(0)).join(' ');
      print(`${fn.padEnd(8)} ${String(inFlight).padStart(2)} in flight: ${best} us a run (${all}), target ${TARGETS[inFlight]}`);
    }
  }
} finally {
  await hosts.close();
  await rm(folder, { recursive: true, force: true });
}

async function measure(fn: string, inFlight: number, runs: number): Promise<number> {
  const began = performance.now();
  let left = runs;
  const worker = async () => {
    while (left-- > 0) await run(fn);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return ((performance.now() - began) * 1_000) / runs;
}

function run(fn: string): Promise<unknown> {
  return hosts.run({
    module: 'bench',
    fn,
    input: INPUT,
    call: async (op) => (op === 'execute' ? { outcomes: [{ at: 0, row: ITEM }] } : { id: 'l1', name: 'Home' }),
    toCallError: () => ({ ref: '', message: '', code: '' }),
    log: () => undefined,
    timeout: 10_000,
    repeatable: () => true,
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
