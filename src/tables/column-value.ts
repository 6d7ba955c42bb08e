// Values of columns: what is accepted for a type, and the one form that it has inside. Literals in table files, client
// input and claims in rules all pass here, so that the same text means the same value everywhere.

import { toDate, toDateTime, toTime } from './date-time.ts';
import type { ColumnType, ScalarName } from './model.ts';

/** What an accepted value is inside: text for everything that a JS number would spoil. */
export class ValueProblem extends Error {}

const INT_MAX = 2 ** 31 - 1;
const BIGINT_MAX = 2n ** 63n - 1n;
/** PostgreSQL's numeric takes 131072 digits before the point; this is what a person could mean. */
const DECIMAL_DIGITS = 1000;
/** Objects and lists inside each other; far below what overflows a stack here or in the database. */
const JSON_DEPTH = 500;
const DECIMAL = /^[+-]?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/;
const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
const BASE64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/;

/** What a value of the type looks like, for messages. */
const EXPECTED: Record<ScalarName | 'Version', string> = {
  String: 'a text',
  ID: 'a text or a whole number',
  Int: `a whole number from ${-INT_MAX - 1} to ${INT_MAX}`,
  BigInt: 'a whole number of 64 bits, best as text, like "9007199254740993"',
  Float: 'a finite number',
  Decimal: 'a decimal number, best as text, like "12.50"',
  Boolean: 'true or false',
  UUID: 'a UUID, like "018f3b6e-8f3a-7c3e-9d0a-2f6b1c4d5e6f"',
  DateTime: 'an instant with an offset, like "2026-03-01T09:30:00Z"',
  Date: 'a day, like "2026-03-01"',
  Time: 'a time of day, like "09:30:00"',
  JSON: 'a JSON value',
  Bytes: 'base64 text',
  Version: 'a version that this service gave',
};

/** The value of that type inside, or throws {@link ValueProblem} saying what it should be. `input` is never null. */
export function toColumnValue(type: ColumnType, input: unknown): unknown {
  if (type.kind === 'enum') {
    if (typeof input === 'string' && type.values.includes(input)) return input;
    throw new ValueProblem(`must be one of ${type.values.join(', ')}`);
  }
  const value = ACCEPT[type.name](input);
  if (value === undefined) throw new ValueProblem(`must be ${EXPECTED[type.name]}`);
  return value;
}

const ACCEPT: Record<ScalarName | 'Version', (input: unknown) => unknown> = {
  String: toText,
  ID: (input) => (Number.isSafeInteger(input) ? String(input) : toText(input)),
  Int: (input) => (Number.isInteger(input) && Math.abs(Number(input) + 0.5) <= INT_MAX + 0.5 ? input : undefined),
  BigInt: toBigInt,
  Float: (input) => (typeof input === 'number' && Number.isFinite(input) ? input : undefined),
  Decimal: toDecimal,
  Boolean: (input) => (typeof input === 'boolean' ? input : undefined),
  UUID: (input) => (typeof input === 'string' && UUID.test(input) ? input.toLowerCase() : undefined),
  DateTime: (input) => (typeof input === 'string' ? (toDateTime(input) ?? undefined) : undefined),
  Date: (input) => (typeof input === 'string' ? (toDate(input) ?? undefined) : undefined),
  Time: (input) => (typeof input === 'string' ? (toTime(input) ?? undefined) : undefined),
  JSON: toJson,
  Bytes: (input) => (typeof input === 'string' && BASE64.test(input) ? input : undefined),
  Version: (input) => (typeof input === 'string' && /^\d{1,19}$/.test(input) ? input : undefined),
};

function toText(input: unknown): string | undefined {
  if (typeof input !== 'string') return undefined;
  if (input.includes('\u0000')) throw new ValueProblem('must not contain U+0000');
  if (!input.isWellFormed()) throw new ValueProblem('must be well-formed Unicode: it has half a surrogate pair');
  return input;
}

function toBigInt(input: unknown): string | undefined {
  if (typeof input !== 'string' && !Number.isSafeInteger(input)) return undefined;
  if (!/^[+-]?\d{1,20}$/.test(String(input))) return undefined;
  const value = BigInt(String(input).replace(/^\+/, ''));
  return value <= BIGINT_MAX && value >= -BIGINT_MAX - 1n ? value.toString() : undefined;
}

function toDecimal(input: unknown): string | undefined {
  if (typeof input === 'number' ? !Number.isFinite(input) : typeof input !== 'string') return undefined;
  const text = String(input);
  const [, whole, fraction = '', exponent = '0'] = DECIMAL.exec(text) ?? [];
  if (whole === undefined) return undefined;
  if (whole.length + fraction.length + Math.abs(Number(exponent)) > DECIMAL_DIGITS) {
    throw new ValueProblem(`must have at most ${DECIMAL_DIGITS} digits`);
  }
  return text;
}

function toJson(input: unknown): unknown {
  if (input === undefined) return undefined;
  checkJson(input, JSON_DEPTH);
  return input;
}

/** What JSON.stringify would lose or choke on is refused, and what jsonb cannot hold. A member that is undefined is none. */
function checkJson(value: unknown, depth: number): void {
  if (value === null || value === undefined || typeof value === 'boolean') return;
  if (typeof value === 'string') toText(value);
  else if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new ValueProblem('must not contain numbers beyond double precision: use text');
  } else if (typeof value !== 'object') throw new ValueProblem(`must be ${EXPECTED.JSON}`);
  else if (depth === 0) throw new ValueProblem(`must not nest deeper than ${JSON_DEPTH} levels`);
  else {
    for (const [name, member] of Object.entries(value)) {
      toText(name);
      checkJson(member, depth - 1);
    }
  }
}

/**
 * A value written as text in a directive (`@default`, `@preset`): text types take it as it is, the others as JSON would
 * have it (`"3"`, `"true"`, `"[1, 2]"`). Throws {@link ValueProblem}.
 */
export function parseColumnValue(type: ColumnType, list: boolean, text: string): unknown {
  if (list) {
    const items = fromJson(text);
    if (!Array.isArray(items)) throw new ValueProblem('must be a list, written as JSON, like "[]"');
    return items.map((item) => toColumnValue(type, item));
  }
  if (type.kind === 'enum' || !WRITTEN_AS_JSON.includes(type.name)) return toColumnValue(type, text);
  const value = fromJson(text);
  if (value === undefined && type.name === 'JSON')
    throw new ValueProblem(`must be written as JSON, and is not: ${text}`);
  return toColumnValue(type, value);
}

const WRITTEN_AS_JSON: readonly string[] = ['Int', 'Float', 'Boolean', 'JSON'];

/** Undefined, which no JSON is, for a text that is none: what it should have been, its type says. */
function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
