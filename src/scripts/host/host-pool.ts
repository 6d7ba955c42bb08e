// The hosts of one app as it was loaded: those that take runs, a warm one for the next death, and the quarantine.

import { loadFirst } from './load-first.ts';
import type { PendingRun } from './open-run.ts';
import { Quarantine } from './quarantine.ts';
import { ScriptFailure } from './script-failure.ts';
import { type HostOptions, ScriptHost, type Wreck } from './script-host.ts';
import type { LoadableModule, LoadReport, ScriptRun } from './script-hosts.ts';
import type { Death } from './start-deno.ts';

export interface PoolOptions extends HostOptions {
  readonly modules: readonly LoadableModule[];
  /** Every host is told here when it is begun, so that it is watched until it ends. */
  readonly watch: (host: ScriptHost) => void;
}

/** Milliseconds after the first host that ended before it was loaded; doubled for each that follows it. */
const AGAIN = 100;
const AGAIN_AT_MOST = 5_000;
const CLOSED = { kind: 'died', message: 'was closed' } as const;

export class HostPool {
  report: LoadReport = { modules: [] };
  /** Those that load: what a host has in it. */
  #modules: readonly LoadableModule[] = [];
  readonly #active = new Set<ScriptHost>();
  readonly #all = new Set<ScriptHost>();
  #spare: ScriptHost | null = null;
  #starting = 0;
  #failures = 0;
  #again: NodeJS.Timeout | undefined;
  readonly #waiting: { readonly pending: PendingRun; readonly until: number }[] = [];
  readonly #quarantine: Quarantine;
  #phase: 'opening' | 'open' | 'retiring' | 'closed' = 'opening';
  #onIdle: () => void = () => undefined;

  constructor(private readonly options: PoolOptions) {
    this.#quarantine = new Quarantine({ open: () => this.#startLoaded(), idle: options.limits.quarantine });
  }

