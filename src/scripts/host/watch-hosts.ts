// The one clock of all hosts: it asks whether they answer, and looks at the memory that they use.

import type { HostLimits } from './host-limits.ts';
import { readMemory } from './read-memory.ts';
import type { ScriptHost } from './script-host.ts';

export interface WatchedHosts {
  /** Watches a host until it ends. */
  add(host: ScriptHost): void;
  close(): Promise<void>;
}

/** Milliseconds between two looks at busy hosts; at the memory of the others it looks every twentieth time. */
const TICK = 50;
const IDLE_TICKS = 20;
const MB = 1 << 20;

/** `onTick` is called with what `performance.now()` says, behind the look at the hosts. */
export function watchHosts(limits: HostLimits, onTick: (now: number) => void): WatchedHosts {
  const hosts = new Set<ScriptHost>();
  let last = performance.now();
  let ticks = 0;
  let weighing: Promise<void> | null = null;

  const weigh = async (all: boolean) => {
    const pids = new Map<number, ScriptHost>();
    for (const host of hosts) if (host.pid !== undefined && (all || host.isBusy)) pids.set(host.pid, host);
    for (const [pid, bytes] of await readMemory([...pids.keys()])) {
      if (bytes <= limits.memoryMb * MB) continue;
      pids.get(pid)?.kill({ kind: 'died', message: `used more than ${limits.memoryMb} MB of memory` });
    }
  };

  const tick = () => {
    const now = performance.now();
    const pause = now - last - TICK;
    last = now;
    ticks += 1;
    for (const host of hosts) {
      if (pause > TICK) host.excuse(pause);
      host.check(now);
    }
    onTick(now);
    weighing ??= weigh(ticks % IDLE_TICKS === 0).finally(() => {
      weighing = null;
    });
  };
  const timer = setInterval(tick, TICK);
  timer.unref();

  return {
    add(host) {
      hosts.add(host);
      void host.ended.then(() => hosts.delete(host));
    },
    async close() {
      clearInterval(timer);
      await weighing;
    },
  };
}
