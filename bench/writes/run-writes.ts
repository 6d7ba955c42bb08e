// The benchmark of writes: as that of reads, with all servers in turn, round after round. What they answer is compared first,
// without what each row has of its own.
//
//   npm run bench -- writes                    all cases
//   npm run bench -- writes insert update      some of them

import { deepStrictEqual } from 'node:assert/strict';
import { putLoad, toRequest } from '../load.ts';
import type { Round, Setting } from '../report.ts';
import { POOL_SIZE } from '../start-server.ts';
import { openWorld } from '../world.ts';
import { type Row, WRITE_CASES, type WriteCase, type WriterName, writeBody } from './write-cases.ts';
import { type WriteResult, writeWriteReport } from './write-report.ts';
import { openWriteWorld, readRow, type Writer, type WriteWorld } from './write-world.ts';

type Settings = Pick<Setting, 'rounds' | 'seconds' | 'warmup' | 'connections'>;

const COMPARED = 5;
/** For heavy requests: connections, and how many times as long a round takes. */
const HEAVY = { connections: 4, longer: 3 };
const NO_ROW: Row = { id: '', version: '' };

/** Runs the cases of these names, or all, and answers the report. */
export async function runWrites(names: readonly string[], settings: Settings): Promise<string> {
  const chosen = names.length === 0 ? WRITE_CASES : WRITE_CASES.filter(({ name }) => names.includes(name));
  if (chosen.length < names.length)
    throw new Error(
      `Cases of writes are ${WRITE_CASES.map(({ name }) => name).join(', ')}; not all of ${names.join(', ')}.`,
    );
  const world = await openWorld();
  try {
    const writing = await openWriteWorld(world);
    try {
      const results: WriteResult[] = [];
      for (const one of chosen) results.push(await runCase(one, writing, settings));
      const shown = await writing.writers[0]?.database.query<{ server_version: string }>('SHOW server_version');
      const setting: Setting = {
        ...settings,
        pool: POOL_SIZE,
        transport: world.transport,
        database: shown?.rows[0]?.server_version ?? '',
      };
      return await writeWriteReport(results, setting, names.length > 0);
    } finally {
      await writing.close();
    }
  } finally {
    await world.close();
  }
}

async function runCase(one: WriteCase, { writers, reset }: WriteWorld, settings: Settings): Promise<WriteResult> {
  process.stdout.write(`${one.name}: ${one.title} `);
  const connections = one.heavy ? Math.min(HEAVY.connections, settings.connections) : settings.connections;
  const seconds = one.heavy ? settings.seconds * HEAVY.longer : settings.seconds;
  const order = writers.filter(({ name }) => writeBody(one, name, 0, NO_ROW) !== null);
  await reset();
  await compareWrites(one, order);
  for (const writer of order) await measure(one, writer, connections, settings.warmup);
  const rounds: Partial<Record<WriterName, Round>>[] = [];
  for (let round = 0; round < settings.rounds; round++) {
    const figures: Partial<Record<WriterName, Round>> = {};
    for (const writer of order) figures[writer.name] = await measure(one, writer, connections, seconds);
    rounds.push(figures);
    order.push(...order.splice(0, 1));
    process.stdout.write('.');
  }
  process.stdout.write('\n');
  return { name: one.name, title: one.title, rounds };
}

async function measure(one: WriteCase, writer: Writer, connections: number, seconds: number): Promise<Round> {
  const { server, database } = writer;
  const rows: Row[] = [];
  if (one.changes) for (let at = 0; at < connections; at++) rows.push(await readRow(database, at));
  let number = 0;
  const before = await server.cpuSeconds();
  const load = await putLoad({
    url: server.url,
    next: (connection, last) => {
      const row = rows[connection] ?? NO_ROW;
      const version = one.changes && last !== null ? versionIn(last) : row.version;
      return toRequest(server.url, writeBody(one, writer.name, number++, { ...row, version }) ?? '');
    },
    connections,
    seconds,
  });
  const after = await server.cpuSeconds();
  const cpu = before === null || after === null ? null : ((after - before) / load.requests) * 1e6;
  return { perSecond: load.requests / load.seconds, cpuMicroseconds: cpu, p50: load.p50, p99: load.p99 };
}

/** The version in an answer, which the next change of the row names. */
function versionIn(answer: Buffer): string {
  const version = /"version" ?: ?"(\d+)"/.exec(answer.toString('latin1'))?.[1];
  if (version === undefined) throw new Error(`an answer without a version:\n${answer.toString()}`);
  return version;
}

/** Rejects with the first difference between what the servers answer, ids and versions aside. */
async function compareWrites(one: WriteCase, writers: readonly Writer[]): Promise<void> {
  for (let number = 0; number < COMPARED; number++) {
    let expected: unknown;
    for (const { name, server, database } of writers) {
      const row = one.changes ? await readRow(database, number) : NO_ROW;
      const response = await fetch(server.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: writeBody(one, name, number, row) ?? '',
      });
      const { data, errors } = (await response.json()) as { data?: Record<string, unknown>; errors?: unknown };
      if (!data || errors) throw new Error(`${name} fails ${one.name}: ${JSON.stringify(errors)}`);
      const answer = withoutOwn(name === 'postgraphile' ? one.postgraphile?.toAnswer(data) : data);
      expected ??= answer;
      deepStrictEqual(answer, expected, `${name} answers ${one.name} differently`);
    }
  }
}

/** An answer with each id and version replaced by whether it is one. */
function withoutOwn(answer: unknown): unknown {
  return JSON.parse(
    JSON.stringify(answer, (key, value) =>
      key === 'id' || key === 'version' ? typeof value === 'string' && value !== '' : value,
    ),
  );
}
