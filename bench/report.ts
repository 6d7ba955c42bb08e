// What came of a run: every round as JSON, and a table for people.

import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { SERVERS, type ServerName } from './cases.ts';

/** One server in one round. */
export interface Round {
  readonly perSecond: number;
  /** Processor time of the server for a request; null where the system does not tell. */
  readonly cpuMicroseconds: number | null;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

export interface CaseResult {
  readonly name: string;
  readonly title: string;
  readonly rounds: readonly Readonly<Record<ServerName, Round>>[];
}

export interface Setting {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmup: number;
  readonly connections: number;
  readonly pool: number;
  readonly transport: string;
  readonly database: string;
}

const RESULTS = join(import.meta.dirname, 'results');
/** Least ratios of requests a second: the first against the second. */
const TARGETS: Readonly<Record<string, Readonly<Partial<Record<ServerName, number>>>>> = {
  'by-id': { bare: 0.65, postgraphile: 2 },
  list: { postgraphile: 2.5 },
  nested: { postgraphile: 2.5 },
  page: { postgraphile: 2.5 },
  aggregate: { postgraphile: 2.5 },
};

/** Writes results/<day>.json and .md (with `partial`, only answers the text). Answers the text of the table. */
export async function writeReport(results: readonly CaseResult[], setting: Setting, partial: boolean): Promise<string> {
  const day = new Date().toISOString().slice(0, 10);
  const machine = { processors: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`, day };
  const text = toMarkdown(results, setting, machine);
  if (partial) return text;
  await mkdir(RESULTS, { recursive: true });
  await writeFile(join(RESULTS, `${day}.json`), `${JSON.stringify({ ...machine, setting, results }, null, 2)}\n`);
  await writeFile(join(RESULTS, `${day}.md`), `${text}\n`);
  return `${text}\n\nWritten to bench/results/${day}.md and .json.`;
}

function toMarkdown(results: readonly CaseResult[], setting: Setting, machine: { processors: string; day: string }) {
  const { rounds, seconds, warmup, connections, pool, transport, database } = setting;
  return [
    `# ${machine.day}`,
    '',
    `${machine.processors}; PostgreSQL ${database} by ${transport}; ${connections} connections, ${pool} in each pool; ${rounds} rounds of`,
    `${seconds} s for each server, in turn, after ${warmup} s to warm up; load, servers and database on the one machine. Medians of`,
    'rounds; a ratio of requests/s is taken within a round, with its least and greatest behind it, and once more between the best',
    'rounds, which the rest of the machine disturbed least. Only ratios mean something elsewhere.',
    '',
    '| case | server | requests/s | CPU of the server, us | p50, ms | p99, ms |',
    '| --- | --- | ---: | ---: | ---: | ---: |',
    ...results.flatMap(({ name, rounds: all }) =>
      SERVERS.map((server) => {
        const of = (figure: keyof Round) => median(all.map((round) => round[server][figure] ?? Number.NaN));
        const numbers = [
          of('perSecond').toFixed(0),
          of('cpuMicroseconds').toFixed(0),
          of('p50').toFixed(2),
          of('p99').toFixed(2),
        ];
        return `| ${name} | ${server} | ${numbers.join(' | ')} |`;
      }),
    ),
    '',
    '| Tablecast, case | of bare | of bare, best rounds | of bare, 1/CPU | times PostGraphile | times PostGraphile, best rounds | times PostGraphile, 1/CPU | target |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |',
    ...results.map(({ name, title, rounds: all }) => {
      const cells = (['bare', 'postgraphile'] as const).flatMap((peer) => [
        spread(all.map((round) => round.tablecast.perSecond / round[peer].perSecond)),
        (best(all, 'tablecast') / best(all, peer)).toFixed(2),
        (cpu(all, peer) / cpu(all, 'tablecast')).toFixed(2),
      ]);
      return `| ${title} | ${cells.join(' | ')} | ${verdict(name, all)} |`;
    }),
  ].join('\n');
}

type Rounds = CaseResult['rounds'];

/** Requests a second in the round that the rest of the machine disturbed least. */
function best(rounds: Rounds, server: ServerName): number {
  return Math.max(...rounds.map((round) => round[server].perSecond));
}

function cpu(rounds: Rounds, server: ServerName): number {
  return median(rounds.map((round) => round[server].cpuMicroseconds ?? Number.NaN));
}

function verdict(name: string, rounds: Rounds): string {
  return Object.entries(TARGETS[name] ?? {})
    .map(([peer, least]) => {
      const ratio = median(rounds.map((round) => round.tablecast.perSecond / round[peer as ServerName].perSecond));
      return `${least} of ${peer}: ${ratio >= least ? 'met' : 'missed'}`;
    })
    .join('; ');
}

function spread(ratios: readonly number[]): string {
  return `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}..${Math.max(...ratios).toFixed(2)})`;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}
