// The service's own user tokens: JSON Web Tokens signed with HS256 and one secret. Whoever has the secret may make them,
// the developer's own sign-in too. Other issuers' tokens are foreign-token.ts.

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { User } from '../access/caller.ts';
import { messageOf } from '../platform/errors.ts';
import { tokenRefusal } from './refusal.ts';
import { REGISTERED_CLAIMS, userFromClaims, type VerifiedToken } from './token-claims.ts';
import { parseObject, splitToken, type TokenParts } from './token-parts.ts';

export interface OwnIssuer {
  /** At least 32 bytes. */
  readonly secret: string;
  readonly issuer: string;
  readonly audience: string;
}

export interface TokenToSign extends OwnIssuer {
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** Milliseconds; at least a second. */
  readonly lifetime: number;
  readonly user: User;
}

const LEAST_SECRET = 32;
const HEADER = toSegment({ alg: 'HS256', typ: 'JWT' });
/** `kid` is let pass because signers write it by themselves; it names no key here. Anything else asks for something. */
const HEADER_NAMES: readonly string[] = ['alg', 'typ', 'kid'];
const ROLES = 'roles';

/** A token for a user. Throws a plain Error when it would be refused later: no id, no lifetime, a claim of the service's. */
export function signToken({ now, lifetime, user, ...own }: TokenToSign): string {
  assertOwnIssuer(own);
  const taken = Object.keys(user.claims).filter((name) => name === ROLES || REGISTERED_CLAIMS.includes(name));
  if (taken.length > 0) throw new Error(`these claims are set by the service: ${taken.join(', ')}`);
  const iat = Math.floor(now / 1_000);
  const exp = Math.floor((now + lifetime) / 1_000);
  const claims = { ...user.claims, iss: own.issuer, aud: own.audience, iat, exp, sub: user.id, [ROLES]: user.roles };
  const covered = `${HEADER}.${toSegment(claims)}`;
  const token = `${covered}.${hmac(covered, own.secret).toString('base64url')}`;
  try {
    verifyOwnToken(token, own, now);
  } catch (error) {
    throw new Error(`such a token would be refused: ${messageOf(error)}`, { cause: error });
  }
  return token;
}

/**
 * The user of an own token. `now` in milliseconds. Throws UNAUTHENTICATED unless it is signed with HS256 and this
 * secret, for this audience, by this issuer, and has not expired.
 */
export function verifyOwnToken(token: string | TokenParts, expected: OwnIssuer, now: number): VerifiedToken {
  assertOwnIssuer(expected);
  const { header, signed: covered, payload, signature } = typeof token === 'string' ? splitToken(token) : token;
  checkHeader(header);
  const right = hmac(covered, expected.secret);
  if (signature.length !== right.length || !timingSafeEqual(signature, right))
    throw tokenRefusal('has a wrong signature');
  const { issuer, audience } = expected;
  return userFromClaims(parseObject(payload), { issuer, audiences: [audience], rolesClaim: ROLES }, now);
}

function checkHeader(header: TokenParts['header']): void {
  if (header['alg'] !== 'HS256') throw tokenRefusal('is not signed with an algorithm that this service takes (alg)');
  if (header['typ'] !== undefined && header['typ'] !== 'JWT') throw tokenRefusal('is not a JWT by its type (typ)');
  const unknown = Object.keys(header).some((name) => !HEADER_NAMES.includes(name));
  if (unknown) throw tokenRefusal('has a header other than alg, typ and kid');
}

/** Throws a plain Error for settings that would let others make tokens: a short secret can be guessed from one token. */
export function assertOwnIssuer({ secret, issuer, audience }: OwnIssuer): void {
  if (Buffer.byteLength(secret) < LEAST_SECRET) throw new Error(`a token secret needs ${LEAST_SECRET} bytes`);
  if (issuer === '' || audience === '') throw new Error('own tokens need an issuer and an audience');
}

function hmac(covered: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(covered).digest();
}

function toSegment(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
