// A log that a test reads.

import { type Logger, openLog } from '../../src/platform/log.ts';

export type LogLine = Readonly<Record<string, unknown>> & { readonly level: string; readonly msg: string };

export interface KeptLog {
  readonly log: Logger;
  /** The lines since it was last asked. */
  take(): LogLine[];
}

/** Opens a log of lines from `info` up. */
export function openKeptLog(): KeptLog {
  const lines: LogLine[] = [];
  return {
    log: openLog({ level: 'info', readable: false, to: { write: (line) => void lines.push(JSON.parse(line)) } }),
    take: () => lines.splice(0),
  };
}
