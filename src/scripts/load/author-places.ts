// Where something is in an author's file that was found in what was bundled from it.

import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';

/** Line and column from 1; nulls where it cannot be told. */
export interface Place {
  readonly line: number | null;
  readonly column: number | null;
}

const NOWHERE: Place = { line: null, column: null };

/** The place where the value is declared that a bundled module exports under a name. */
export function placeOfExport(code: string, sourceMap: string, name: string): Place {
  // What a module exports stands in one clause at its end, and what is at the top of it at the beginning of a line.
  const [, clause = ''] = /^export \{([^}]*)\};\s*$/m.exec(code) ?? [];
  const members = clause.split(',').map((member) => member.trim().split(' as '));
  const [local] = members.find((member) => (member[1] ?? member[0]) === name) ?? [];
  if (!local) return NOWHERE;
  const escaped = local.replaceAll('$', '\\$');
  const declared = new RegExp(`^(?:(?:async )?function\\*? |class |var |let |const )${escaped}\\b`, 'm').exec(code);
  if (!declared) return NOWHERE;
  return placeOf(code, sourceMap, declared.index + declared[0].length - local.length);
}

/** The place in an author's file of a character of a bundled module. */
export function placeOf(code: string, sourceMap: string, index: number): Place {
  const before = code.slice(0, index).split('\n');
  const found = { line: before.length, column: before.at(-1)?.length ?? 0 };
  const place = originalPositionFor(new TraceMap(sourceMap), found);
  return place.line === null ? NOWHERE : { line: place.line, column: place.column + 1 };
}
