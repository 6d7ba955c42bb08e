// The cells of the matrix: each is one caller on one path over one kind of rule, with what was expected and what came.

import { isDeepStrictEqual } from 'node:util';

export class Cells {
  readonly #counts = new Map<string, { cells: number; wrong: number }>();
  readonly wrong: { path: string; cell: string; expected: unknown; actual: unknown }[] = [];

  check(path: string, cell: string, actual: unknown, expected: unknown): void {
    const count = this.#counts.get(path) ?? { cells: 0, wrong: 0 };
    this.#counts.set(path, count);
    count.cells++;
    if (isDeepStrictEqual(actual, expected)) return;
    count.wrong++;
    this.wrong.push({ path, cell, expected, actual });
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, { cells }) => sum + cells, 0);
  }

  /** A line for each path, and one for all. */
  report(): string[] {
    const lines = [...this.#counts].map(([path, { cells, wrong }]) => `${path}: ${cells} cells, ${wrong} wrong`);
    return [...lines, `${this.total} cells, ${this.wrong.length} wrong`];
  }

  /** The first wrong cells in full. */
  complaints(most = 12): string[] {
    const say = (value: unknown) => JSON.stringify(value, null, 1)?.replaceAll(/\n\s*/g, ' ');
    return this.wrong
      .slice(0, most)
      .map(({ path, cell, expected, actual }) => `${path}, ${cell}:\n  not ${say(actual)}\n  but ${say(expected)}`);
  }
}
