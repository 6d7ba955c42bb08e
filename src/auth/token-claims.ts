// What the claims of a token must be before it stands for a user: one set of rules for own and foreign tokens. The
// signature is checked before, in own-token.ts and foreign-token.ts.

import type { User } from '../access/caller.ts';
import { tokenRefusal } from './refusal.ts';

export interface ExpectedClaims {
  readonly issuer: string;
  /** The token must be for one of these. */
  readonly audiences: readonly string[];
  /** Where the roles are: a claim's whole name, or else a path of names with dots between them. */
  readonly rolesClaim: string;
}

/** A user, and for how long the token says so. */
export interface VerifiedToken {
  readonly user: User;
  /** The moment from which the token is no longer right, in milliseconds since the Unix epoch. */
  readonly expiresAt: number;
}

type Claims = Readonly<Record<string, unknown>>;

/**
 * How far another clock may be ahead of ours, in seconds, for `nbf` and `iat`: a token just made must work at once.
 * `exp` has no leeway: a client that renews in time never needs it, and everyone else would get longer tokens.
 */
const LEEWAY = 30;
/** A later `exp` (the year 5138) is a mistake: milliseconds, or infinity written as 1e999. */
const LATEST_EXP = 100_000_000_000;
const LONGEST_ID = 255;
/** Claims that say something about the token; every other one says something about the user. */
export const REGISTERED_CLAIMS: readonly string[] = ['iss', 'aud', 'exp', 'nbf', 'iat', 'jti', 'sub'];

/** The user of a token with these claims. `now` in milliseconds. Throws UNAUTHENTICATED. */
export function userFromClaims(claims: Claims, expected: ExpectedClaims, now: number): VerifiedToken {
  const expiresAt = checkTimes(claims, now / 1_000) * 1_000;
  if (claims['iss'] !== expected.issuer) throw tokenRefusal('is from an issuer (iss) that this service does not take');
  checkAudience(claims['aud'], expected.audiences);
  const user = {
    id: idFrom(claims['sub']),
    roles: rolesFrom(claims, expected.rolesClaim),
    claims: rest(claims, expected),
  };
  return Object.freeze({ user: Object.freeze(user), expiresAt });
}

function checkTimes(claims: Claims, now: number): number {
  const { exp, nbf, iat } = claims;
  if (typeof exp !== 'number') throw tokenRefusal('has no expiry (exp) that is a number of seconds');
  if (exp > LATEST_EXP) throw tokenRefusal('has an expiry (exp) that is not in seconds');
  if (exp <= now) throw tokenRefusal('has expired', 'sign in again, or renew the token, and send the new one.');
  for (const [name, from] of Object.entries({ nbf, iat })) {
    if (from === undefined) continue;
    if (typeof from !== 'number') throw tokenRefusal(`has a time (${name}) that is not a number of seconds`);
    if (from > now + LEEWAY) throw tokenRefusal(`is not valid yet (${name})`, 'set the clock of who made it right.');
  }
  return exp;
}

function checkAudience(aud: unknown, audiences: readonly string[]): void {
  const sent: unknown[] = Array.isArray(aud) ? aud : [aud];
  const right = sent.every((one) => typeof one === 'string') && sent.some((one) => audiences.includes(one));
  if (!right) throw tokenRefusal('is not for this service (aud)', 'ask its issuer for one with the right audience.');
}

/** An id ends in rows, rules and logs: text that every one of them can hold, and not without end. */
function idFrom(sub: unknown): string {
  const right = typeof sub === 'string' && sub !== '' && sub.length <= LONGEST_ID && !/[\p{Cc}\p{Cs}]/u.test(sub);
  if (!right) throw tokenRefusal(`names no user (sub) by a text of 1 to ${LONGEST_ID} printable characters`);
  return sub;
}

function rolesFrom(claims: Claims, claim: string): readonly string[] {
  const roles = claimAt(claims, claim);
  if (roles === undefined) return Object.freeze([]);
  if (!Array.isArray(roles) || !roles.every((role) => typeof role === 'string')) {
    throw tokenRefusal('has roles that are not an array of texts');
  }
  return Object.freeze([...new Set<string>(roles)]);
}

/** A whole name wins over a path, so that no namespaced claim can be shadowed by nested ones. */
function claimAt(claims: Claims, claim: string): unknown {
  if (Object.hasOwn(claims, claim)) return claims[claim];
  return claim.split('.').reduce<unknown>((value, name) => {
    const inside = typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name);
    return inside ? (value as Claims)[name] : undefined;
  }, claims);
}

function rest(claims: Claims, { rolesClaim }: ExpectedClaims): Claims {
  const other = Object.entries(claims).filter(([name]) => !REGISTERED_CLAIMS.includes(name) && name !== rolesClaim);
  return bare(Object.fromEntries(other)) as Claims;
}

/** The same JSON, frozen, with no prototype anywhere: a rule that asks for `constructor` finds nothing. */
function bare(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return Object.freeze(value.map(bare));
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [name, part] of Object.entries(value)) copy[name] = bare(part);
  return Object.freeze(copy);
}
