// Writes at a rate, by some writers that take turns: who is late does not make the others wait.

export interface Paced {
  /** In a second, as far as the writers could keep up. */
  readonly rate: number;
  readonly writes: number;
  /** Milliseconds that a write took, in the middle. */
  readonly p50: number;
}

interface Pace {
  /** In a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly writers: number;
  readonly write: (number: number, writer: number) => Promise<unknown>;
}

export async function writePaced({ rate, seconds, writers, write }: Pace): Promise<Paced> {
  const started = performance.now();
  const took: number[] = [];
  let next = 0;
  const one = async (_: unknown, writer: number) => {
    for (;;) {
      const number = next++;
      const due = started + (number / rate) * 1_000;
      if (due > started + seconds * 1_000) return;
      const early = due - performance.now();
      if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
      // What could not be kept up with is left out, so that it ends.
      if (performance.now() > started + seconds * 1_000) return;
      const begun = performance.now();
      await write(number, writer);
      took.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: writers }, one));
  took.sort((a, b) => a - b);
  const p50 = took[took.length >> 1] ?? Number.NaN;
  return { rate: took.length / ((performance.now() - started) / 1_000), writes: took.length, p50 };
}
