// One run that a host has, until it is over: what it asks of the service is passed on, what it comes to is told once.

import { messageOf } from '../../platform/errors.ts';
import type { FrameToHost, FrameToService } from './frames.ts';
import { type HostLimits, LARGE_CALLS } from './host-limits.ts';
import { ScriptFailure } from './script-failure.ts';
import type { ScriptLogLine, ScriptRun } from './script-hosts.ts';

/** A run with the promise that somebody awaits. */
export interface PendingRun {
  readonly run: ScriptRun;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Of the host that the run is in. */
export interface RunPlace {
  /** Throws when the frame is over `limit`, or no JSON. */
  readonly send: (frame: FrameToHost, limit?: number) => void;
  /** Its caller is answered, so that another run may take its place. */
  readonly settled: () => void;
  /** Nothing more is expected of it. */
  readonly over: () => void;
}

/** Frames that are about one run. */
export type RunFrame = Extract<FrameToService, { readonly t: 'call' | 'done' | 'failed' | 'over' }>;

/** Milliseconds that a run is kept for a commit: longer than any operation may take. */
const COMMIT = 60_000;

export class OpenRun {
  /** When something last went to it: the one that heard last is the likeliest to have brought its host down. */
  lastTold = performance.now();
  readonly #run: ScriptRun;
  #deadline: number;
  #isSettled = false;
  #isCommitted = false;
  #isOver = false;
  #calls = 0;
  #callsOpen = 0;
  #logLines = 0;

  constructor(
    readonly id: number,
    private readonly pending: PendingRun,
    private readonly limits: HostLimits,
    private readonly place: RunPlace,
  ) {
    this.#run = pending.run;
    this.#deadline = performance.now() + this.#run.timeout;
    this.#run.signal?.addEventListener('abort', this.#giveUp, { once: true });
  }

  /** Whether its caller has been answered. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** False: it says what the runtime would never let it say, so that its host can no longer be trusted. */
  heard(frame: RunFrame): boolean {
    switch (frame.t) {
      case 'call':
        this.#calls += 1;
        this.#callsOpen += 1;
        void this.#answer(frame.call, frame.op, frame.args);
        // One more than the scripts have: that a transaction is committed is asked by the runtime.
        return this.#calls <= this.limits.calls + 1 && this.#callsOpen <= this.limits.callsAtOnce;
      case 'done':
        this.#settle(() => this.pending.resolve(frame.result));
        if (frame.lingers === true) {
          this.#deadline = performance.now() + COMMIT;
          this.place.settled();
        } else this.#end();
        return true;
      case 'failed': {
        const { kind, message, details } = frame;
        this.#settle(() => this.pending.reject(new ScriptFailure(kind, message, details)));
        this.#end();
        return true;
      }
      case 'over':
        this.#end();
        return true;
    }
  }

  /** False: more lines than the runtime lets through. */
  logged(line: ScriptLogLine): boolean {
    this.#run.log(line);
    return ++this.#logLines <= this.limits.logLines + 1;
  }

  /** Gives it up when it is out of time. */
  check(now: number): void {
    if (now < this.#deadline) return;
    const { timeout } = this.#run;
    if (this.#isSettled && this.#isCommitted) {
      this.#run.log({ level: 'error', message: `What waited for the commit was not done within ${timeout} ms.` });
    }
    this.fail(new ScriptFailure('timeout', `The script did not answer within ${timeout} ms.`));
  }

  /** It gets as much more time: nothing could be heard in the meantime. */
  postpone(by: number): void {
    this.#deadline += by;
  }

  /** Ends it here and in the host; what the host still says of it is ignored. */
  fail(failure: ScriptFailure): void {
    if (this.#isOver) return;
    this.place.send({ t: 'cancel', id: this.id });
    this.#settle(() => this.pending.reject(failure));
    this.#end();
  }

  /** Its host is gone. The promise is handed back, to be settled otherwise; null: it has been. */
  abandon(): PendingRun | null {
    const wasSettled = this.#isSettled;
    if (wasSettled) {
      this.#run.log({ level: 'error', message: 'Its host ended before what waited for the commit was done.' });
    }
    this.#settle(() => undefined);
    this.#isOver = true;
    return wasSettled ? null : this.pending;
  }

  async #answer(call: number, op: string, args: unknown): Promise<void> {
    const refuse = (error: unknown): FrameToHost => {
      return { t: 'refusal', id: this.id, call, error: this.#run.toCallError(error) };
    };
    const frame = await this.#run
      .call(op, args)
      .then((value): FrameToHost => ({ t: 'reply', id: this.id, call, value: value ?? null }), refuse);
    this.#callsOpen -= 1;
    if (this.#isOver) return;
    if (op === 'committed') {
      this.#isCommitted = true;
      this.#deadline = performance.now() + this.#run.timeout;
    }
    this.lastTold = performance.now();
    try {
      this.place.send(frame, LARGE_CALLS.includes(op) ? this.limits.batch : this.limits.message);
    } catch (error) {
      this.place.send(refuse(error));
    }
  }

  readonly #giveUp = () => {
    this.fail(new ScriptFailure('cancelled', `The script was given up: ${messageOf(this.#run.signal?.reason)}`));
  };

  #settle(how: () => void): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#run.signal?.removeEventListener('abort', this.#giveUp);
    how();
  }

  #end(): void {
    this.#isOver = true;
    this.place.over();
  }
}
