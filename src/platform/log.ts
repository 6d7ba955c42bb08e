// The log: pino, one JSON object a line in production, one readable line in development. Secrets never enter it:
// the named paths are redacted, and doors log codes and ids rather than bodies.

import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug' | 'trace';
export const LOG_LEVELS: readonly LogLevel[] = ['silent', 'error', 'warn', 'info', 'debug', 'trace'];

const REDACTED = [
  'authorization',
  'headers.authorization',
  'headers["x-application-key"]',
  'headers["x-master-key"]',
  'headers.cookie',
  '*.password',
  '*.secret',
  '*.token',
];

/** Opens the log. `readable` writes `LEVEL message {details}` for people instead of JSON; output goes to stderr. */
export function openLog(options: { level: LogLevel; readable: boolean; to?: DestinationStream }): Logger {
  const to = options.to ?? process.stderr;
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED, censor: '[redacted]' },
    },
    options.readable ? { write: (line: string) => to.write(toReadable(line)) } : to,
  );
}

function toReadable(line: string): string {
  const { level, time, msg, ...details } = JSON.parse(line) as Record<string, unknown>;
  const rest = Object.keys(details).length > 0 ? ` ${JSON.stringify(details)}` : '';
  return `${String(time).slice(11, 23)} ${String(level).toUpperCase().padEnd(5)} ${String(msg ?? '')}${rest}\n`;
}
