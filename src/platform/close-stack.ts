// Who opens, closes. Everything long-lived pushes its close here; the stack unwinds in reverse order.

import { messageOf } from './errors.ts';
import type { Logger } from './log.ts';

interface Entry {
  readonly name: string;
  readonly close: () => void | Promise<void>;
}

/** The open things of one service, closed last to first. */
export class CloseStack {
  readonly #entries: Entry[] = [];
  #closing: Promise<void> | undefined;

  /** Registers `close` to run once, before everything that was pushed earlier. */
  push(name: string, close: () => void | Promise<void>): void {
    this.#entries.push({ name, close });
  }

  /**
   * Closes everything. Calling it again waits for the same closing. One that fails, or is not done within
   * `deadline` milliseconds, is logged by name and does not keep the others from closing.
   */
  close(log: Logger, deadline: number): Promise<void> {
    this.#closing ??= this.#unwind(log, deadline);
    return this.#closing;
  }

  async #unwind(log: Logger, deadline: number): Promise<void> {
    for (let entry = this.#entries.pop(); entry; entry = this.#entries.pop()) {
      const { name, close } = entry;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(() => {
          log.warn({ name, deadline }, 'not closed within its deadline');
          resolve();
        }, deadline);
      });
      try {
        await Promise.race([(async () => close())(), late]);
      } catch (error) {
        log.error({ name, error: messageOf(error) }, 'closing failed');
      } finally {
        clearTimeout(timer);
      }
    }
  }
}
