// What being followed costs those who write. Writes past the service: with the service at work, and with its process halted,
// in turn. Writes by GraphQL: with subscribers and without, since the service cannot be halted then.

import { kill } from 'node:process';
import { putLoad, toRequest } from '../load.ts';
import { type Follower, openFollower } from './follower.ts';
import { type LiveWorld, WRITERS } from './live-world.ts';
import { writePaced } from './paced.ts';

const QUERY = 'subscription { noticeChanges { cursor events { op id node { text sentAt } } } }';
const INSERT = 'mutation Insert($text: String!) { insertNotice(data: { text: $text, sentAt: 0 }) { id text } }';
const SUBSCRIBERS = 10;
/** More than can be written. */
const UNLIMITED = 1_000_000;

/** Writes in a second. */
export interface TailRound {
  readonly on: number;
  readonly off: number;
}

export interface TailFigures {
  readonly subscribers: number;
  readonly sql: readonly TailRound[];
  readonly graphql: readonly TailRound[];
}

export async function measureTail(world: LiveWorld, rounds: number, seconds: number): Promise<TailFigures> {
  const { url } = world.server;
  const token = world.tokenOf(1);
  const followers: Follower[] = [];
  const follow = async () => {
    while (followers.length < SUBSCRIBERS) followers.push(await openFollower({ url, token, query: QUERY }));
  };
  const leave = () => {
    for (const follower of followers.splice(0)) follower.close();
  };
  const drained = async (before: number, writes: number) => {
    await Promise.all(followers.map((follower) => follower.told(before + writes)));
  };
  const sql: TailRound[] = [];
  const graphql: TailRound[] = [];
  try {
    await follow();
    await writeSql(world, seconds / 2);
    for (let round = 0; round < rounds; round++) {
      const inTurn = async (on: boolean) => {
        const before = followers[0]?.events ?? 0;
        if (!on) kill(world.server.pid, 'SIGSTOP');
        const written = await writeSql(world, seconds).finally(() => kill(world.server.pid, 'SIGCONT'));
        await drained(before, written.writes);
        return written.rate;
      };
      sql.push(await bothWays(round, inTurn));
    }
    const write = () => writeGraphql(url, token, seconds);
    await write();
    for (let round = 0; round < rounds; round++) {
      const inTurn = async (on: boolean) => {
        leave();
        if (on) await follow();
        return write();
      };
      graphql.push(await bothWays(round, inTurn));
    }
    return { subscribers: SUBSCRIBERS, sql, graphql };
  } finally {
    leave();
  }
}

/** Who is first changes from round to round. */
async function bothWays(round: number, work: (on: boolean) => Promise<number>): Promise<TailRound> {
  const first = await work(round % 2 === 0);
  const second = await work(round % 2 !== 0);
  return round % 2 === 0 ? { on: first, off: second } : { on: second, off: first };
}

function writeSql({ database }: LiveWorld, seconds: number) {
  return writePaced({
    rate: UNLIMITED,
    seconds,
    writers: WRITERS,
    write: (number) =>
      database.query({
        name: 'insert',
        text: 'INSERT INTO notice (text, sent_at) VALUES ($1, 0)',
        values: [`Notice ${number}`],
      }),
  });
}

async function writeGraphql(url: URL, token: string, seconds: number): Promise<number> {
  const request = toRequest(url, JSON.stringify({ query: INSERT, variables: { text: 'A notice' } }), [
    `Authorization: Bearer ${token}`,
  ]);
  const load = await putLoad({ url, connections: WRITERS, seconds, next: () => request });
  return load.requests / load.seconds;
}
