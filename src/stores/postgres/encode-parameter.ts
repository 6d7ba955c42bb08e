// Values as PostgreSQL takes them: everything is text on the wire, and its type stands in the statement.

import type { Slot } from '../../records/value-source.ts';

/** The driver's form of a value for a slot. */
export function encodeParameter({ type, list }: Pick<Slot, 'type' | 'list'>, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  const encode = type.name === 'JSON' ? (item: unknown) => JSON.stringify(item) : toText;
  if (!list) return encode(value);
  const items = (value as readonly unknown[]).map(encode);
  // Bytes in an array have no decode() around them: PostgreSQL's own hex form, then.
  return type.name === 'Bytes' ? items.map((item) => `\\x${Buffer.from(item, 'base64').toString('hex')}`) : items;
}

function toText(value: unknown): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
