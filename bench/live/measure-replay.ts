// A subscriber that comes back after a long time: how fast it is told what it missed.

import { openFollower } from './follower.ts';
import type { LiveWorld } from './live-world.ts';

const QUERY = `subscription Replay($since: Cursor, $size: Int) {
  noteChanges(since: $since, batchSize: $size) { cursor events { op id node { text sentAt } } } }`;
const EVENTS = 100_000;
/** Rows of one transaction. */
const AT_ONCE = 1_000;

export interface ReplayFigures {
  readonly events: number;
  /** Events in a second, by the size of a batch. */
  readonly perSecond: Readonly<Record<string, number>>;
  /** Events in a second for one that was there, from the first commit to the last event. */
  readonly livePerSecond: number;
}

export async function measureReplay({ server: { url }, database, tokenOf }: LiveWorld): Promise<ReplayFigures> {
  const token = tokenOf(0);
  const present = await openFollower({ url, token, query: QUERY, variables: { size: 1_000 } });
  const since = present.cursor;
  const began = performance.now();
  for (let from = 0; from < EVENTS; from += AT_ONCE)
    await database.query(
      `INSERT INTO note (id, owner_id, text, sent_at)
       SELECT 'missed-' || n, 'user-0', 'Text ' || n, 0 FROM generate_series(${from}, ${from + AT_ONCE - 1}) n`,
    );
  await present.told(EVENTS);
  const livePerSecond = (EVENTS / (performance.now() - began)) * 1_000;
  present.close();
  const perSecond: Record<string, number> = {};
  for (const size of [100, 1_000]) {
    const started = performance.now();
    const follower = await openFollower({ url, token, query: QUERY, variables: { since, size } });
    await follower.told(EVENTS);
    perSecond[size] = (EVENTS / (performance.now() - started)) * 1_000;
    if (follower.events !== EVENTS) throw new Error(`${follower.events} events were told, and not ${EVENTS}`);
    follower.close();
  }
  return { events: EVENTS, perSecond, livePerSecond };
}
