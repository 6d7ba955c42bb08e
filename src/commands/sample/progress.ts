// How far a long command is: on a terminal one line that is written over, elsewhere one line for each part that is done.

const BAR_WIDTH = 30;

export interface Progress {
  /** `done` of `total` of the part `name`; the part is over when they are equal. */
  show(name: string, done: number, total: number): void;
}

/** Progress on `out`. */
export function openProgress(out: { readonly isTTY?: boolean; write(text: string): unknown }): Progress {
  return {
    show(name, done, total) {
      const over = done === total;
      if (!out.isTTY && !over) return;
      const filled = Math.round((total === 0 ? 1 : done / total) * BAR_WIDTH);
      const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
      const count = over ? grouped(total) : `${grouped(done)} of ${grouped(total)}`;
      out.write(
        out.isTTY
          ? `\r\x1b[K  ${name.padEnd(20)} ${bar} ${count}${over ? '\n' : ''}`
          : `  ${name.padEnd(20)} ${count}\n`,
      );
    },
  };
}

/** `135,233`. */
export function grouped(value: number): string {
  return value.toLocaleString('en-US');
}
