// Taking the values of a plan from a request. Every value reaches the store as a bound parameter, checked for its type.

import { actorOf } from '../access/actor.ts';
import type { Caller } from '../access/caller.ts';
import { callerValue } from '../access/caller-value.ts';
import { ServiceError } from '../platform/errors.ts';
import { toColumnValue, ValueProblem } from '../tables/column-value.ts';
import type { ColumnType } from '../tables/model.ts';
import type { ValueSource } from '../tables/value-source.ts';
import { type CursorPart, readCursor } from './cursor.ts';
import type { StoreTransaction } from './store-transaction.ts';

export type { ValueSource } from '../tables/value-source.ts';

/** One parameter of a statement: where its value comes from, and what it must be. */
export interface Slot {
  readonly source: ValueSource;
  readonly type: ColumnType;
  readonly list: boolean;
  /** A page size or offset: the bounds, and the argument's name for the message. */
  readonly bounds?: { readonly argument: string; readonly min?: number; readonly max: number };
  /** The source is a cursor, and this one of the values in it is meant. */
  readonly cursor?: CursorPart;
}

/** What a client gives the scripts of its request. */
export interface ForScripts {
  readonly params: Readonly<Record<string, unknown>>;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What a request brings to a plan. */
export interface Request {
  readonly caller: Caller;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly requestId: string;
  /** Makes the id of a new row. */
  readonly newId: () => string;
  /** What statements run in; each on its own where there is none. */
  readonly transaction?: StoreTransaction;
  /** Set once something of it left the service, so that it must not be done again. */
  readonly leftService?: { already: boolean };
  /** How many scripts are around it. */
  readonly depth?: number;
  /** What the client gave scripts, and which of its headers they may see. */
  readonly forScripts?: ForScripts;
  /** The values of a write's own: `{ from: 'write' }` are places in it. */
  readonly written?: readonly unknown[];
}

/** The value of a source in a request; undefined when it is missing. */
export function resolveSource(source: ValueSource, request: Request): unknown {
  switch (source.from) {
    case 'model':
    case 'constant':
      return source.value;
    case 'variable':
      return source.path.reduce<unknown>(
        (at, step) => (at as Record<string | number, unknown>)?.[step],
        request.variables,
      );
    case 'caller':
      return callerValue(request.caller, source.path);
    case 'write':
      return request.written?.[source.at];
    case 'actor':
      return actorOf(request.caller);
    case 'requestId':
      return request.requestId;
    case 'list':
      return source.items.map((item) => resolveSource(item, request));
    case 'object':
      return Object.fromEntries(source.members.map(([name, member]) => [name, resolveSource(member, request)]));
  }
}

/**
 * The value to bind for a slot; null when it is missing. A claim that is not of the column's type is missing: a rule
 * never guesses. A client's value that its column cannot hold, or a page out of bounds, is BAD_USER_INPUT.
 */
export function bindSlot(slot: Slot, request: Request): unknown {
  const { source } = slot;
  const value = resolveSource(source, request);
  if (value === undefined || value === null) return null;
  if (slot.cursor) return readCursor(value, slot.cursor, slot.type);
  if (source.from === 'model' || source.from === 'constant' || source.from === 'write') {
    if (slot.bounds) checkBounds(slot.bounds, value);
    return value;
  }
  if (asksCaller(source)) return Array.isArray(value) === slot.list ? acceptOr(slot, value, () => null) : null;
  if (slot.bounds) checkBounds(slot.bounds, value);
  return acceptOr(slot, value, (problem) => {
    throw new ServiceError('BAD_USER_INPUT', `A value ${problem}.`);
  });
}

/** Whether a rule takes the value, or an item of it, from the caller. */
function asksCaller(source: ValueSource): boolean {
  return source.from === 'caller' || (source.from === 'list' && source.items.some(asksCaller));
}

function acceptOr(slot: Slot, value: unknown, otherwise: (problem: string) => null): unknown {
  try {
    const accept = (item: unknown) => {
      // To JSON, too, a list with a hole in it is no list of values: SQL and memory would each see something else there.
      if (item === undefined || item === null) throw new ValueProblem('must not be null');
      return toColumnValue(slot.type, item);
    };
    return slot.list && Array.isArray(value) ? value.map(accept) : accept(value);
  } catch (error) {
    if (error instanceof ValueProblem) return otherwise(error.message);
    throw error;
  }
}

function checkBounds({ argument, min = 0, max }: NonNullable<Slot['bounds']>, value: unknown): void {
  if (typeof value === 'number' && value >= min && value <= max) return;
  throw new ServiceError('BAD_USER_INPUT', `${argument} must be from ${min} to ${max}, and is ${value}`);
}
