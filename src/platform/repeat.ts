// Work that is done from time to time while a service runs: never twice at once, and never after it was stopped.

import { messageOf } from './errors.ts';
import type { Logger } from './log.ts';

export interface Repeated {
  /** Stops it, and waits for what is being done. */
  close(): Promise<void>;
}

/** Does `work` every `interval` milliseconds, the first time after one. What it throws is logged under `name`, and it goes on. */
export function repeat(name: string, interval: number, log: Logger, work: () => Promise<unknown>): Repeated {
  let running: Promise<void> | null = null;
  const run = async () => {
    try {
      await work();
    } catch (error) {
      log.warn({ error: messageOf(error) }, `${name} could not be done, and will be tried again`);
    }
  };
  const timer = setInterval(() => {
    running ??= run().finally(() => {
      running = null;
    });
  }, interval);
  timer.unref();
  return {
    close: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
