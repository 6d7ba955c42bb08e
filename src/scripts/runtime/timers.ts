// Timers in scripts. Each belongs to the run that set it: what it throws is that run's failure, and when a run is given up its
// timers are gone. A run that has answered leaves its timeouts to fire, and no interval.

import { say } from './console.ts';
import { currentRun } from './current-run.ts';
import { limits } from './limits.ts';
import { natives } from './natives.ts';
import { stackOf } from './places.ts';
import type { Run } from './run.ts';

type Work = (...args: unknown[]) => unknown;

const { setTimeout, setInterval, clearTimeout, soon } = natives;

/** Timers of a whole host that have not fired, for each that a run may have. */
const RUNS_WORTH = 20;

const open = new Map<number, Timer>();
let lastId = 0;

/** As Node has it. Nothing here keeps a process alive, so that `ref` and `unref` change nothing. */
export class Timer {
  readonly #id = ++lastId;
  #native: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly work: () => void,
    private readonly delay: number,
    readonly repeats: boolean,
    private readonly run: Run | undefined,
  ) {
    this.#begin();
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return false;
  }

  refresh(): this {
    this.close();
    this.#begin();
    return this;
  }

  close(): void {
    clearTimeout(this.#native);
    open.delete(this.#id);
    this.run?.timers.delete(this);
  }

  [Symbol.toPrimitive](): number {
    return this.#id;
  }

  #begin(): void {
    if (this.run?.isGivenUp) return;
    const fire = () => {
      if (!this.repeats) this.close();
      attempt(this.run, this.work);
    };
    this.#native = this.repeats ? setInterval(fire, this.delay) : setTimeout(fire, this.delay);
    open.set(this.#id, this);
    this.run?.timers.add(this);
  }
}

function attempt(run: Run | undefined, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (run) run.breakOff(error);
    else say('error', `A timer failed: ${stackOf(error)}`);
  }
}

function start(work: unknown, delay: unknown, args: readonly unknown[], repeats: boolean): Timer {
  if (typeof work !== 'function') throw new TypeError('A timer takes a function.');
  const run = currentRun.getStore();
  const most = limits().timers;
  if ((run && run.timers.size >= most) || open.size >= most * RUNS_WORTH) {
    throw new RangeError(`A script may have ${most} timers at a time.`);
  }
  return new Timer(() => (work as Work)(...args), Number(delay) || 0, repeats, run);
}

function clear(timer: unknown): void {
  const found = timer instanceof Timer ? timer : open.get(Number(timer));
  found?.close();
}

export const scriptTimers = {
  setTimeout: (work: unknown, delay?: unknown, ...args: unknown[]) => start(work, delay, args, false),
  setInterval: (work: unknown, delay?: unknown, ...args: unknown[]) => start(work, delay, args, true),
  setImmediate: (work: unknown, ...args: unknown[]) => start(work, 0, args, false),
  clearTimeout: clear,
  clearInterval: clear,
  clearImmediate: clear,
  queueMicrotask: (work: unknown) => {
    if (typeof work !== 'function') throw new TypeError('queueMicrotask takes a function.');
    const run = currentRun.getStore();
    soon(() => attempt(run, () => (work as Work)()));
  },
};
