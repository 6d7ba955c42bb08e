// Changing tables beside others who use them: a lock that is not to be had is given up quickly, so that nobody queues behind
// us, and tried for again, for a while.

import { setTimeout } from 'node:timers/promises';
import { messageOf } from '../../../platform/errors.ts';
import type { Logger } from '../../../platform/log.ts';
import { isBusy, isConnectionLoss } from '../store-error.ts';

/** Milliseconds. */
const PATIENCE = 60_000;
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 2_000;

/** Does `work`, again and again while what keeps it from being done may pass. Throws what does not, and in words what did not. */
export async function bePatient<T>(log: Logger, what: string, work: () => Promise<T>): Promise<T> {
  const until = performance.now() + PATIENCE;
  for (let pause = FIRST_PAUSE; ; pause = Math.min(LONGEST_PAUSE, pause * 2)) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) && !isConnectionLoss(error)) throw error;
      if (performance.now() > until)
        throw new Error(
          `Tried to ${what} for ${PATIENCE / 1_000} s, and the database did not let it: ${messageOf(error)}. A transaction that is open for long may hold the table: end it, and start again. What was done stays, and is not done again.`,
          { cause: error },
        );
      log.warn({ error: messageOf(error) }, `cannot ${what} yet`);
      await setTimeout(pause * (0.5 + Math.random()));
    }
  }
}
