// What follows the change log in this process: its tail, what is told of it, and the bell between processes.

import { Feed } from './changes/feed.ts';
import { LiveQueries } from './changes/live-queries.ts';
import type { RowPages } from './changes/row-pages.ts';
import { openTail } from './changes/tail.ts';
import type { CloseStack } from './platform/close-stack.ts';
import type { Logger } from './platform/log.ts';
import type { Metrics } from './platform/metrics.ts';
import { openDoorbell } from './stores/postgres/change-log/doorbell.ts';
import { openLogReaders } from './stores/postgres/change-log/open-log-readers.ts';
import { PostgresChangeLog } from './stores/postgres/change-log/postgres-change-log.ts';
import { PostgresRowPages } from './stores/postgres/change-log/row-pages.ts';
import { PostgresRowReader } from './stores/postgres/change-log/row-reader.ts';
import { openPool, type PoolOptions } from './stores/postgres/open-pool.ts';
import type { Model } from './tables/model.ts';

export interface LiveOptions {
  /** Of the database itself, past a transaction pooler. */
  readonly pool: PoolOptions;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly closing: CloseStack;
}

export interface OpenLive {
  readonly feed: Feed;
  readonly queries: LiveQueries;
  /** Reads the rows that subscriptions begin with. */
  pagesOf(model: Model): RowPages;
  /** This process committed something. */
  committed(): void;
}

/** Connections for following the log: its tail has one, the others read rows and the log once more. */
const CONNECTIONS = 4;
/** Milliseconds after which a subscriber that was told nothing is told how far everything is. */
const HEARTBEAT = 60_000;

/** Opens it. The closing takes it down again. */
export async function openLive({ pool: options, log, metrics, closing }: LiveOptions): Promise<OpenLive> {
  const tailPool = openPool({ ...options, size: 1 });
  closing.push('the connection of the change log', () => tailPool.end());
  const pool = openLogReaders({ ...options, size: CONNECTIONS });
  closing.push('the connections of subscriptions', () => pool.end());
  const start = await new PostgresChangeLog(tailPool).head();
  const feed = new Feed({
    changeLog: new PostgresChangeLog(pool),
    reader: new PostgresRowReader(pool),
    log,
    start,
    fresh: () => tail.fresh(),
    heartbeat: HEARTBEAT,
  });
  closing.push('subscriptions', async () => feed.close());
  const doorbell = openDoorbell(options.address, { log, onRing: () => tail.wake('ring') });
  closing.push('the bell of the change log', () => doorbell.close());
  const tail = openTail({
    changeLog: new PostgresChangeLog(tailPool),
    log,
    start,
    follower: feed,
    ring: () => doorbell.ring(),
  });
  closing.push('the tail of the change log', () => tail.close());
  const queries = new LiveQueries(feed);
  metrics.gauge({
    name: 'tablecast_change_lag_milliseconds',
    help: 'From the commit of the last change until its subscribers were told.',
    read: () => tail.lag(),
  });
  metrics.gauge({
    name: 'tablecast_change_subscribers',
    help: 'Subscriptions to changes that are open.',
    read: () => feed.size.subscribers,
  });
  metrics.gauge({
    name: 'tablecast_live_queries',
    help: 'Lists that are asked again when they may have changed; equal ones are one.',
    read: () => queries.size,
  });
  return { feed, queries, pagesOf: (model) => new PostgresRowPages(pool, model), committed: () => tail.wake('commit') };
}
