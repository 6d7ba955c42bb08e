// What is wrong with table files: gathered, all of it, and shown together, each problem under the line that it stands in.

import { getLocation, type Location, type Source, type Token, TokenKind } from 'graphql';
import { nearestName } from '../../platform/nearest-name.ts';

/** One thing wrong, where, and what to write instead. Lines and columns count from 1. */
export interface TableProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The offending text, as it stands in the file; no further than its first line. Empty at the end of a file. */
  readonly text: string;
  /** The whole line that it stands in. */
  readonly sourceLine: string;
  readonly message: string;
}

/** A place in a table file; graphql's parser gives one to every node. */
export interface Located {
  readonly loc?: Location | undefined;
  readonly description?: Located | undefined;
}

/** Gathers problems. */
export class ProblemList {
  readonly #found: TableProblem[] = [];
  readonly #files: readonly string[];

  /** `files` names the files in the order in which their problems are told. */
  constructor(files: readonly string[]) {
    this.#files = files;
  }

  /** Adds a problem at `node`: where it is a definition with a description, after that. */
  add(node: Located, message: string): void {
    const start = startOf(node);
    if (!start || !node.loc) throw new Error(`a problem without a place: ${message}`);
    this.addAt(node.loc.source, start.start, node.loc.end, message);
  }

  /** Adds a problem with the text from `start` to `end`. */
  addAt(source: Source, start: number, end: number, message: string): void {
    const { line, column } = getLocation(source, start);
    const sourceLine = source.body.split(LINE_END)[line - 1] ?? '';
    const text = source.body.slice(start, end).split(LINE_END, 1)[0] ?? '';
    this.#found.push({ file: source.name, line, column, text, sourceLine, message });
  }

  /** Throws {@link TablesError} if there is any problem. */
  throwIfAny(): void {
    if (this.#found.length > 0) throw new TablesError(this.#inOrder());
  }

  /** As they stand in the files. Two checks that say the same of one place are one problem. */
  #inOrder(): readonly TableProblem[] {
    const place = ({ file, line, column }: TableProblem) => [this.#files.indexOf(file), line, column] as const;
    const told = new Map(this.#found.map((problem) => [`${wherePrinted(problem)} ${problem.message}`, problem]));
    return [...told.values()].sort((a, b) => {
      const [one, other] = [place(a), place(b)];
      return one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
    });
  }
}

/** All problems of an app's tables, as they stand in the files; the message shows them. */
export class TablesError extends Error {
  readonly problems: readonly TableProblem[];

  constructor(problems: readonly TableProblem[]) {
    super(problems.map(printProblem).join('\n'));
    this.name = 'TablesError';
    this.problems = problems;
  }
}

/** `schema/todo.graphql:3:9`, for a message about another place than its own. */
export function placeOf(node: Located): string {
  const start = startOf(node);
  if (!start || !node.loc) throw new Error('a node without a place');
  return wherePrinted({ file: node.loc.source.name, line: start.line, column: start.column });
}

/** `; did you mean "x"?` for the known name nearest to a mistyped one, or nothing when none is near. */
export function suggest(name: string, known: Iterable<string>): string {
  const mostChanges = Math.ceil(name.length / 3);
  const near = [...known].filter(({ length }) => Math.abs(length - name.length) <= mostChanges);
  const alike = near.find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  const nearest = alike ?? nearestName(name, near, mostChanges);
  return nearest === undefined ? '' : `; did you mean "${nearest}"?`;
}

const LINE_END = /\r\n|\n|\r/;
/** Of a source line, in characters; a longer one is shown in part. */
const SHOWN = 120;
/** What is shown of a longer one before the offending text. */
const SHOWN_BEFORE = 40;

function startOf({ loc, description }: Located): Token | undefined {
  let token: Token | null | undefined = description ? description.loc?.endToken.next : loc?.startToken;
  while (token?.kind === TokenKind.COMMENT) token = token.next;
  return token ?? undefined;
}

function wherePrinted({ file, line, column }: Pick<TableProblem, 'file' | 'line' | 'column'>): string {
  return `${file}:${line}:${column}`;
}

function printProblem(problem: TableProblem): string {
  const { line, column, text, sourceLine, message } = problem;
  const from = sourceLine.length <= SHOWN ? 0 : Math.max(0, column - 1 - SHOWN_BEFORE);
  const before = (from > 0 ? '...' : '') + sourceLine.slice(from, column - 1);
  const shown = sourceLine.slice(column - 1, from + SHOWN);
  const cut = from + SHOWN < sourceLine.length ? '...' : '';
  const gutter = `  ${line} | `;
  const carets = '^'.repeat(Math.max(1, Math.min(text.length, shown.length)));
  return [
    `${wherePrinted(problem)} ${message}`,
    `${gutter}${printable(before + shown + cut)}`.trimEnd(),
    // A tab stays one, so that what follows stands where it does above.
    `${' '.repeat(gutter.length - 2)}| ${before.replace(/[^\t]/g, ' ')}${carets}`,
  ].join('\n');
}

/** A file may hold what would move the cursor of a terminal. */
function printable(text: string): string {
  return text.replace(/(?!\t)\p{Cc}/gu, '\u{FFFD}');
}
