// What is wrong with table files: gathered, all of it, and shown together.

import type { Location } from 'graphql';

/** One thing wrong, where, and what to write instead. Lines and columns count from 1. */
export interface TableProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The offending text, as it stands in the file. */
  readonly text: string;
  readonly message: string;
}

/** A place in a table file; graphql's parser gives one to every node. */
export interface Located {
  readonly loc?: Location | undefined;
}

/** Gathers problems in the order they are found. */
export class ProblemList {
  readonly problems: TableProblem[] = [];

  /** Adds a problem at `node`. */
  add(node: Located, message: string): void {
    const { loc } = node;
    if (!loc) throw new Error(`a problem without a place: ${message}`);
    const text = loc.source.body.slice(loc.start, loc.end).split('\n', 1)[0] ?? '';
    const { line, column } = loc.startToken;
    this.problems.push({ file: loc.source.name, line, column, text: text.slice(0, 120), message });
  }
}

/** All problems of an app's tables; the message lists them, one a line. */
export class TablesError extends Error {
  readonly problems: readonly TableProblem[];

  constructor(problems: readonly TableProblem[]) {
    super(problems.map((at) => `${at.file}:${at.line}:${at.column} ${at.message}\n    ${at.text}`).join('\n'));
    this.name = 'TablesError';
    this.problems = problems;
  }
}

/** `; did you mean "x"?` for the known name nearest to a mistyped one, or nothing when none is near. */
export function suggest(name: string, known: Iterable<string>): string {
  const near = [...known]
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= Math.ceil(name.length / 3))
    .sort((a, b) => a.distance - b.distance)[0];
  return near ? `; did you mean "${near.candidate}"?` : '';
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, change));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
