// What came of a run of bench/live: figures as JSON, and tables for people.

import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import type { InProcessFigures } from './in-process.ts';
import type { ReplayFigures } from './measure-replay.ts';
import type { Delivery, SocketFigures } from './measure-sockets.ts';
import type { TailFigures, TailRound } from './measure-tail.ts';

export interface LiveFigures {
  readonly database: string;
  /** Processes that wanted a processor on average, in the minute before the run. */
  readonly loadBefore: number;
  readonly sockets: SocketFigures | null;
  readonly inProcess: InProcessFigures | null;
  readonly replay: ReplayFigures | null;
  readonly tail: TailFigures | null;
}

const RESULTS = join(import.meta.dirname, '..', 'results');
/** Milliseconds, microseconds, bytes. */
const TARGETS = { p99: 100, routed: 1, subscription: 10_000 };

export function loadNow(): number {
  return loadavg()[0] ?? Number.NaN;
}

/** Writes results/<day>-live.json and .md (with `partial`, only answers the text). Answers the text of the tables. */
export async function writeLiveReport(figures: LiveFigures, partial: boolean): Promise<string> {
  const day = new Date().toISOString().slice(0, 10);
  const processors = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`;
  const text = toMarkdown(figures, day, processors);
  if (partial) return text;
  await mkdir(RESULTS, { recursive: true });
  const file = join(RESULTS, `${day}-live`);
  await writeFile(`${file}.json`, `${JSON.stringify({ processors, day, ...figures }, null, 2)}\n`);
  await writeFile(`${file}.md`, `${text}\n`);
  return `${text}\n\nWritten to bench/results/${day}-live.md and .json.`;
}

function toMarkdown(figures: LiveFigures, day: string, processors: string): string {
  const { database, loadBefore, sockets, inProcess, replay, tail } = figures;
  return [
    `# Live, ${day}`,
    '',
    `${processors}; PostgreSQL ${database}, every commit on the disk; clients, writers, service and database on the one machine,`,
    `which had a load of ${loadBefore.toFixed(1)} before the run: what is in milliseconds is mostly waiting for a processor. Only ratios and`,
    'processor time mean something elsewhere.',
    ...(sockets ? ['', ...socketLines(sockets)] : []),
    ...(inProcess ? ['', ...inProcessLines(inProcess)] : []),
    ...(replay ? ['', ...replayLines(replay)] : []),
    ...(tail ? ['', ...tailLines(tail)] : []),
  ].join('\n');
}

function socketLines(figures: SocketFigures): string[] {
  const { sockets, deliveries, perSocket, perSubscription, broadcasts, broadcastMedians } = figures;
  return [
    `## ${count(sockets)} sockets, each of a user of its own, who is told of one row`,
    '',
    '| changes written by | asked for, 1/s | written, 1/s | a write, p50 ms | written | told | commit to receipt, p50 ms | p99 ms | most ms | processors of the service | target |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |',
    ...deliveries.map(deliveryLine),
    '',
    'A commit is timed when its row is written, so that what the commit itself takes on the disk counts.',
    '',
    '| | |',
    '| --- | ---: |',
    `| sockets opened, with their tokens checked, 1/s | ${figures.connectsPerSecond.toFixed(0)} |`,
    `| subscriptions begun and answered, 1/s | ${figures.subscribesPerSecond.toFixed(0)} |`,
    `| memory of a socket, kB of heap (of the process) | ${kilobytes(perSocket.heap)} (${kilobytes(perSocket.resident)}) |`,
    `| memory of a subscription, kB of heap (of the process) | ${kilobytes(perSubscription.heap)} (${kilobytes(perSubscription.resident)}) |`,
    `| one change told to all: commit to the last receipt, ms, of ${broadcasts.length} | ${spread(broadcasts)} |`,
    `| commit to the receipt in the middle, ms | ${spread(broadcastMedians)} |`,
  ];
}

function deliveryLine(figures: Delivery): string {
  const { way, asked, rate, writeP50, writes, received, p50, p99, max, cpu } = figures;
  const cells = [
    way === 'sql' ? 'SQL, past the service' : 'GraphQL',
    asked,
    rate.toFixed(0),
    writeP50.toFixed(1),
    writes,
    received,
    p50.toFixed(1),
    p99.toFixed(1),
    max.toFixed(1),
    cpu.toFixed(2),
    target('p99', TARGETS.p99, p99, 'ms'),
  ];
  return `| ${cells.join(' | ')} |`;
}

function inProcessLines(figures: InProcessFigures): string[] {
  const { subscriptions, perSubscription, subscribesPerSecond, routed, told, naive } = figures;
  return [
    `## ${count(subscriptions)} subscriptions in one process, without sockets; processor time`,
    '',
    '| | | target |',
    '| --- | ---: | --- |',
    `| memory of a subscription, kB | ${kilobytes(perSubscription)} | ${target('at most', TARGETS.subscription / 1_000, perSubscription / 1_000, 'kB')} |`,
    `| subscriptions begun, 1/s | ${subscribesPerSecond.toFixed(0)} | |`,
    `| finding whom a change concerns, as it was and as it is, us | ${routed.toFixed(2)} | ${target('at most', TARGETS.routed, routed, 'us')} |`,
    `| judging it, writing the answer and handing it over, with that, us | ${told.toFixed(1)} | |`,
    `| asking every subscription, us | ${naive.toFixed(0)} | |`,
    `| asking every one, times finding them | ${count(Math.round(naive / routed))} | |`,
  ];
}

function replayLines({ events, perSecond, livePerSecond }: ReplayFigures): string[] {
  return [
    `## ${count(events)} events missed, and told to who comes back`,
    '',
    '| | events/s |',
    '| --- | ---: |',
    ...Object.entries(perSecond).map(([size, rate]) => `| in batches of ${size} | ${rate.toFixed(0)} |`),
    `| to one who was there, while they were written (1,000 in a transaction) | ${livePerSecond.toFixed(0)} |`,
  ];
}

function tailLines({ subscribers, sql, graphql }: TailFigures): string[] {
  return [
    `## What ${subscribers} subscribers to every row cost 16 writers`,
    '',
    '| written by | without, 1/s | with, 1/s | ratio |',
    '| --- | ---: | ---: | ---: |',
    tailLine('SQL; without: the service is halted', sql),
    tailLine('GraphQL; without: the log is followed, and nobody subscribes', graphql),
    '',
    'With them, service and clients take processor time that the writers have otherwise.',
  ];
}

function tailLine(name: string, rounds: readonly TailRound[]): string {
  const off = middle(rounds.map((round) => round.off)).toFixed(0);
  const on = middle(rounds.map((round) => round.on)).toFixed(0);
  return `| ${name} | ${off} | ${on} | ${spread(
    rounds.map((round) => round.on / round.off),
    2,
  )} |`;
}

function target(name: string, most: number, figure: number, unit: string): string {
  return `${name} ${most} ${unit}: ${figure <= most ? 'met' : 'missed'}`;
}

function kilobytes(bytes: number): string {
  return (bytes / 1_000).toFixed(1);
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function spread(values: readonly number[], digits = 0): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `${middle(values).toFixed(digits)} (${least.toFixed(digits)}..${most.toFixed(digits)})`;
}
