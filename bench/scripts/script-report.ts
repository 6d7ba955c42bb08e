// What came of a run of scripts: every round as JSON, and a table for people.

import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { median, type Setting } from '../report.ts';
import type { Side } from './script-cases.ts';

/** One service in one round. */
export interface ScriptRound {
  /** From a request to the next one that is answered. */
  readonly microseconds: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

export interface ScriptResult {
  readonly name: string;
  readonly title: string;
  readonly inFlight: number;
  readonly rounds: readonly Readonly<Record<Side, ScriptRound>>[];
}

const RESULTS = join(import.meta.dirname, '..', 'results');

/** Writes results/<day>-scripts.json and .md (with `partial`, only answers the text). Answers the text of the table. */
export async function writeScriptReport(
  results: readonly ScriptResult[],
  setting: Setting,
  partial: boolean,
): Promise<string> {
  const day = new Date().toISOString().slice(0, 10);
  const processors = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`;
  const { rounds, seconds, warmup, pool, transport, database } = setting;
  const text = [
    `# Scripts, ${day}`,
    '',
    `${processors}; PostgreSQL ${database} by ${transport}; pools of ${pool}; ${rounds} rounds of ${seconds} s for each service, in turn, after ${warmup} s to`,
    'warm up; load, services, script hosts and database on the one machine. Medians of rounds. Microseconds are from one answer to the',
    'next, whatever is in flight; what a script adds is taken within a round, with its least and greatest behind it.',
    '',
    '| case | in flight | without, us | with, us | a script adds, us | of the requests/s | p99 without, ms | p99 with, ms |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...results.map(({ title, inFlight, rounds: all }) => {
      const of = (side: Side, figure: keyof ScriptRound) => median(all.map((round) => round[side][figure]));
      const added = all.map((round) => round.with.microseconds - round.without.microseconds);
      const cells = [
        of('without', 'microseconds').toFixed(0),
        of('with', 'microseconds').toFixed(0),
        `${median(added).toFixed(0)} (${Math.min(...added).toFixed(0)}..${Math.max(...added).toFixed(0)})`,
        median(all.map((round) => round.without.microseconds / round.with.microseconds)).toFixed(2),
        of('without', 'p99').toFixed(2),
        of('with', 'p99').toFixed(2),
      ];
      return `| ${title} | ${inFlight} | ${cells.join(' | ')} |`;
    }),
  ].join('\n');
  if (partial) return text;
  await mkdir(RESULTS, { recursive: true });
  const file = join(RESULTS, `${day}-scripts`);
  await writeFile(`${file}.json`, `${JSON.stringify({ processors, day, setting, results }, null, 2)}\n`);
  await writeFile(`${file}.md`, `${text}\n`);
  return `${text}\n\nWritten to bench/results/${day}-scripts.md and .json.`;
}
