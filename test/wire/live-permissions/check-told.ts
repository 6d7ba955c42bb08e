// Subscribes as every caller to every kind in several ways, lets the stories happen, and compares what each was told with the
// oracle: while it happens, by the log afterwards from the beginning and from the middle, and as a snapshot at the end.

import { setTimeout as pass } from 'node:timers/promises';
import pg from 'pg';
import type { Cells } from '../../integration/permission-matrix/cells.ts';
import { isTurn } from '../../integration/permission-matrix/turns.ts';
import type { Who } from '../../integration/permission-matrix/world.ts';
import type { TestService } from '../../support/open-test-service.ts';
import { type LiveSocket, openLiveSocket, type Result } from './live-socket.ts';
import { type Asked, columnsFor, refused, type Told, told } from './oracle.ts';
import { KINDS, namesOf, readState, STORIES, type State } from './world.ts';

/** A way to subscribe. */
interface Way {
  readonly name: string;
  readonly where?: string;
  asked(who: Who): Asked;
  /** Whether it is the caller's to ask so. */
  offered?(who: Who): boolean;
}

const every = () => true;
const wide = (who: Who, passes: Asked['passes']): Asked => ({ columns: columnsFor(who), everything: true, passes });

const WAYS: readonly Way[] = [
  { name: 'everything', asked: (who) => wide(who, every) },
  { name: 'names', asked: () => ({ columns: ['name'], everything: false, passes: every }) },
  { name: 'where open', where: '{ open: { eq: true } }', asked: (who) => wide(who, ({ open }) => open) },
  {
    name: 'where of a related row',
    where: '{ hub: { ownerId: { in: ["alice", "bob"] } } }',
    asked: (who) => wide(who, ({ hubId }, { hubs }) => hubId !== null && ['alice', 'bob'].includes(hubs[hubId] ?? '')),
  },
  {
    name: 'where of a hidden column',
    where: '{ secret: { gte: 10 } }',
    offered: ({ moderator, admin }) => moderator || admin,
    asked: (who) => wide(who, ({ secret }) => secret !== null && secret >= 10),
  },
];

interface Event extends Told {
  readonly cursor: string;
}

/** What came of one subscription. */
class Listener {
  readonly events: Event[] = [];
  readonly cursors: string[] = [];
  readonly errors: string[] = [];
  resets = 0;
  readonly #stop: () => void;

  constructor(
    socket: LiveSocket,
    private readonly field: string,
    query: string,
  ) {
    this.#stop = socket.run(
      { query },
      {
        next: (result) => this.#take(result),
        end: () => this.errors.push('the end'),
      },
    );
  }

  get answered(): boolean {
    return this.cursors.length + this.errors.length > 0;
  }

  stop(): void {
    this.#stop();
  }

  #take({ data, errors }: Result): void {
    for (const { extensions } of errors ?? []) this.errors.push(String(extensions['code']));
    const batch = data?.[this.field] as { cursor: string; reset: boolean; events: Event[] } | null | undefined;
    if (!batch) return;
    this.cursors.push(batch.cursor);
    this.resets += Number(batch.reset);
    this.events.push(...batch.events);
  }
}

interface Subscriber {
  readonly who: Who;
  readonly kind: string;
  readonly way: Way;
  readonly socket: LiveSocket;
  readonly live: Listener;
}

function subscription({ where }: Way, kind: string, asked: Asked, more: string): string {
  const columns = asked.columns.join(' ');
  const given = [where ? `where: ${where}` : '', more].filter(Boolean).join(', ');
  return `subscription { ${namesOf(kind).one}Changes${given ? `(${given})` : ''} {
    cursor reset events { op id cursor node { ${columns} } previous { ${columns} } ${asked.everything ? 'changedFields' : ''} } } }`;
}

const fieldOf = (kind: string) => `${namesOf(kind).one}Changes`;

/** Milliseconds without any answer to come, after which none is expected any more. */
const PATIENCE = 60_000;

async function until(isSo: () => boolean): Promise<void> {
  for (const end = Date.now() + PATIENCE; !isSo() && Date.now() < end; ) await pass(5);
}

export async function checkTold(app: TestService, cells: Cells, callers: readonly Who[]): Promise<void> {
  const kinds = Object.keys(KINDS);
  const sockets: LiveSocket[] = [];
  const subscribers: Subscriber[] = [];
  try {
    for (const who of callers) {
      for (const way of WAYS.filter(({ offered }) => who.broken || (offered?.(who) ?? true))) {
        const socket = await openLiveSocket(app.url, who.headers);
        sockets.push(socket);
        if (who.broken) {
          cells.check('a socket with wrong credentials', who.name, socket.refusal?.code, 4403);
          continue;
        }
        for (const kind of kinds) {
          const live = new Listener(socket, fieldOf(kind), subscription(way, kind, way.asked(who), 'batchSize: 3'));
          subscribers.push({ who, kind, way, socket, live });
        }
      }
    }
    await until(() => subscribers.every(({ live }) => live.answered));
    const open = subscribers.filter((subscriber) => checkRefused(cells, subscriber));
    const histories = new Map<string, History>();
    await Promise.all(kinds.map(async (kind) => histories.set(kind, await happen(app, kind))));
    const expected = open.map(({ who, kind, way }) => toldOf(who, kind, way.asked(who), histories.get(kind) ?? []));
    await until(() => open.every(({ live }, at) => live.events.length >= (expected[at]?.flat().length ?? 0)));
    // Those of one socket after each other; a third of them, so that each caller, kind and way meets it.
    const rest = new Map<Subscriber, () => void>();
    await Promise.all(
      sockets.map(async (socket) => {
        for (const [at, subscriber] of open.entries()) {
          const { who, way, kind } = subscriber;
          const turn = callers.indexOf(who) + WAYS.indexOf(way) + kinds.indexOf(kind);
          if (subscriber.socket !== socket || !isTurn(turn)) continue;
          const history = histories.get(subscriber.kind) ?? [];
          rest.set(subscriber, await checkLater(cells, subscriber, expected[at] ?? [], history));
        }
      }),
    );
    // Nothing may have come late: what was told while it happened is compared at the end.
    for (const [at, subscriber] of open.entries()) {
      compare(cells, 'live', subscriber, subscriber.live, expected[at] ?? []);
      rest.get(subscriber)?.();
    }
  } finally {
    await Promise.all(sockets.map((socket) => socket.close()));
  }
}

