// Which cells are asked for. Callers for whom the oracle says the same of everything in a kind are one group. Its first takes
// the paths in turns with the neighbouring kinds, and the others more rarely, so that each caller and each kind meets each
// path; with MATRIX=all every caller takes every path in every kind.

import { oracle } from './oracle.ts';
import { KINDS, type Operation, ROWS, type Who } from './world.ts';

const OPERATIONS: readonly Operation[] = ['READ', 'INSERT', 'UPDATE', 'DELETE', 'UNDELETE'];
const ALL = process.env['MATRIX'] === 'all';
const [TURN, RARE_TURN] = ALL ? [1, 1] : [5, 15];

/** Whether `at` is the turn of something of that number. */
export const isTurn = (at: number, rare = false) => at % (rare ? RARE_TURN : TURN) === 0;

const isRuled = (kind: string) => (KINDS[kind] ?? []).some(({ check }) => check);

function profile(who: Who, kind: string): string {
  const { may, becomes, refused } = oracle(who, kind);
  const of = (on: Operation) => [refused([on]), ROWS.map((row) => [may(on, row), becomes(on, row)])];
  // The values of a caller's own rows are made of who it is.
  return JSON.stringify(who.broken ? 'broken' : [isRuled(kind) && who.user, OPERATIONS.map(of)]);
}

/** Whether a caller takes the path of that number in that kind. */
export function takesTurn(callers: readonly Who[], who: Who, kind: string): (path: number) => boolean {
  const mine = profile(who, kind);
  const first = callers.find((other) => profile(other, kind) === mine) === who;
  const at = callers.indexOf(who) + Object.keys(KINDS).indexOf(kind);
  return (path) => isTurn(path + at, !first || who.broken);
}
