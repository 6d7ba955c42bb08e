// Many sockets, a subscription each: what connecting costs, how soon a change is told to the one whom it concerns, and how soon
// to all.

import { openConnection, toRequest } from '../load.ts';
import type { RunningServer } from '../start-server.ts';
import { type Clients, openClients } from './client-processes.ts';
import { type LiveWorld, type Memory, WRITERS } from './live-world.ts';
import { writePaced } from './paced.ts';

const OWN = 'subscription { noteChanges { cursor events { op id node { text sentAt } } } }';
const BROADCAST = 'subscription { noticeChanges { cursor events { op id node { text sentAt } } } }';
const UPDATE = 'mutation Update($id: ID!, $text: String!) { updateNote(by: { id: $id }, set: { text: $text }) { id } }';
const NOTIFY =
  'mutation Notify($text: String!) { updateNotice(by: { id: "notice-0" }, set: { text: $text }) { sentAt } }';
/** Milliseconds that the last event may take. */
const PATIENCE = 20_000;
const BROADCASTS = 10;
/** Parts the notes so that neighbours in time are none in the table. */
const STRIDE = 7_919;

export interface Delivery {
  readonly way: 'sql' | 'graphql';
  readonly asked: number;
  readonly rate: number;
  readonly writeP50: number;
  readonly writes: number;
  readonly received: number;
  /** Milliseconds from commit to receipt. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Of one processor. */
  readonly cpu: number;
}

export interface SocketFigures {
  readonly sockets: number;
  readonly connectsPerSecond: number;
  readonly subscribesPerSecond: number;
  /** Bytes, of the memory of the process and of the heap with what hangs on it. */
  readonly perSocket: Bytes;
  readonly perSubscription: Bytes;
  readonly deliveries: readonly Delivery[];
  /** Milliseconds from commit to the last receipt, of each. */
  readonly broadcasts: readonly number[];
  readonly broadcastMedians: readonly number[];
}

interface Bytes {
  readonly resident: number;
  readonly heap: number;
}

interface Setup {
  readonly sockets: number;
  readonly seconds: number;
  /** Changes in a second. */
  readonly rate: number;
  /** Where it is written what the service does under changes by SQL; null: nowhere. */
  readonly profile: string | null;
}

export async function measureSockets(
  world: LiveWorld,
  { sockets, seconds, rate, profile }: Setup,
): Promise<SocketFigures> {
  const { server } = world;
  const tokens = Array.from({ length: sockets }, (_, number) => world.tokenOf(number));
  const empty = await world.memory();
  const url = new URL(server.url);
  const { clients, seconds: connecting } = await openClients(url, tokens);
  try {
    const connected = await world.memory();
    const subscribing = await clients.subscribe('1', OWN);
    const subscribed = await world.memory();
    const deliveries: Delivery[] = [];
    const stop = profile === null ? null : await world.record();
    for (const asked of [rate, rate / 4]) deliveries.push(await deliver(world, clients, 'sql', asked, seconds, tokens));
    await stop?.(profile ?? '');
    for (const asked of [rate, rate / 4])
      deliveries.push(await deliver(world, clients, 'graphql', asked, seconds, tokens));
    await clients.subscribe('2', BROADCAST);
    const told = await broadcast(server, clients, tokens[0] ?? '');
    return {
      sockets,
      connectsPerSecond: sockets / connecting,
      subscribesPerSecond: sockets / subscribing,
      perSocket: between(empty, connected, sockets),
      perSubscription: between(connected, subscribed, sockets),
      deliveries,
      broadcasts: told.map(({ last }) => last),
      broadcastMedians: told.map(({ middle }) => middle),
    };
  } finally {
    await clients.close();
  }
}

async function deliver(
  world: LiveWorld,
  clients: Clients,
  way: Delivery['way'],
  rate: number,
  seconds: number,
  tokens: readonly string[],
): Promise<Delivery> {
  const { server } = world;
  const writer = way === 'sql' ? await sqlWriter(world, clients.count) : await graphqlWriter(server, tokens);
  try {
    // The first writes prepare statements.
    const first = await writePaced({ rate: 200, seconds: 1, writers: WRITERS, write: writer.write });
    await clients.collect(first.writes, PATIENCE);
    const before = await server.cpuSeconds();
    const began = performance.now();
    const written = await writePaced({ rate, seconds, writers: WRITERS, write: writer.write });
    const after = await server.cpuSeconds();
    const passed = (performance.now() - began) / 1_000;
    const { latencies } = await clients.collect(written.writes, PATIENCE);
    const told = latencies['1'] ?? [];
    const at = (share: number) => told[Math.min(told.length - 1, Math.floor(told.length * share))] ?? Number.NaN;
    return {
      way,
      asked: rate,
      rate: written.rate,
      writeP50: written.p50,
      writes: written.writes,
      received: told.length,
      p50: at(0.5),
      p99: at(0.99),
      max: at(1),
      cpu: before === null || after === null ? Number.NaN : (after - before) / passed,
    };
  } finally {
    writer.close();
  }
}

interface Writer {
  write(number: number, writer: number): Promise<unknown>;
  close(): void;
}

async function sqlWriter({ database }: LiveWorld, notes: number): Promise<Writer> {
  return {
    write: (number) =>
      database.query({
        name: 'write',
        text: 'UPDATE note SET text = $2 WHERE id = $1',
        values: [`note-${(number * STRIDE) % notes}`, `Text ${number}`],
      }),
    close: () => undefined,
  };
}

/** Each note is written by its owner. */
async function graphqlWriter({ url }: RunningServer, tokens: readonly string[]): Promise<Writer> {
  const connections = await Promise.all(Array.from({ length: WRITERS }, () => openConnection(url)));
  return {
    async write(number, writer) {
      const owner = (number * STRIDE) % tokens.length;
      const body = { query: UPDATE, variables: { id: `note-${owner}`, text: `Text ${number} of GraphQL` } };
      await connections[writer]?.ask(
        toRequest(url, JSON.stringify(body), [`Authorization: Bearer ${tokens[owner] ?? ''}`]),
      );
    },
    close() {
      for (const connection of connections) connection.close();
    },
  };
}

/** One event to all, again and again when the last one has come to everybody. */
async function broadcast({ url }: RunningServer, clients: Clients, token: string) {
  const found: { last: number; middle: number }[] = [];
  const connection = await openConnection(url);
  for (let number = 0; number < BROADCASTS; number++) {
    const body = { query: NOTIFY, variables: { text: `Notice ${number}` } };
    const answer = await connection.ask(toRequest(url, JSON.stringify(body), [`Authorization: Bearer ${token}`]));
    const { moments, latencies } = await clients.collect(clients.count, PATIENCE);
    const sentAt = Number(/"sentAt" ?: ?([\d.]+)/.exec(answer.toString('latin1'))?.[1]);
    const moment = moments.get(sentAt);
    if (moment?.count !== clients.count)
      throw new Error(`a notice was told to ${moment?.count ?? 0} of ${clients.count}`);
    const told = latencies['2'] ?? [];
    found.push({ last: moment.last - sentAt, middle: told[told.length >> 1] ?? Number.NaN });
  }
  connection.close();
  return found;
}

function between(before: Memory, after: Memory, count: number): Bytes {
  const heap = ({ heapUsed, external }: Memory) => heapUsed + external;
  return { resident: (after.rss - before.rss) / count, heap: (heap(after) - heap(before)) / count };
}