/** Whether the caller is a subscriber, as it should be. */
function checkRefused(cells: Cells, { who, kind, way, live }: Subscriber): boolean {
  const code = refused(who, kind);
  const cell = `${who.name}, ${kind}, ${way.name}`;
  const actual = { code: live.errors.find((error) => error !== 'the end') ?? null, events: live.events.length };
  cells.check('who may subscribe', cell, actual, { code, events: 0 });
  return code === null && live.errors.length === 0;
}

/** The states between statements that were committed. */
type History = readonly State[];

async function happen({ database }: TestService, kind: string): Promise<History> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const query: TestService['database']['query'] = async (text) => (await client.query(text)).rows;
  try {
    const history = [await readState(query, kind)];
    for (const [, end, statements] of STORIES) {
      const states: State[] = [];
      await query('BEGIN');
      for (const statement of statements(namesOf(kind))) {
        await query(statement);
        states.push(await readState(query, kind));
      }
      await query(end);
      if (end === 'COMMIT') history.push(...states);
    }
    return history;
  } finally {
    await client.end();
  }
}

/** What is to be told, statement by statement. */
function toldOf(who: Who, kind: string, asked: Asked, history: History): Told[][] {
  return history.flatMap((after, at) => {
    const before = history[at - 1];
    return before ? [told(who, kind, asked, before, after)] : [];
  });
}

function compare(
  cells: Cells,
  path: string,
  { who, kind, way }: Subscriber,
  { events, errors, resets }: Listener,
  expected: readonly (readonly Told[])[],
): void {
  const asked = way.asked(who);
  const actual: unknown[] = [];
  let from = 0;
  // Of one statement the order is the database's.
  for (const [at, some] of expected.entries()) {
    const to = at === expected.length - 1 ? events.length : from + some.length;
    const told = events.slice(from, to).map((event) => plain(event, asked));
    actual.push(told.sort((a, b) => (a.id < b.id ? -1 : 1)));
    from = to;
  }
  const wanted = expected.map((some) => some.map((one) => plain(one, asked)));
  cells.check(
    path,
    `${who.name}, ${kind}, ${way.name}`,
    { errors, resets, told: actual },
    { errors: [], resets: 0, told: wanted },
  );
}

/** They change with every change, and are no news. */
const MOVING = ['updatedAt', 'version'];

function plain({ op, id, node, previous, changedFields }: Told, { everything }: Asked) {
  const fields = everything ? { changedFields: changedFields.filter((name) => !MOVING.includes(name)) } : {};
  return { op, id, node, previous, ...fields };
}

/** Subscribes anew, with cursors and for a snapshot. The comparison is made when the function that is answered is called. */
async function checkLater(
  cells: Cells,
  subscriber: Subscriber,
  expected: readonly (readonly Told[])[],
  history: History,
): Promise<() => void> {
  const { who, kind, way, socket, live } = subscriber;
  const asked = way.asked(who);
  const listen = (more: string) => new Listener(socket, fieldOf(kind), subscription(way, kind, asked, more));
  const inTime = (listener: Listener, events: number) =>
    until(() => listener.errors.length > 0 || (listener.answered && listener.events.length >= events));

  const replayed = listen(`since: "${live.cursors[0]}", batchSize: 100`);
  await inTime(replayed, expected.flat().length);
  replayed.stop();
  const middle = Math.floor(live.events.length / 2);
  const partly = listen(`since: "${live.events[middle - 1]?.cursor ?? live.cursors[0]}", batchSize: 2`);
  await inTime(partly, live.events.length - middle);
  partly.stop();

  const last = history.at(-1) ?? { rows: [], hubs: {}, shares: [] };
  const none: State = { rows: [], hubs: {}, shares: [] };
  const rows = told(who, kind, asked, none, last).map((one) => ({ ...one, op: 'SNAPSHOT' }));
  const snapshot = listen('initial: ALL, batchSize: 2');
  await inTime(snapshot, rows.length);
  snapshot.stop();
  const [first] = snapshot.events;
  const restOfSnapshot = first ? listen(`since: "${first.cursor}", initial: ALL`) : snapshot;
  await inTime(restOfSnapshot, rows.length - 1);
  restOfSnapshot.stop();
  return () => {
    const cell = `${who.name}, ${kind}, ${way.name}`;
    compare(cells, 'replay', subscriber, replayed, expected);
    cells.check('replay is what was live', cell, replayed.events, live.events);
    cells.check('replay from the middle', cell, partly.events, live.events.slice(middle));
    compare(cells, 'snapshot', subscriber, snapshot, [rows]);
    const ids = snapshot.events.map(({ id }) => id);
    cells.check('the order of a snapshot', cell, ids, ids.toSorted());
    if (first) cells.check('the rest of a snapshot', cell, restOfSnapshot.events, snapshot.events.slice(1));
  };
}
