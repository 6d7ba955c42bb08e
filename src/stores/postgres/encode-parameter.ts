// Values as PostgreSQL takes them: everything is text on the wire, and its type stands in the statement.

import { foldCase } from '../../tables/fold-case.ts';
import type { Parameter } from './sql-text.ts';

/** The driver's form of a value for a parameter. */
export function encodeParameter(parameter: Omit<Parameter, 'source' | 'bounds'>, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  const { type, list, folded, pattern, form } = parameter;
  if (form === 'lists')
    return (value as readonly unknown[]).map((items) => arrayText(encodeParameter({ type, list }, items)));
  const encode = (item: unknown) => {
    const text = type.name === 'JSON' ? JSON.stringify(item) : toText(item);
    return toPattern(folded ? foldCase(text) : text, pattern);
  };
  if (!list) return encode(value);
  const items = (value as readonly unknown[]).map((item) => (item === null ? null : encode(item)));
  // Bytes in an array have no decode() around them: PostgreSQL's own hex form, then.
  return type.name === 'Bytes'
    ? items.map((item) => item && `\\x${Buffer.from(item, 'base64').toString('hex')}`)
    : items;
}

function toText(value: unknown): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function toPattern(text: string, pattern: Parameter['pattern']): string {
  if (pattern === undefined) return text;
  const literal = text.replace(/[\\%_]/g, '\\$&');
  return pattern === 'contains' ? `%${literal}%` : `%${literal}`;
}

/** An array as PostgreSQL reads it from a text; null is none. */
function arrayText(items: unknown): string | null {
  if (items === null) return null;
  const quote = (item: string) => `"${item.replace(/["\\]/g, '\\$&')}"`;
  return `{${(items as (string | null)[]).map((item) => (item === null ? 'NULL' : quote(item))).join(',')}}`;
}
