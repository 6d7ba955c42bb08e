// What is wrong with table files: gathered, all of it, and shown together.

import type { Location } from 'graphql';
import { nearestName } from '../../platform/nearest-name.ts';

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
  const nearest = nearestName(name, known, Math.ceil(name.length / 3));
  return nearest === undefined ? '' : `; did you mean "${nearest}"?`;
}
