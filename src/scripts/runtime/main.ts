// The program of a script host. It runs in Deno with no permission at all; everything comes and goes through its pipes.

import type { FrameToHost } from '../host/frames.ts';
import { receive, send } from './channel.ts';
import { classicGlobals } from './classic/classic-globals.ts';
import { say } from './console.ts';
import { currentRun } from './current-run.ts';
import { runFailure } from './errors.ts';
import { freezeWorld } from './freeze.ts';
import { withholdGlobals } from './globals.ts';
import { grantedModules } from './granted.ts';
import { limits, setLimits } from './limits.ts';
import { loadModules } from './modules.ts';
import { natives } from './natives.ts';
import { perform } from './perform.ts';
import { messageOf, stackOf } from './places.ts';
import { Run } from './run.ts';

const runs = new Map<number, Run>();

function take(frame: FrameToHost): void {
  switch (frame.t) {
    case 'ping':
      send({ t: 'pong' });
      return;
    case 'reply':
      runs.get(frame.id)?.answer(frame.call, { value: frame.value });
      return;
    case 'refusal':
      runs.get(frame.id)?.answer(frame.call, { error: frame.error });
      return;
    case 'cancel':
      runs.get(frame.id)?.giveUp();
      runs.delete(frame.id);
      return;
    case 'load':
      setLimits(frame.limits);
      void loadModules(frame.modules).then((modules) => send({ t: 'loaded', modules }));
      return;
    case 'run':
      void begin(frame);
  }
}

async function begin({ id, module, fn, input }: Extract<FrameToHost, { t: 'run' }>): Promise<void> {
  const run = new Run(id);
  runs.set(id, run);
  try {
    const result = await currentRun.run(run, () => Promise.race([performWhole(run, module, fn, input), run.broken]));
    if (run.isGivenUp) return;
    send({ t: 'done', id, result: result ?? null, ...(run.lingers ? { lingers: true } : {}) }, limits().batch);
    if (run.lingers) {
      await currentRun.run(run, () => run.runEffects());
      if (!run.isGivenUp) send({ t: 'over', id });
    }
  } catch (error) {
    if (!run.isGivenUp) sendFailure(id, error);
  } finally {
    run.end();
    runs.delete(id);
  }
}

/** What a script began is over before it answers. */
async function performWhole(run: Run, module: string, fn: string, input: unknown): Promise<unknown> {
  const result = await perform(run, module, fn, input);
  await run.quiet();
  return result;
}

function sendFailure(id: number, error: unknown): void {
  try {
    send({ t: 'failed', id, ...runFailure(error) }, limits().message);
  } catch (problem) {
    send({ t: 'failed', id, ...runFailure(new Error(`What the script threw cannot be told: ${messageOf(problem)}`)) });
  }
}

/** What breaks loose from all promises and callbacks ends no host. */
function catchStrays(): void {
  const { addEventListener } = natives;
  addEventListener('unhandledrejection', (event) => {
    event.preventDefault();
    say('error', `Nobody handled a rejection (is an "await" missing?): ${stackOf(event.reason)}`);
  });
  addEventListener('error', (event) => {
    event.preventDefault();
    say('error', `Nobody caught an error: ${stackOf(event.error)}`);
  });
}

catchStrays();
withholdGlobals(classicGlobals);
freezeWorld(grantedModules());
send({ t: 'ready' });
await receive(take);
natives.exit(0);
