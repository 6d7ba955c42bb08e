// One run: the calls that it makes of the service, what waits for their answers, what it logs, and what waits for the commit.

import { LARGE_CALLS } from '../host/host-limits.ts';
import type { LogLineLevel } from '../host/script-hosts.ts';
import type { CallError } from '../script-input.ts';
import { send } from './channel.ts';
import { ServiceCallError } from './errors.ts';
import { limits } from './limits.ts';
import { messageOf, stackOf } from './places.ts';
import type { Timer } from './timers.ts';

interface Call {
  readonly op: string;
  readonly args: unknown;
  /** Has the stack of who called: the answer comes from elsewhere. */
  readonly caller: Error;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

export class Run {
  /** The table that it is about; null: none. */
  table: string | null = null;
  readonly timers = new Set<Timer>();
  /** Rejects when something of the run breaks that nobody in it waits for. */
  readonly broken: Promise<never>;
  #break: (error: unknown) => void = () => undefined;
  readonly #calls = new Map<number, Call>();
  readonly #queue: Call[] = [];
  #asked = 0;
  #lastCall = 0;
  #onAnswer: () => void = () => undefined;
  readonly #effects: (() => unknown)[] = [];
  #logLines = 0;
  #logBytes = 0;
  #phase: 'running' | 'over' | 'given up' = 'running';

  constructor(readonly id: number) {
    this.broken = new Promise((_, reject) => {
      this.#break = reject;
    });
    this.broken.catch(() => undefined);
  }

  get isGivenUp(): boolean {
    return this.#phase === 'given up';
  }

  /** Whether anything waits for the commit. */
  get lingers(): boolean {
    return this.#effects.length > 0;
  }

  /** Asks the service. Rejects with what it throws. Never settles for a run that was given up. */
  call(op: string, args: unknown): Promise<unknown> {
    if (this.#phase === 'over') return Promise.reject(new Error('The script has answered: ctx is of no use any more.'));
    const { calls } = limits();
    if (++this.#asked > calls) return Promise.reject(new Error(`A script may call the service ${calls} times.`));
    return new Promise((resolve, reject) => {
      this.#queue.push({ op, args: args ?? null, caller: new Error(op), resolve, reject });
      this.#sendNext();
    });
  }

  answer(call: number, reply: { readonly value: unknown } | { readonly error: CallError }): void {
    const waiting = this.#calls.get(call);
    this.#calls.delete(call);
    if ('error' in reply) waiting?.reject(new ServiceCallError(reply.error, waiting.caller));
    else waiting?.resolve(reply.value);
    this.#sendNext();
    this.#onAnswer();
  }

  log(level: LogLineLevel, message: string): void {
    if (this.#phase === 'given up') return;
    // What is said once the run is over is the host's to say: the service does not know the run any more.
    const id = this.#phase === 'over' ? null : this.id;
    const { logLines, logBytes } = limits();
    this.#logLines += 1;
    this.#logBytes += message.length;
    const isOver = this.#logLines > logLines || this.#logBytes > logBytes;
    if (!isOver) send({ t: 'log', id, level, message });
    else if (this.#logLines <= logLines + 1) {
      this.#logLines = logLines + 1;
      send({ t: 'log', id, level: 'warn', message: 'More was logged than one run may log, and is left out.' });
    }
  }

  /** Resolves when the service has answered everything, also what nobody in the run waits for. */
  async quiet(): Promise<void> {
    while (this.#calls.size + this.#queue.length > 0) {
      await new Promise<void>((resolve) => {
        this.#onAnswer = resolve;
      });
    }
  }

  /** Something went wrong that no promise of the run tells. */
  breakOff(error: unknown): void {
    if (this.#phase === 'running') this.#break(error);
    else this.log('error', `After the script had answered: ${stackOf(error)}`);
  }

  /** Keeps what is to be done once everything is committed. */
  afterCommit(effect: unknown): void {
    if (typeof effect !== 'function') throw new TypeError('ctx.afterCommit takes a function.');
    this.#effects.push(effect as () => unknown);
  }

  /** Does what was kept, when the service says that it is; what was undone it refuses, or never speaks of. */
  async runEffects(): Promise<void> {
    if (!this.lingers) return;
    try {
      this.#asked = 0;
      await this.call('committed', null);
    } catch {
      return; // It was undone.
    }
    for (const effect of this.#effects) {
      try {
        await effect();
      } catch (error) {
        this.log('error', `What waited for the commit failed: ${stackOf(error)}`);
      }
    }
  }

  /** It has answered. */
  end(): void {
    if (this.#phase === 'running') this.#phase = 'over';
    for (const timer of [...this.timers]) if (timer.repeats) timer.close();
    this.#forget(new Error('The script has answered: ctx is of no use any more.'));
  }

  /** Nobody waits for it any more: whatever of it still stands waits for ever, and nothing of it fires. */
  giveUp(): void {
    this.#phase = 'given up';
    for (const timer of [...this.timers]) timer.close();
    this.#calls.clear();
    this.#queue.length = 0;
  }

  #forget(error: Error): void {
    for (const { reject } of [...this.#calls.values(), ...this.#queue]) reject(error);
    this.#calls.clear();
    this.#queue.length = 0;
  }

  #sendNext(): void {
    const { callsAtOnce, message, batch } = limits();
    while (this.#calls.size < callsAtOnce) {
      const next = this.#queue.shift();
      if (!next) return;
      const { op, args, reject } = next;
      const call = ++this.#lastCall;
      try {
        send({ t: 'call', id: this.id, call, op, args }, LARGE_CALLS.includes(op) ? batch : message);
        this.#calls.set(call, next);
      } catch (error) {
        reject(new TypeError(`What the script gives to the service cannot be sent: ${messageOf(error)}`));
      }
    }
  }
}
