// Where the time of a request goes: Tablecast under the load of one case with V8's sampling profiler on, its self time added
// up by file of ours and by package.
//
//   node bench/main.mjs profile by-id

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { SourceMap } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { CASES, readVariables, requestBody, type ServerName } from './cases.ts';
import { inTurn, putLoad } from './load.ts';
import { startServer } from './start-server.ts';
import { openWorld } from './world.ts';

const ROOT = resolve(import.meta.dirname, '..');
const WARMUP = 2;
const SECONDS = 5;
const CONNECTIONS = 16;
/** Shares below this are not listed. */
const LEAST = 0.004;

/** A profile as V8 writes it. Times are in microseconds. */
interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
      readonly columnNumber: number;
    };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Profiles `server` under a case, and answers a table in Markdown. */
export async function profile(caseName: string, server: ServerName): Promise<string> {
  const one = CASES.find(({ name }) => name === caseName);
  if (!one) throw new Error(`There is no case ${caseName}: ${CASES.map(({ name }) => name).join(', ')}.`);
  const world = await openWorld();
  const folder = await mkdtemp(join(tmpdir(), 'tablecast-profile-'));
  try {
    const client = new pg.Client({ connectionString: world.url });
    await client.connect();
    const sets = await readVariables(client, one);
    await client.end();
    const running = await startServer(server, world, ['--cpu-prof', `--cpu-prof-dir=${folder}`]);
    const bodies = sets.map((variables) => requestBody(one, server, variables));
    const load = { url: running.url, next: inTurn(running.url, bodies), connections: CONNECTIONS };
    // The profile is written when the server ends.
    const { requests, seconds } = await putLoad({ ...load, seconds: WARMUP })
      .then(() => putLoad({ ...load, seconds: SECONDS }))
      .finally(() => running.close());
    const [file = ''] = await readdir(folder);
    const written = JSON.parse(await readFile(join(folder, file), 'utf8')) as Profile;
    const title = `## ${server}, ${caseName}: ${(requests / seconds).toFixed(0)} requests/s with the profiler on`;
    return [title, '', ...(await toTable(lastPart(written, SECONDS)))].join('\n');
  } finally {
    await rm(folder, { recursive: true });
    await world.close();
  }
}

/** What was sampled while the load was on: the profile covers the start and the warm-up too. */
function lastPart(whole: Profile, seconds: number): Profile {
  const idle = new Set(whole.nodes.filter(({ callFrame }) => callFrame.functionName === '(idle)').map(({ id }) => id));
  const lastBusy = whole.samples.findLastIndex((id) => !idle.has(id));
  let left = seconds * 1e6;
  let first = lastBusy;
  while (first > 0 && left > 0) left -= whole.timeDeltas[first--] ?? 0;
  return {
    nodes: whole.nodes,
    samples: whole.samples.slice(first, lastBusy),
    timeDeltas: whole.timeDeltas.slice(first, lastBusy),
  };
}

async function toTable({ nodes, samples, timeDeltas }: Profile): Promise<string[]> {
  const self = new Map<number, number>();
  samples.forEach((id, at) => {
    self.set(id, (self.get(id) ?? 0) + (timeDeltas[at] ?? 0));
  });
  const map = new SourceMap(JSON.parse(await readFile(join(ROOT, 'dist', 'main.js.map'), 'utf8')));
  const places = new Map<string, { time: number; functions: Map<string, number> }>();
  let total = 0;
  for (const { id, callFrame } of nodes) {
    const time = self.get(id) ?? 0;
    if (time === 0 || callFrame.functionName === '(idle)') continue;
    total += time;
    const name = placeOf(callFrame, map);
    const place = places.get(name) ?? { time: 0, functions: new Map<string, number>() };
    place.time += time;
    const called = callFrame.functionName || '(anonymous)';
    place.functions.set(called, (place.functions.get(called) ?? 0) + time);
    places.set(name, place);
  }
  const share = (time: number) => `${((time / total) * 100).toFixed(1)} %`;
  const rows = [...places].sort(([, a], [, b]) => b.time - a.time).filter(([, { time }]) => time / total >= LEAST);
  return [
    '| where | self time | most of it |',
    '| --- | ---: | --- |',
    ...rows.map(([name, { time, functions }]) => {
      const most = [...functions].sort(([, a], [, b]) => b - a).slice(0, 4);
      return `| ${name} | ${share(time)} | ${most.map(([called, part]) => `${called} ${share(part)}`).join(', ')} |`;
    }),
  ];
}

/** A file of src/, a package, a module of Node's, or what V8 says of itself. */
function placeOf(
  { url, functionName, lineNumber, columnNumber }: Profile['nodes'][number]['callFrame'],
  map: SourceMap,
): string {
  if (url === '') return functionName.startsWith('(') ? functionName : 'built in';
  if (url.startsWith('node:')) return url.replace(/^node:internal\/(\w+).*/, 'node:internal/$1');
  const path = url.startsWith('file:') ? fileURLToPath(url) : url;
  const inPackage = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
  if (inPackage) return inPackage;
  const entry = map.findEntry(lineNumber, columnNumber);
  return 'originalSource' in entry ? entry.originalSource.replace(/^(\.\.\/)+/, '') : path.replace(`${ROOT}/`, '');
}
