// The kinds of value that are secrets, and what makes one too weak for production.

import { type Kind, WrongValue } from './value-kinds.ts';

/** The fewest characters of a key, and bytes of a token secret, in production. */
export const LEAST_SECRET = 32;

/** How every key that the service made for development begins, so that one in production is known for what it is. */
export const DEVELOPMENT_PREFIX = 'dev-';

/** A key that clients send in an HTTP header: no space and no comma, because a header could not carry it back. */
export const clientKey: Kind<string> = {
  form: `${LEAST_SECRET} or more random characters without spaces and commas, for instance from: openssl rand -hex 32`,
  verbatim: true,
  parse: (text) => {
    if (!/^[!-~]+$/.test(text)) throw new WrongValue('has spaces, line breaks or characters outside ASCII');
    if (text.includes(',')) throw new WrongValue('has a comma');
    return text;
  },
};

/** The secret that signs user tokens: HS256 is only as strong as 32 bytes of secret make it. */
export const tokenSecret: Kind<string> = {
  form: `${LEAST_SECRET} or more random bytes as text, for instance from: openssl rand -hex 32`,
  verbatim: true,
  parse: (text) => {
    if (text !== text.trim()) throw new WrongValue('begins or ends with a space or line break');
    const bytes = Buffer.byteLength(text);
    if (bytes < LEAST_SECRET) throw new WrongValue(`has ${bytes} bytes and needs ${LEAST_SECRET}`);
    return text;
  },
};

const PLACEHOLDER =
  /change.?(me|this)|replace.?me|placeholder|your.?(\d+.?bit.?)?(secret|key)|a-string-secret|p[a@]ssw[o0]rd|0123456789|abcdefghij|qwertyuiop/i;
const FEWEST_DIFFERENT = 8;

/** Why a secret must not guard a production service, to be read after its name; undefined when it may. */
export function weaknessOf(secret: string): string | undefined {
  if (secret.startsWith(DEVELOPMENT_PREFIX)) return 'is a key that was made for development';
  if (secret.length < LEAST_SECRET) return `has ${secret.length} characters and needs ${LEAST_SECRET} in production`;
  if (PLACEHOLDER.test(secret)) return 'looks like a placeholder that everybody knows';
  if (new Set(secret).size < FEWEST_DIFFERENT) return 'repeats a few characters';
  return undefined;
}