  /** Loads the modules. What is returned is also `report`. Runs are taken from then on. */
  async open(): Promise<LoadReport> {
    if (this.options.modules.length > 0) await this.#openHosts();
    if (this.#phase === 'opening') this.#phase = 'open';
    this.#mend();
    return this.report;
  }

  async #openHosts(): Promise<void> {
    const { report, host, modules } = await loadFirst(this.options.modules, () => this.#start());
    this.report = report;
    this.#modules = modules;
    if (!host) return;
    this.#activate(host);
    await Promise.all(Array.from({ length: this.options.limits.hosts - 1 }, () => this.#startNext()));
  }

  run(run: ScriptRun): Promise<unknown> {
    const failure = this.#whyNot(run.module);
    if (failure) return Promise.reject(failure);
    return new Promise((resolve, reject) => {
      const pending = { run, resolve, reject };
      const host = run.apart ? null : this.#place();
      if (host) host.begin(pending);
      else if (run.apart) this.#quarantine.admit(pending);
      else if (this.#waiting.length < this.options.limits.waiting) {
        this.#waiting.push({ pending, until: performance.now() + run.timeout });
      } else reject(new ScriptFailure('busy', 'Too many scripts wait to be run.'));
    });
  }

  /** Gives up who waited for longer than it may run. */
  check(now: number): void {
    while (this.#waiting[0] && (now >= this.#waiting[0].until || this.#waiting[0].pending.run.signal?.aborted)) {
      const late = new ScriptFailure('busy', 'All script hosts were busy for as long as the script may run.');
      this.#waiting.shift()?.pending.reject(late);
    }
  }

  /** Closes once those that it has are over, or `limits.retire` milliseconds are. */
  async retire(): Promise<void> {
    if (this.#phase === 'closed') return;
    this.#phase = 'retiring';
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.options.limits.retire);
      timer.unref();
    });
    const idle = new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
    this.#tellIdle();
    await Promise.race([late, idle.then(() => this.#quarantine.settled())]);
    clearTimeout(timer);
    await this.close();
  }

  async close(): Promise<void> {
    this.#phase = 'closed';
    clearTimeout(this.#again);
    this.#onIdle();
    for (const { pending } of this.#waiting.splice(0)) pending.reject(closedFailure());
    for (const host of this.#all) host.kill(CLOSED);
    await Promise.all([...this.#all].map((host) => host.ended));
    await this.#quarantine.close();
  }

  #whyNot(name: string): ScriptFailure | null {
    if (this.#phase === 'closed') return closedFailure();
    const loaded = this.report.modules.find((module) => module.name === name);
    if (!loaded) return new ScriptFailure('unloaded', `There is no script ${name}.`);
    const { failure } = loaded;
    return failure && new ScriptFailure('unloaded', failure.message, { stack: failure.stack });
  }

  /** The active host with the fewest runs that has a place. */
  #place(): ScriptHost | null {
    let best: ScriptHost | null = null;
    for (const host of this.#active) {
      if (host.load < this.options.limits.runsPerHost && (best === null || host.load < best.load)) best = host;
    }
    return best;
  }

  #serveWaiting(): void {
    for (let host = this.#place(); host && this.#waiting.length > 0; host = this.#place()) {
      const next = this.#waiting.shift();
      if (next) host.begin(next.pending);
    }
    this.#tellIdle();
  }

  #tellIdle(): void {
    if (this.#phase !== 'retiring' || this.#waiting.length > 0) return;
    if ([...this.#active].every((host) => host.isEmpty)) this.#onIdle();
  }

  #start(): ScriptHost {
    const host = new ScriptHost(this.options);
    this.#all.add(host);
    this.options.watch(host);
    if (this.#phase === 'closed') host.kill(CLOSED);
    void host.ended.then((wreck) => this.#bury(host, wreck));
    return host;
  }

  /** A host with the modules in it. Rejects when it ends over that. */
  async #startLoaded(): Promise<ScriptHost> {
    const host = this.#start();
    const died = await Promise.race([host.loadModules(this.#modules).then(() => null), host.ended]);
    if (!died) return host;
    throw new Error(`the host ${died.death.message}`);
  }

  #activate(host: ScriptHost): void {
    if (this.#phase === 'closed') return;
    host.onFree = () => this.#serveWaiting();
    this.#active.add(host);
    this.#serveWaiting();
  }

  /** Puts the warm host where one is missing, and begins what is missing then. */
  #mend(): void {
    if (this.#phase !== 'open' || this.#modules.length === 0) return;
    if (this.#spare && this.#active.size < this.options.limits.hosts) {
      const spare = this.#spare;
      this.#spare = null;
      this.#activate(spare);
    }
    clearTimeout(this.#again);
    const { hosts, spares } = this.options.limits;
    const missing = hosts + spares - this.#active.size - (this.#spare ? 1 : 0) - this.#starting;
    if (missing <= 0) return;
    if (this.#failures > 0) {
      const wait = Math.min(AGAIN * 2 ** (this.#failures - 1), AGAIN_AT_MOST);
      this.#again = setTimeout(() => void this.#startNext(), wait);
      this.#again.unref();
    } else void this.#startNext();
  }

  async #startNext(): Promise<void> {
    this.#starting += 1;
    try {
      const host = await this.#startLoaded();
      this.#failures = 0;
      if (this.#active.size < this.options.limits.hosts) this.#activate(host);
      else this.#spare = host;
    } catch {
      // Its end was logged. Another one is tried, after a while: what keeps hosts from loading may take the machine with it.
      this.#failures += 1;
    } finally {
      this.#starting -= 1;
    }
    this.#mend();
  }

  #bury(host: ScriptHost, wreck: Wreck): void {
    this.#all.delete(host);
    const wasActive = this.#active.delete(host);
    if (this.#spare === host) this.#spare = null;
    if (this.#phase === 'closed') {
      for (const { reject } of wreck.suspects) reject(closedFailure());
      return;
    }
    const { death, suspects } = wreck;
    this.options.log.warn({ host: host.pid, runs: suspects.length }, `a script host ${death.message}`);
    this.#mend();
    const likeliest = suspects.at(-1);
    for (const suspect of suspects) {
      if (wasActive && mayRepeat(suspect, death)) this.#quarantine.admit(suspect, suspect === likeliest);
    }
    this.#tellIdle();
  }
}

/** Whether the run may be begun again; it has been rejected when it may not: whoever asked may do everything again. */
function mayRepeat({ run, reject }: PendingRun, death: Death): boolean {
  const may = run.repeatable();
  if (!may) reject(new ScriptFailure(death.kind, `The script's host ${death.message}.`, { suspect: true }));
  return may;
}

function closedFailure(): ScriptFailure {
  return new ScriptFailure('cancelled', 'The script hosts were closed.');
}
