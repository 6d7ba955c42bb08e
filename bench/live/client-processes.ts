// Many sockets, held by processes of their own: one process could not take what the service sends.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Collected, Moment, Order } from './clients.ts';

const PROCESSES = 2;
/** Milliseconds between two looks at what came. */
const LOOK = 250;

export interface Clients {
  readonly count: number;
  /** Subscribes on all of them. Answers the seconds until all had their first answer. */
  subscribe(id: string, query: string): Promise<number>;
  /**
   * What came since the last time, a moment after there are so many events or `patience` milliseconds have passed: what is told
   * twice comes late.
   */
  collect(events: number, patience: number): Promise<Told>;
  close(): Promise<void>;
}

export interface Told {
  /** Milliseconds from commit to receipt, by the id of the subscription; sorted. */
  readonly latencies: Readonly<Record<string, readonly number[]>>;
  readonly moments: ReadonlyMap<number, Moment>;
}

/** Opens a socket for each token. Answers them, and the seconds that it took. Whoever opened them closes them. */
export async function openClients(
  url: URL,
  tokens: readonly string[],
): Promise<{ readonly clients: Clients; readonly seconds: number }> {
  const children = Array.from({ length: PROCESSES }, () =>
    fork(join(import.meta.dirname, 'clients.ts'), {
      execPath: process.env['BENCH_NODE'] ?? process.execPath,
      execArgv: ['--import', 'tsx'],
      serialization: 'advanced',
    }),
  );
  const all = async (orderFor: (at: number) => Order) => {
    const started = performance.now();
    const answers = await Promise.all(children.map((child, at) => give(child, orderFor(at))));
    return { answers, seconds: (performance.now() - started) / 1_000 };
  };
  const close = async () => {
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    }
  };
  const clients: Clients = {
    count: tokens.length,
    subscribe: async (id, query) => (await all(() => ({ kind: 'subscribe', id, query }))).seconds,
    async collect(events, patience) {
      const told = { latencies: {} as Record<string, number[]>, moments: new Map<number, Moment>() };
      const until = performance.now() + patience;
      for (let isLast = false; ; ) {
        for (const answer of (await all(() => ({ kind: 'collect' }))).answers) merge(told, answer);
        if (isLast) break;
        const count = Object.values(told.latencies).reduce((sum, { length }) => sum + length, 0);
        isLast = count >= events || performance.now() > until;
        await new Promise((resolve) => setTimeout(resolve, LOOK));
      }
      for (const some of Object.values(told.latencies)) some.sort((a, b) => a - b);
      return told;
    },
    close,
  };
  try {
    // Started, before the time is taken.
    await all(() => ({ kind: 'collect' }));
    const wsUrl = url.href.replace('http', 'ws');
    const part = (at: number) => tokens.filter((_, number) => number % PROCESSES === at);
    const { seconds } = await all((at) => ({ kind: 'open', url: wsUrl, tokens: part(at) }));
    return { clients, seconds };
  } catch (error) {
    await close();
    throw error;
  }
}

function merge(told: { latencies: Record<string, number[]>; moments: Map<number, Moment> }, more: Collected): void {
  for (const [id, some] of Object.entries(more.latencies)) {
    told.latencies[id] ??= [];
    for (const one of some) told.latencies[id].push(one);
  }
  for (const [sentAt, { count, last }] of more.moments) {
    const known = told.moments.get(sentAt) ?? { count: 0, last: 0 };
    told.moments.set(sentAt, { count: known.count + count, last: Math.max(known.last, last) });
  }
}

async function give(child: ChildProcess, order: Order): Promise<Collected> {
  const failed = new AbortController();
  const { signal } = failed;
  try {
    child.send(order);
    const [answer] = (await Promise.race([
      once(child, 'message', { signal }),
      once(child, 'exit', { signal }).then(([code]) => {
        throw new Error(`a process of clients ended with ${code}`);
      }),
    ])) as [Collected];
    return answer;
  } finally {
    failed.abort();
  }
}
