// Values of columns in their inner forms, compared as the store compares them. Nothing that a JS number or Date would spoil
// becomes one.

import { jsonEquals } from './json-value.ts';
import type { ColumnType } from './model.ts';

/** Negative, zero or positive. Both values are of the type and not null; types without an order tell only equal apart. */
export type Comparer = (a: unknown, b: unknown) => number;

/** How values of a type compare. */
export function comparerOf(type: ColumnType): Comparer {
  if (type.kind === 'enum') return byCodePoint as Comparer;
  return COMPARERS[type.name];
}

const COMPARERS: Readonly<Record<Extract<ColumnType, { kind: 'scalar' }>['name'], Comparer>> = {
  String: byCodePoint as Comparer,
  ID: byCodePoint as Comparer,
  // Of these every text has the same form, in ASCII.
  UUID: byUnits,
  DateTime: byUnits,
  Date: byUnits,
  Time: byUnits,
  Int: bySize,
  Float: bySize,
  BigInt: (a, b) => bySize(BigInt(a as string), BigInt(b as string)),
  Version: (a, b) => bySize(BigInt(a as string), BigInt(b as string)),
  Decimal: (a, b) => compareDecimals(String(a), String(b)),
  Boolean: bySize,
  // Base64 can write the same bytes with other last bits.
  Bytes: (a, b) => Buffer.compare(Buffer.from(a as string, 'base64'), Buffer.from(b as string, 'base64')),
  JSON: (a, b) => (jsonEquals(a, b) ? 0 : 1),
};

/** Numbers of one kind. */
export function bySize(a: unknown, b: unknown): number {
  const [left, right] = [a as number, b as number];
  return left < right ? -1 : left > right ? 1 : 0;
}

function byUnits(a: unknown, b: unknown): number {
  return a === b ? 0 : (a as string) < (b as string) ? -1 : 1;
}

/** The order of code points, which is that of UTF-8's bytes, and not that of UTF-16's units where surrogates are. */
export function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points beyond all that one unit can be. */
const rank = (unit: number) => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);

/** Decimals of any length, as text in every form that a Decimal may be written in. */
export function compareDecimals(a: string, b: string): number {
  const left = partsOf(a);
  const right = partsOf(b);
  if (left.sign !== right.sign || left.sign === 0) return left.sign - right.sign;
  // Without leading zeros, what has its first digit at a higher place is larger.
  const places = left.exponent - right.exponent;
  const size = places === 0 ? byUnits(left.digits, right.digits) : places;
  return left.sign < 0 ? -size : size;
}

/** Sign, digits without zeros around them, and the place of the first: 0.digits times ten to the exponent. */
function partsOf(text: string): { sign: number; digits: string; exponent: number } {
  const [, minus, whole = '', fraction = '', power = '0'] =
    /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const all = whole + fraction;
  const digits = all.replace(/^0+/, '');
  const sign = digits === '' ? 0 : minus === '-' ? -1 : 1;
  const exponent = whole.length - (all.length - digits.length) + Number(power);
  return { sign, digits: digits.replace(/0+$/, ''), exponent };
}
