// One crash test from beginning to end: clients that write, processes that are killed among them, and what is there then.

import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { openLog } from '../../src/platform/log.ts';
import { openEmbeddedPostgres } from '../../src/stores/embedded-postgres/open-embedded-postgres.ts';
import { type Clients, startClients } from './crash-clients.ts';
import { type Judgement, judge } from './crash-judgement.ts';
import { type CrashService, openCrashService, processesNaming, VICTIMS, type Victim } from './crash-service.ts';
import { COUNTERS, TABLES } from './crash-writes.ts';
import { Dice } from './differential-world.ts';

/** Milliseconds, at most, between the write after which something is to be killed and the kill. */
const LATER = 25;

/** Sides of the dice behind a random number. */
const MANY = 2 ** 30;

export interface CrashResult extends Judgement {
  /** How many writes were answered how. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** How many acknowledged writes there were of a kind. */
  readonly kinds: Readonly<Record<string, number>>;
  /** Keyed writes that were sent more than once. */
  readonly repeated: number;
  readonly kills: readonly Victim[];
  /** Of the service, told to end at the end. */
  readonly exitCode: number | null;
}

export interface CrashOptions {
  /** How many writes are acknowledged before it ends, at least, and how often something is killed meanwhile. */
  readonly writes: number;
  readonly kills: number;
  readonly clients: number;
  readonly seed: number;
  /** Is told of each kill. */
  readonly tell?: (words: string) => void;
}

/** Runs it. Whatever is wrong is among the problems; nothing stays behind. */
export async function runCrash({ writes, kills, clients: count, seed, tell }: CrashOptions): Promise<CrashResult> {
  const dice = new Dice(seed);
  const random = () => dice.below(MANY) / MANY;
  const service = await openCrashService(TABLES);
  let clients: Clients | undefined;
  try {
    await makeCounters(service);
    clients = startClients({ count, random, serving: service.serving });
    const killed: Victim[] = [];
    for (let at = 0; at < kills; at++) {
      await clients.reached(Math.floor(((at + 0.2 + 0.7 * random()) * writes) / kills));
      await setTimeout(random() * LATER);
      const victim = VICTIMS[at % VICTIMS.length] ?? 'all';
      tell?.(`kill ${at + 1}: ${victim}, after ${clients.acknowledged()} acknowledged writes`);
      await service.kill(victim);
      killed.push(victim);
    }
    await clients.reached(writes);
    await clients.stop();
    const exitCode = await service.close();
    const { notes, wrong } = clients;
    const { judgement, left } = await judgeWhatIsThere(service, (connection) => judge(notes, connection));
    const acknowledged = notes.filter(({ outcome }) => outcome === 'acknowledged');
    return {
      ...judgement,
      outcomes: countBy(notes, ({ keyed, outcome }) => `${keyed ? 'keyed ' : ''}${outcome}`),
      kinds: countBy(acknowledged, ({ write }) => write.kind),
      repeated: notes.filter(({ sent }) => sent > 1).length,
      kills: killed,
      exitCode,
      problems: [...wrong, ...judgement.problems, ...left],
    };
  } finally {
    clients?.abandon();
    await service.close();
    await service.remove();
  }
}

/** The rows that are only changed. They are marked by nobody. */
async function makeCounters(service: CrashService): Promise<void> {
  const response = await fetch(`${await service.serving()}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      query: 'mutation ($data: [CounterInsert!]!) { insertCounters(data: $data) { count } }',
      variables: { data: COUNTERS.map((id) => ({ id, marks: [] })) },
    }),
  });
  const text = await response.text();
  if (text !== `{"data":{"insertCounters":{"count":${COUNTERS.length}}}}`) throw new Error(text);
}

/** Opens the database once more, now that the service has left it, and looks whether anything stays when it is closed. */
async function judgeWhatIsThere(
  { app }: CrashService,
  look: (connection: { host: string }) => Promise<Judgement>,
): Promise<{ judgement: Judgement; left: string[] }> {
  const stillThere = (await processesNaming(app)).map((pid) => `process ${pid} outlived the service`);
  const log = openLog({ level: 'silent', readable: false });
  const server = await openEmbeddedPostgres({ dataDir: join(app, '.tablecast'), log });
  const { host } = server.connection;
  const judgement = await look(server.connection).finally(() => server.close());
  const socket = await access(host).then(
    () => [`${host} is left`],
    () => [],
  );
  return { judgement, left: [...stillThere, ...socket] };
}

function countBy<T>(things: readonly T[], name: (thing: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const thing of things) counts[name(thing)] = (counts[name(thing)] ?? 0) + 1;
  return counts;
}
