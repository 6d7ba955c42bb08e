// A number of places, for work that must not take all of something. Who finds none waits in line, for a bounded time.

/** Gives a place back; safe to call again. */
export type Release = () => void;

export class Slots {
  #free: number;
  readonly #waiting = new Set<(release: Release) => void>();

  /** `wait`: milliseconds in line, at most. */
  constructor(
    size: number,
    private readonly wait: number,
  ) {
    this.#free = size;
  }

  /** A place; null: none became free in time. */
  take(): Promise<Release | null> {
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve(this.#releaseOnce());
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(next);
        resolve(null);
      }, this.wait);
      const next = (release: Release) => {
        clearTimeout(timer);
        resolve(release);
      };
      this.#waiting.add(next);
    });
  }

  #releaseOnce(): Release {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const [next] = this.#waiting;
      if (!next) {
        this.#free += 1;
        return;
      }
      this.#waiting.delete(next);
      next(this.#releaseOnce());
    };
  }
}
