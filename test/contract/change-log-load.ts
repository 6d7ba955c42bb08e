// Many writers at once, on few rows, with what makes an order hard: transactions of several statements that overlap, one that
// stays open all the while, rollbacks, and savepoints that are undone.

import { isDeepStrictEqual } from 'node:util';
import type { ChangeLogWorld, OpenTransaction } from './change-log-world.ts';
import { Replica } from './replica.ts';

export interface Load {
  readonly writers: number;
  /** Of each writer. */
  readonly transactions: number;
  /** Another one for each load of a world. */
  readonly seed: number;
  /** What the transaction that stays open waits for besides the writers. */
  readonly meanwhile?: Promise<void>;
}

export interface LoadReport {
  /** What was found wrong, and how often. */
  readonly problems: Readonly<Record<string, number>>;
  readonly changes: number;
}

const ROWS = 8;
const MOST = 40;

/** Puts the load on a world, reads along as two processes, and reports. */
export async function runLoad(world: ChangeLogWorld, load: Load): Promise<LoadReport> {
  const problems: string[] = [];
  const logs = [world.openLog(), world.openLog()];
  const start = await world.openLog().advance();
  const replicas = logs.map((log) => new Replica(log, start));
  const random = randomOf(load.seed);
  const page = () => 1 + Math.floor(random() * MOST);
  const late = await world.begin();
  await late.insert(rowOf(load, 'late'));

  let written = 0;
  let writing = true;
  const writers = Array.from({ length: load.writers }, async (_, at) => {
    const own = randomOf(load.seed * 1_000 + at);
    for (let done = 0; done < load.transactions; done++) {
      const changes = await runTransaction(world, load, own);
      written += changes;
    }
  });
  const readers = replicas.map(async (replica, at) => {
    while (writing) {
      await logs[at]?.advance();
      await replica.follow(page);
    }
  });
  const wrote = Promise.all([...writers, load.meanwhile]).finally(() => {
    writing = false;
  });
  await Promise.all([wrote, ...readers]);

  const catchUp = async () => {
    for (const [at, replica] of replicas.entries()) {
      await logs[at]?.advance();
      await replica.follow(page);
    }
  };
  const expectChanges = (when: string) => {
    for (const { changes } of replicas) {
      if (changes.length < written) problems.push(`changes are missing ${when}`);
      if (changes.length > written) problems.push(`there are too many changes ${when}`);
    }
  };
  await catchUp();
  expectChanges('while a transaction is open');
  await late.commit();
  written += 1;
  await catchUp();
  expectChanges('at the end');
  problems.push(...replicas.flatMap((replica) => replica.problems), ...(await compare(world, load, replicas, random)));
  return { problems: countEach(problems), changes: written };
}

/** Whether all readers were told the same, those too who begin in the middle, and whether it is what the store holds. */
async function compare(
  world: ChangeLogWorld,
  load: Load,
  replicas: readonly Replica[],
  random: () => number,
): Promise<string[]> {
  const problems: string[] = [];
  const toldTo = ({ changes }: Pick<Replica, 'changes'>) =>
    changes.map(({ position, id, kind }) => `${position.batch}/${position.seq} ${kind} ${id}`);
  const [first] = replicas;
  if (!first) return [];
  const all = toldTo(first);
  for (const other of replicas.slice(1))
    if (toldTo(other).join() !== all.join()) problems.push('readers were told different things');
  for (let times = 0; times < 5; times++) {
    const from = Math.floor(random() * first.changes.length);
    const position = first.changes[from]?.position;
    if (!position) continue;
    const later = new Replica(world.openLog(), position);
    await later.follow(() => MOST);
    if (toldTo(later).join() !== all.slice(from + 1).join()) problems.push('who came back was told other things');
  }
  const held = [...(await world.rows())].filter(([id]) => id.startsWith(rowOf(load, '')));
  for (const { rows } of replicas)
    if (!isDeepStrictEqual([...rows].sort(), held.sort())) problems.push('the copy is not what the store holds');
  return problems;
}

/** One transaction; answers the changes that it left behind. */
async function runTransaction(world: ChangeLogWorld, load: Load, random: () => number): Promise<number> {
  const transaction = await world.begin();
  const steps = 1 + Math.floor(random() * 4);
  // Each takes rows in the same order, so that none waits for one that waits for it.
  const ids = Array.from({ length: steps }, () => rowOf(load, Math.floor(random() * ROWS))).sort();
  let changes = 0;
  for (const id of ids) {
    const undone = random() < 0.1;
    if (undone || random() < 0.1) await transaction.savepoint();
    const changed = Number(await runStep(transaction, id, random()));
    if (undone) await transaction.undo();
    else changes += changed;
  }
  if (random() < 0.1) {
    await transaction.rollback();
    return 0;
  }
  await transaction.commit();
  return changes;
}

async function runStep(transaction: OpenTransaction, id: string, chance: number): Promise<boolean> {
  if (chance < 0.1) return transaction.delete(id);
  return (await transaction.update(id)) || transaction.insert(id);
}

function countEach(problems: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const problem of problems) counts[problem] = (counts[problem] ?? 0) + 1;
  return counts;
}

/** Each load has rows of its own, so that one world takes several. */
function rowOf({ seed }: Load, name: string | number): string {
  return `load-${seed}-${name}`;
}

/** Mulberry32: the same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
