// The benchmark of subscriptions.
//
//   npm run bench -- live                          everything
//   npm run bench -- live sockets replay           some parts, printed only
//   npm run bench -- live sockets --sockets=2000 --rate=500 --seconds=10
//   npm run bench -- live sockets --profile=live.cpuprofile     with what the service does under changes by SQL

import { type LiveFigures, loadNow, writeLiveReport } from './live-report.ts';
import { openLiveWorld } from './live-world.ts';
import { measureInProcess } from './measure-in-process.ts';
import { measureReplay } from './measure-replay.ts';
import { measureSockets } from './measure-sockets.ts';
import { measureTail } from './measure-tail.ts';

const PARTS = ['sockets', 'tail', 'replay', 'in-process'] as const;
const IN_PROCESS = 100_000;
const TAIL = { rounds: 5, seconds: 1.5 };

export interface LiveSettings {
  readonly sockets: number;
  /** Changes in a second. */
  readonly rate: number;
  readonly seconds: number;
  /** Where the profile is written. */
  readonly profile: string | null;
}

/** Runs these parts, or all, and answers the report. */
export async function runLive(names: readonly string[], settings: LiveSettings): Promise<string> {
  const unknown = names.filter((name) => !PARTS.some((part) => part === name));
  if (unknown.length > 0) throw new Error(`Parts of live are ${PARTS.join(', ')}; not ${unknown.join(', ')}.`);
  const has = (part: (typeof PARTS)[number]) => names.length === 0 || names.includes(part);
  const loadBefore = loadNow();
  const world = await openLiveWorld(settings.sockets);
  let figures: LiveFigures;
  try {
    const { sockets, seconds, rate, profile } = settings;
    // The table of notes grows with the replay, and the log with all of them.
    figures = {
      database: world.version,
      loadBefore,
      sockets: has('sockets') ? await measureSockets(world, { sockets, seconds, rate, profile }) : null,
      tail: has('tail') ? await measureTail(world, TAIL.rounds, TAIL.seconds) : null,
      replay: has('replay') ? await measureReplay(world) : null,
      inProcess: null,
    };
  } finally {
    await world.close();
  }
  if (has('in-process')) figures = { ...figures, inProcess: await measureInProcess(IN_PROCESS) };
  return writeLiveReport(figures, names.length > 0);
}
