// The scripts of an app in words for its developer: which are run, and what keeps the others from it.

import type { ScriptPlace } from '../platform/errors.ts';
import type { ScriptSource } from '../scripts/script-set.ts';

/** The files whose scripts are run. */
export function filesOf({ modules }: ScriptSource, problems: readonly ScriptPlace[]): string {
  const broken = new Set(problems.map(({ file }) => file));
  return modules.flatMap(({ file }) => (broken.has(file) ? [] : [file])).join(', ') || 'none';
}

/** What is to be mended, a line for each problem; none when there is nothing. */
export function problemLines(problems: readonly ScriptPlace[]): readonly string[] {
  if (problems.length === 0) return [];
  return [
    'Tables of these scripts are not served until they are mended:',
    ...problems.map((problem) => `  ${placeText(problem)}`),
  ];
}

/** A problem with its place, as terminals and editors make a link of it. */
export function placeText({ file, line, column, message }: ScriptPlace): string {
  return `${[file, line, column].filter((part) => part !== null).join(':')} ${message}`;
}
