// `console` in scripts: lines of the log, said by the run that they belong to.

import { inspect } from 'node:util';
import type { LogLineLevel } from '../host/script-hosts.ts';
import { send } from './channel.ts';
import { currentRun } from './current-run.ts';

/** Characters of a line; what is longer is cut. */
const MAX_LINE = 8_192;
/** Lines that a host may say while no run is under way, such as while its modules are loaded. */
const OF_NO_RUN = 1_000;
let saidOfNoRun = 0;

/** What is said as one line. */
export function format(values: readonly unknown[]): string {
  const texts = values.map((value) => {
    if (typeof value === 'string') return value;
    try {
      return inspect(value, { depth: 4, breakLength: 120, maxArrayLength: 100, maxStringLength: 2_000 });
    } catch {
      return 'something that cannot be shown';
    }
  });
  const text = texts.join(' ');
  return text.length > MAX_LINE ? `${text.slice(0, MAX_LINE)}...` : text;
}

/** Writes a line of the log, of the current run or of the host. */
export function say(level: LogLineLevel, message: string): void {
  const run = currentRun.getStore();
  if (run) run.log(level, message);
  else if (++saidOfNoRun <= OF_NO_RUN) send({ t: 'log', id: null, level, message });
}

const at =
  (level: LogLineLevel) =>
  (...values: unknown[]): void =>
    say(level, format(values));

export const scriptConsole = {
  debug: at('debug'),
  log: at('info'),
  info: at('info'),
  warn: at('warn'),
  error: at('error'),
  trace: at('debug'),
  dir: (value: unknown): void => say('info', format([value])),
  table: at('info'),
  group: at('info'),
  groupEnd: (): void => undefined,
  time: (): void => undefined,
  timeEnd: (): void => undefined,
  assert: (holds: unknown, ...values: unknown[]): void => {
    if (!holds) say('error', `Assertion failed: ${format(values)}`);
  },
};
