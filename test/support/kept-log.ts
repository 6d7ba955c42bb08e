// A log that a test reads.

import { type Logger, openLog } from '../../src/platform/log.ts';

export type LogLine = Readonly<Record<string, unknown>> & { readonly level: string; readonly msg: string };

export interface KeptLog {
  readonly log: Logger;
  /** The lines since it was last asked. */
  take(): LogLine[];
  /** Resolves when the message is logged from now on. */
  said(message: string): Promise<void>;
}

/** Opens a log of lines from `info` up. */
export function openKeptLog(): KeptLog {
  const lines: LogLine[] = [];
  const waiting = new Map<string, () => void>();
  const write = (text: string) => {
    const line: LogLine = JSON.parse(text);
    lines.push(line);
    waiting.get(line.msg)?.();
  };
  return {
    log: openLog({ level: 'info', readable: false, to: { write } }),
    take: () => lines.splice(0),
    said: (message) => new Promise((resolve) => waiting.set(message, resolve)),
  };
}
