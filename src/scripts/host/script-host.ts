// One host: a process with the modules of an app in it, and the runs that it has. It dies of what it does wrong, or is told
// to; who replaces it, and what becomes of its runs, is the pool's.

import { messageOf } from '../../platform/errors.ts';
import type { Logger } from '../../platform/log.ts';
import type { FrameToService } from './frames.ts';
import type { HostLimits } from './host-limits.ts';
import type { InstalledRuntime } from './install-runtime.ts';
import { OpenRun, type PendingRun } from './open-run.ts';
import { ScriptFailure } from './script-failure.ts';
import type { LoadableModule, LoadReport } from './script-hosts.ts';
import { type Death, type DenoProcess, startDeno } from './start-deno.ts';

export interface HostOptions {
  readonly deno: string;
  readonly runtime: InstalledRuntime;
  readonly limits: HostLimits;
  readonly log: Logger;
  readonly inspect?: string | undefined;
}

/** What a host that ended leaves behind. */
export interface Wreck {
  readonly death: Death;
  /** The runs whose callers still wait, the likeliest culprit last. */
  readonly suspects: readonly PendingRun[];
}

/** A frame may hold a whole batch, and what names its parts. */
const FRAME_OVERHEAD = 64 << 10;
/** Milliseconds between pings of a host that has something to do. */
const PING = 250;
/** Milliseconds that Deno may take to start, which is a matter of the machine and not of any script. */
const BOOT = 10_000;

interface Loading {
  readonly resolve: (report: LoadReport) => void;
  /** Null until the first module is begun. */
  name: string | null;
  since: number;
}

export class ScriptHost {
  /** Resolves once the process is gone. */
  readonly ended: Promise<Wreck>;
  /** Called whenever a run is answered, or over. */
  onFree: () => void = () => undefined;
  readonly #deno: DenoProcess;
  readonly #limits: HostLimits;
  readonly #log: Logger;
  readonly #runs = new Map<number, OpenRun>();
  #lastId = 0;
  #loading: Loading | null = null;
  #isReady = false;
  #isUnproven = false;
  #emptied = 0;
  #pinged = 0;
  #heard = performance.now();

  constructor(options: HostOptions) {
    this.#limits = options.limits;
    this.#log = options.log;
    this.#deno = startDeno({
      ...options,
      heapMb: options.limits.heapMb,
      limits: { frame: options.limits.batch + FRAME_OVERHEAD, bytesPerSecond: options.limits.bytesPerSecond },
      onFrame: (frame) => this.#hear(frame),
      // A crash is told in one line of the pool's; what Deno says of it is for who looks closer, as is a debugger's address.
      onErrorLine: (line) => this.#log[options.inspect === undefined ? 'debug' : 'info']({ host: this.pid }, line),
    });
    this.ended = this.#deno.ended.then((death) => ({ death, suspects: this.#abandon() }));
  }

  get pid(): number | undefined {
    return this.#deno.pid;
  }

  /** Runs whose callers wait. */
  get load(): number {
    let waiting = 0;
    for (const run of this.#runs.values()) if (!run.isSettled) waiting += 1;
    return waiting;
  }

  /** Whether no run is left, also none that waits for a commit. */
  get isEmpty(): boolean {
    return this.#runs.size === 0;
  }

  /** Whether it has something to do, or has not shown since that it is done: a script may loop when it has answered. */
  get isBusy(): boolean {
    return this.#runs.size > 0 || this.#loading !== null || this.#isUnproven;
  }

  /** The module that is being loaded, should the host end over it. */
  get loadingName(): string | null {
    return this.#loading?.name ?? null;
  }

  /** Loads modules, the first thing that is asked of a host. Stays pending when the host ends instead. */
  loadModules(modules: readonly LoadableModule[]): Promise<LoadReport> {
    return new Promise((resolve) => {
      this.#loading = { resolve, name: null, since: Number.POSITIVE_INFINITY };
      this.#deno.send({ t: 'load', limits: this.#limits, modules });
    });
  }

  begin(pending: PendingRun): void {
    const { module, fn, input, signal } = pending.run;
    if (signal?.aborted) {
      pending.reject(new ScriptFailure('cancelled', `The script was given up: ${messageOf(signal.reason)}`));
      return;
    }
    if (!this.isBusy) this.#heard = performance.now();
    this.#isUnproven = true;
    const id = ++this.#lastId;
    const open = new OpenRun(id, pending, this.#limits, {
      send: (frame, limit) => this.#deno.send(frame, limit),
      settled: () => this.onFree(),
      over: () => {
        if (!this.#runs.delete(id)) return;
        if (this.#runs.size === 0) this.#emptied = performance.now();
        this.onFree();
      },
    });
    this.#runs.set(id, open);
    try {
      this.#deno.send({ t: 'run', id, module, fn, input }, this.#limits.batch);
    } catch (error) {
      open.fail(new ScriptFailure('failed', messageOf(error)));
    }
  }

  /** Pings it, ends it when it has been silent for too long, and gives up runs that are out of time. */
  check(now: number): void {
    if (!this.isBusy) return;
    for (const run of this.#runs.values()) run.check(now);
    const silence = this.#isReady ? this.#limits.silence : BOOT;
    if (now - this.#heard >= silence) {
      this.kill({ kind: 'timeout', message: `did not answer for ${silence} ms` });
    } else if (this.#loading && now - this.#loading.since >= this.#limits.load + silence) {
      this.kill({ kind: 'timeout', message: 'did not come to the end of loading' });
    } else if (this.#pinged <= this.#heard && now - this.#pinged >= PING) {
      this.#pinged = now;
      this.#deno.send({ t: 'ping' });
    }
  }

  /** The service itself stood still for so long: neither its hosts nor their runs are to blame for that. */
  excuse(pause: number): void {
    this.#heard += pause;
    for (const run of this.#runs.values()) run.postpone(pause);
  }

  kill(death: Death): void {
    this.#deno.kill(death);
  }

  #hear(frame: FrameToService): void {
    switch (frame.t) {
      case 'ready':
        this.#isReady = true;
        this.#heard = performance.now();
        return;
      case 'pong':
        this.#heard = performance.now();
        if (this.#pinged > this.#emptied) this.#isUnproven = false;
        return;
      case 'loading':
        this.#heard = performance.now();
        if (this.#loading) Object.assign(this.#loading, { name: frame.name, since: this.#heard });
        return;
      case 'loaded':
        this.#loading?.resolve({ modules: frame.modules });
        this.#loading = null;
        return;
      case 'log': {
        const { level, message } = frame;
        const run = frame.id === null ? undefined : this.#runs.get(frame.id);
        if (!run) this.#log[level]({ host: this.pid }, message);
        else if (!run.logged({ level, message })) this.#distrust('it logged more than it may');
        return;
      }
      default: {
        // Runs that were given up are not known any more, and what they say is nobody's.
        const run = this.#runs.get(frame.id);
        if (run?.heard(frame) === false) this.#distrust('it called the service more than it may');
      }
    }
  }

  #distrust(why: string): void {
    this.kill({ kind: 'died', message: `was ended: ${why}` });
  }

  #abandon(): PendingRun[] {
    const runs = [...this.#runs.values()].sort((a, b) => a.lastTold - b.lastTold);
    this.#runs.clear();
    return runs.map((run) => run.abandon()).filter((pending) => pending !== null);
  }
}
