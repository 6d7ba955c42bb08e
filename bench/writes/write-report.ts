// What came of a run of writes: every round as JSON, and a table for people.

import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { Round, Setting } from '../report.ts';
import { WRITERS, type WriterName } from './write-cases.ts';

export interface WriteResult {
  readonly name: string;
  readonly title: string;
  /** A writer that cannot do it is in none of them. */
  readonly rounds: readonly Readonly<Partial<Record<WriterName, Round>>>[];
}

const RESULTS = join(import.meta.dirname, '..', 'results');
/** Least ratios of Tablecast's requests a second to another's. */
const TARGETS: Readonly<Record<string, Readonly<Partial<Record<WriterName, number>>>>> = {
  insert: { bare: 0.6, postgraphile: 2, 'tablecast-uncaptured': 0.85 },
  update: { bare: 0.6, postgraphile: 2, 'tablecast-uncaptured': 0.85 },
  'nested-insert': { 'tablecast-uncaptured': 0.85 },
  'bulk-insert': { 'tablecast-uncaptured': 0.85 },
};

/** Writes results/<day>-writes.json and .md (with `partial`, only answers the text). Answers the text of the tables. */
export async function writeWriteReport(
  results: readonly WriteResult[],
  setting: Setting,
  partial: boolean,
): Promise<string> {
  const day = new Date().toISOString().slice(0, 10);
  const processors = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`;
  const text = toMarkdown(results, setting, day, processors);
  if (partial) return text;
  await mkdir(RESULTS, { recursive: true });
  const file = join(RESULTS, `${day}-writes`);
  await writeFile(`${file}.json`, `${JSON.stringify({ processors, day, setting, results }, null, 2)}\n`);
  await writeFile(`${file}.md`, `${text}\n`);
  return `${text}\n\nWritten to bench/results/${day}-writes.md and .json.`;
}

function toMarkdown(results: readonly WriteResult[], setting: Setting, day: string, processors: string): string {
  const { rounds, seconds, warmup, connections, pool, transport, database } = setting;
  return [
    `# Writes, ${day}`,
    '',
    `${processors}; PostgreSQL ${database} by ${transport}, every commit on the disk; ${connections} connections, ${pool} in each pool;`,
    `${rounds} rounds of ${seconds} s for each server, in turn, after ${warmup} s to warm up; load, servers and database on the one`,
    'machine; 1,000 rows at once by 4 connections, for three times as long. Medians of rounds; a ratio is taken within a',
    'round, with its least and greatest behind it. Only ratios mean something elsewhere.',
    '',
    '| case | server | requests/s | CPU of the server, us | p50, ms | p99, ms |',
    '| --- | --- | ---: | ---: | ---: | ---: |',
    ...results.flatMap(({ name, rounds: all }) =>
      WRITERS.filter((writer) => all[0]?.[writer]).map((writer) => {
        const of = (figure: keyof Round) => median(all.map((round) => round[writer]?.[figure] ?? Number.NaN));
        const figures = [
          of('perSecond').toFixed(0),
          of('cpuMicroseconds').toFixed(0),
          of('p50').toFixed(2),
          of('p99').toFixed(2),
        ];
        return `| ${name} | ${writer} | ${figures.join(' | ')} |`;
      }),
    ),
    '',
    '| Tablecast, case | of bare | of bare, 1/CPU | times PostGraphile | with capture, of without | target |',
    '| --- | ---: | ---: | ---: | ---: | --- |',
    ...results.map(({ name, title, rounds: all }) => {
      const cells = [
        spread(ratios(all, 'bare')),
        spread(ratios(all, 'bare', (round) => 1 / (round.cpuMicroseconds ?? Number.NaN))),
        spread(ratios(all, 'postgraphile')),
        spread(ratios(all, 'tablecast-uncaptured')),
      ];
      return `| ${title} | ${cells.join(' | ')} | ${verdict(name, all)} |`;
    }),
  ].join('\n');
}

/** Of each round, Tablecast's figure to another's; none where that one cannot do it. */
function ratios(rounds: WriteResult['rounds'], peer: WriterName, of = (round: Round) => round.perSecond): number[] {
  return rounds.flatMap((round) => {
    const [own, other] = [round.tablecast, round[peer]];
    return own && other ? [of(own) / of(other)] : [];
  });
}

function verdict(name: string, rounds: WriteResult['rounds']): string {
  return Object.entries(TARGETS[name] ?? {})
    .map(([peer, least]) => {
      const met = median(ratios(rounds, peer as WriterName)) >= least;
      return `${least} of ${peer}: ${met ? 'met' : 'missed'}`;
    })
    .join('; ');
}

function spread(values: readonly number[]): string {
  if (values.length === 0) return '-';
  return `${median(values).toFixed(2)} (${Math.min(...values).toFixed(2)}..${Math.max(...values).toFixed(2)})`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}
