// Cursors of the change log, as a client holds them: where a subscriber goes on. A cursor is the base64url of a JSON array.
// Whatever one says, it can only choose where a subscriber begins; what it may be told is decided for each change.

import { ServiceError } from '../platform/errors.ts';
import type { Position } from './position.ts';

/** Everything up to the position was told, but for what is `left`. */
export interface ChangeCursor {
  readonly position: Position;
  readonly left: Left | null;
}

/**
 * What was not told yet. `rows`: of the rows as they were at the position, those whose id comes after this one; null: none
 * was. `change`: of the change at the position, which was about several rows, those after this id.
 */
export type Left =
  | { readonly of: 'rows'; readonly after: string | null }
  | { readonly of: 'change'; readonly after: string };

/** A cursor after everything up to the position. */
export function cursorAt(position: Position): ChangeCursor {
  return { position, left: null };
}

/** `rules` names what its rows were judged by: under other rules what was told does not hold. */
export function writeChangeCursor({ position: { epoch, batch, seq }, left }: ChangeCursor, rules: string): string {
  const rest = left ? [left.of, left.after] : [];
  return Buffer.from(JSON.stringify([rules, epoch, String(batch), String(seq), ...rest])).toString('base64url');
}

const NUMBER = /^-?\d{1,19}$/;

/** Reads a client's cursor. Throws BAD_USER_INPUT for what is none. */
export function readChangeCursor(text: string): { readonly cursor: ChangeCursor; readonly rules: string } {
  const [rules, epoch, batch, seq, of, after = null, ...more] = partsOf(text);
  const numbers = [batch, seq].every((part) => typeof part === 'string' && NUMBER.test(part));
  if (typeof rules === 'string' && typeof epoch === 'string' && numbers && more.length === 0) {
    const position = { epoch, batch: BigInt(batch as string), seq: BigInt(seq as string) };
    if (of === undefined) return { cursor: cursorAt(position), rules };
    if (of === 'rows' && (after === null || typeof after === 'string'))
      return { cursor: { position, left: { of, after } }, rules };
    if (of === 'change' && typeof after === 'string') return { cursor: { position, left: { of, after } }, rules };
  }
  throw new ServiceError(
    'BAD_USER_INPUT',
    'since is no cursor of a change: pass one as it was answered, or leave it out.',
  );
}

function partsOf(text: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
