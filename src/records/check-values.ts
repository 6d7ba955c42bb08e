// What the values of one row must be, beyond their types: present, and as the checks of their columns say. All problems are
// found before anything is written, each at the path where the client wrote the value.

import type { FieldProblem } from '../platform/errors.ts';
import { brokenChecks } from '../tables/column-checks.ts';
import type { Column } from '../tables/model.ts';

const LONGEST_ID = 255;
/** Own ids stay usable in URLs and quotes: no controls, quotes, `+ ? / \` or backtick, and not `.` or `..`. */
const OWN_ID = /^(?!\.{1,2}$)[^\p{Cc}"'`+?/\\]+$/u;

/** A value about to be written, and where it came from. */
export interface CheckedValue {
  readonly column: Column;
  readonly value: unknown;
  readonly path: readonly (string | number)[];
  /** The words for a required value that is not there. */
  readonly whenMissing: string;
}

/** Everything that is wrong with the values of a row. */
export function checkValues(values: readonly CheckedValue[]): FieldProblem[] {
  return values.flatMap(({ column, value, path, whenMissing }) =>
    problemsOf(column, value, whenMissing).map((message) => ({ path, message })),
  );
}

function problemsOf(column: Column, value: unknown, whenMissing: string): string[] {
  if (value === null || value === undefined) return column.required ? [whenMissing] : [];
  const own = column.name === 'id' ? idProblems(String(value)) : [];
  return [...own, ...brokenChecks(column, value)];
}

function idProblems(id: string): string[] {
  if ([...id].length > LONGEST_ID) return [`must have at most ${LONGEST_ID} characters`];
  return OWN_ID.test(id)
    ? []
    : ['must not be empty, "." or "..", nor contain control characters, quotes, or any of + ? / \\ `'];
}
