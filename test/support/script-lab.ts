// Script hosts as the service has them, with scripts of a test in them and a service that answers as the test says.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findDeno } from '../../src/scripts/host/find-deno.ts';
import type { HostLimits } from '../../src/scripts/host/host-limits.ts';
import { openScriptHosts } from '../../src/scripts/host/open-script-hosts.ts';
import { ScriptFailure } from '../../src/scripts/host/script-failure.ts';
import type { LoadableModule, LoadReport, ScriptHosts, ScriptRun } from '../../src/scripts/host/script-hosts.ts';
import type { ScriptInput, ScriptRequest, WriteItem } from '../../src/scripts/script-input.ts';
import { type KeptLog, openKeptLog } from './kept-log.ts';

export interface ScriptLab {
  readonly hosts: ScriptHosts;
  readonly log: KeptLog;
  readonly report: LoadReport;
  /** Begins `fn` of `module` as a write of one row, unless `given` says otherwise. */
  run(module: string, fn: string, given?: Partial<ScriptRun>): Promise<unknown>;
  close(): Promise<void>;
}

export interface LabOptions {
  readonly scripts: Readonly<Record<string, string>>;
  readonly classic?: readonly string[];
  readonly limits?: Partial<HostLimits>;
}

export const REQUEST: ScriptRequest = {
  requestId: 'request-1',
  user: { id: 'ann', roles: ['editor'], claims: { team: 'red' } },
  caller: 'user',
  params: { colour: 'blue' },
  headers: { 'x-device': 'phone' },
  settings: { greeting: 'hello' },
  depth: 0,
};

export async function openScriptLab({ scripts, classic = [], limits = {} }: LabOptions): Promise<ScriptLab> {
  const folder = await mkdtemp(join(tmpdir(), 'tablecast-script-lab-'));
  const log = openKeptLog();
  const hosts = await openScriptHosts({ deno: findDeno(), folder, log: log.log, limits });
  const report = await hosts.load({ app: 'first', modules: modulesOf(scripts, classic) });
  return {
    hosts,
    log,
    report,
    run: (module, fn, given) => hosts.run({ ...oneRun(module, fn), ...given }),
    async close() {
      await hosts.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function modulesOf(
  scripts: Readonly<Record<string, string>>,
  classic: readonly string[] = [],
): LoadableModule[] {
  return Object.entries(scripts).map(([name, code]) => ({
    name,
    form: classic.includes(name) ? 'classic' : 'modern',
    code,
  }));
}

export function writeInput(items: readonly Partial<WriteItem>[] = [{}]): ScriptInput {
  const whole = items.map((item, at) => ({ item: { text: 'milk' }, id: `id-${at}`, previous: null, ...item }));
  return { ...REQUEST, kind: 'write', table: 'TodoItem', operation: 'INSERT', batch: items.length > 1, items: whole };
}

function oneRun(module: string, fn: string): ScriptRun {
  return {
    module,
    fn,
    input: writeInput(),
    call: storeCalls,
    toCallError: (error) => {
      const { message, code = 'INTERNAL_SERVER_ERROR', ref = 'error-1' } = error as Error & Record<string, string>;
      return { ref, message, code };
    },
    log: () => undefined,
    timeout: 10_000,
    repeatable: () => true,
  };
}

/** A store that takes everything: what is executed comes back with a version. */
export async function storeCalls(op: string, args: unknown): Promise<unknown> {
  if (op !== 'execute') return { op, args };
  const { steps } = args as { readonly steps: readonly { readonly at: number; readonly item: object }[] };
  return { outcomes: steps.map(({ at, item }) => ({ at, row: { ...item, version: 'v1' } })) };
}

/** How a run failed; throws when it did not. */
export async function failureOf(run: Promise<unknown>): Promise<ScriptFailure> {
  const outcome = await run.then(
    (result) => new Error(`it answered ${JSON.stringify(result)}`),
    (error: unknown) => error,
  );
  if (outcome instanceof ScriptFailure) return outcome;
  throw outcome;
}
