// One live exam from beginning to end: subscribers and writers, instances and a database that are killed among them, and what
// everybody holds at the end.

import { setTimeout as pass } from 'node:timers/promises';
import { Dice } from './differential-world.ts';
import { openLiveCluster, VICTIMS, type Victim } from './live-cluster.ts';
import { type Counts, count } from './live-fold.ts';
import { Subscriber } from './live-subscriber.ts';
import { BEGINNING, ENDING, INTERESTS, USERS } from './live-world.ts';
import { startWriters, type Writers } from './live-writers.ts';

export interface LiveOptions {
  /** Each is somebody's interest by one protocol; they are taken in turns. */
  readonly subscribers: number;
  /** Connections that are made again, at least, before it ends. */
  readonly reconnects: number;
  readonly kills: number;
  /** Writers with sessions of the database, and over HTTP. */
  readonly sessions: number;
  readonly clients: number;
  /** Milliseconds, at most, that a connection is left alone, and between two writes of one writer. */
  readonly patience: number;
  readonly pause: number;
  readonly seed: number;
  /** Is told of each kill. */
  readonly tell?: (words: string) => void;
}

export interface LiveResult {
  readonly reconnects: number;
  readonly killed: readonly Victim[];
  /** Events by operations, ends of connections, and what became of writes. */
  readonly told: Readonly<Record<string, number>>;
  readonly endings: Readonly<Record<string, number>>;
  readonly writes: Readonly<Record<string, number>>;
  /** By kinds; there is to be none. The first of each kind is told in full. */
  readonly wrong: Readonly<Record<string, number>>;
  readonly examples: readonly string[];
}

/** Runs it. Whatever is wrong is in the result; nothing stays behind. */
export async function runLive(options: LiveOptions): Promise<LiveResult> {
  const { seed, tell, patience } = options;
  const dice = new Dice(seed);
  const cluster = await openLiveCluster();
  const [told, endings, writes, problems]: Counts[] = [new Map(), new Map(), new Map(), new Map()];
  if (!told || !endings || !writes || !problems) throw new Error('four were made');
  const examples: string[] = [];
  const wrong = (kind: string, what: unknown) => {
    if (!problems.has(kind)) examples.push(`${kind}: ${JSON.stringify(what)}`);
    count(problems, kind);
  };
  const serving = () => cluster.serving(dice.below(2));
  const subscribers = Array.from({ length: options.subscribers }, (_, at) => {
    const interest = INTERESTS[at % INTERESTS.length];
    const user = USERS[Math.floor(at / INTERESTS.length) % USERS.length];
    if (!interest || !user) throw new Error('there are some of both');
    const transport = at % 3 === 2 ? 'event stream' : 'socket';
    return new Subscriber({ user, interest, transport, serving, dice, patience, wrong, endings, told });
  });
  const reconnects = () => subscribers.reduce((sum, { connects }) => sum + connects - 1, 0);
  const killed: Victim[] = [];
  let writers: Writers | undefined;
  try {
    // Who asks for no rows to begin with knows nothing of those that are there: there is none then.
    await Promise.all(subscribers.map((subscriber) => subscriber.start()));
    await cluster.query(BEGINNING);
    const { sessions, clients, pause } = options;
    writers = startWriters({ database: cluster.database, serving, sessions, clients, dice, pause, done: writes });
    for (let at = 0; at < options.kills; at++) {
      await until(() => reconnects() >= ((at + 0.5) * options.reconnects) / options.kills);
      const victim = VICTIMS[at % VICTIMS.length] ?? 'backend';
      tell?.(`kill ${at + 1}: ${victim}, after ${reconnects()} reconnects`);
      await cluster.kill(victim);
      killed.push(victim);
    }
    await until(() => reconnects() >= options.reconnects);
    await writers.stop();
    await cluster.query(ENDING);
    tell?.(`the last rows are written after ${reconnects()} reconnects`);
    await Promise.all(subscribers.map((subscriber, at) => subscriber.finish(at % 4 === 1)));
  } finally {
    for (const subscriber of subscribers) subscriber.abandon();
    await writers?.stop().catch(() => undefined);
    await cluster.close();
  }
  return {
    reconnects: reconnects(),
    killed,
    told: Object.fromEntries(told),
    endings: Object.fromEntries(endings),
    writes: Object.fromEntries(writes),
    wrong: Object.fromEntries(problems),
    examples,
  };
}

async function until(reached: () => boolean): Promise<void> {
  while (!reached()) await pass(10);
}
