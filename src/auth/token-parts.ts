// A user token taken apart, before anything in it is believed. The payload stays closed until its signature was checked.

import { Buffer } from 'node:buffer';
import { parseStrictJson } from './parse-strict-json.ts';
import { tokenRefusal } from './refusal.ts';

/** Longer than any token that passes the header limit of common servers and proxies. */
const LONGEST_TOKEN = 16_384;

const NOT_A_TOKEN = 'is not a signed JSON Web Token';

export interface TokenParts {
  /** The protected header, an object. Nothing in it is verified yet. */
  readonly header: Readonly<Record<string, unknown>>;
  /** What the signature covers: the first two segments as they were sent. */
  readonly signed: string;
  readonly payload: Buffer;
  readonly signature: Buffer;
}

/** Splits a token in compact form. Throws UNAUTHENTICATED when it is not exactly three segments of strict base64url. */
export function splitToken(token: string): TokenParts {
  if (token.length > LONGEST_TOKEN) throw tokenRefusal('is too long');
  const [header, payload, signature, ...more] = token.split('.', 4).map(fromBase64Url);
  if (!header || !payload || !signature || more.length > 0) throw tokenRefusal(NOT_A_TOKEN);
  return { header: parseObject(header), signed: token.slice(0, token.lastIndexOf('.')), payload, signature };
}

/** The claims of a payload whose signature is right. Throws UNAUTHENTICATED when it is not one unambiguous object. */
export function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = parseStrictJson(bytes);
  } catch {
    // What is wrong with the JSON is the token maker's business; the parser's message would quote the token.
    throw tokenRefusal(NOT_A_TOKEN);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw tokenRefusal(NOT_A_TOKEN);
  return value as Readonly<Record<string, unknown>>;
}

/** The bytes of a segment; undefined when it is empty or any other text would decode to the same bytes. */
function fromBase64Url(segment: string): Buffer | undefined {
  const bytes = Buffer.from(segment, 'base64url');
  return segment !== '' && bytes.toString('base64url') === segment ? bytes : undefined;
}
