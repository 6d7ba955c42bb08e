// User tokens of another issuer (Firebase, Supabase, Auth0 and their like), verified with its published keys. Which
// issuer, audiences and signatures count comes from the configuration and from nothing that a client sends.

import { compactVerify, errors } from 'jose';
import type { Clock } from '../platform/clock.ts';
import { ServiceError } from '../platform/errors.ts';
import { tokenRefusal } from './refusal.ts';
import { openRemoteKeys, QUIET_AFTER_FAILURE } from './remote-keys.ts';
import { type ExpectedClaims, userFromClaims } from './token-claims.ts';
import { parseObject, splitToken, type TokenParts } from './token-parts.ts';
import type { TokenVerifier } from './verified-tokens.ts';

export interface ForeignIssuer extends ExpectedClaims {
  readonly jwksUrl: string;
  /** The signatures that are taken: asymmetric ones only. */
  readonly algorithms: readonly string[];
}

const ASYMMETRIC = /^(RS|PS|ES)(256|384|512)$|^EdDSA$/;
/** Types of tokens that say who is calling; logout, proof and event tokens of the same issuer are none. */
const TYPES: readonly unknown[] = [undefined, 'jwt', 'at+jwt', 'application/at+jwt'];
/** Headers that change how a token is to be read. Others, a jku or x5u among them, are not looked at. */
const READ_OTHERWISE = ['crit', 'b64', 'zip', 'cty'];

/** What jose says of a token that is wrong; every other failure is one of the keys. */
const WRONG_TOKEN: Readonly<Record<string, string>> = {
  [errors.JWKSNoMatchingKey.code]: 'is signed with a key that its issuer does not publish (kid)',
  [errors.JWKSMultipleMatchingKeys.code]: "does not say which of its issuer's keys signed it (kid)",
  [errors.JWSSignatureVerificationFailed.code]: 'has a wrong signature',
};

/** Opens the verifier for one issuer. Throws a plain Error when its settings would let anybody make tokens. */
export function openForeignTokens(issuer: ForeignIssuer, clock: Clock): TokenVerifier {
  if (issuer.algorithms.length === 0 || !issuer.algorithms.every((name) => ASYMMETRIC.test(name))) {
    throw new Error('tokens of another issuer need asymmetric algorithms');
  }
  if (issuer.issuer === '' || issuer.audiences.length === 0 || issuer.audiences.includes('')) {
    throw new Error('tokens of another issuer need its name and an audience');
  }
  const keys = openRemoteKeys(issuer.jwksUrl, clock);
  return {
    async verify(token) {
      const parts = splitToken(token);
      checkHeader(parts.header, issuer.algorithms);
      const payload = await verifiedPayload(token, issuer.algorithms, keys.keyFor);
      return userFromClaims(parseObject(payload), issuer, clock());
    },
    close: keys.close,
  };
}

function checkHeader(header: TokenParts['header'], algorithms: readonly string[]): void {
  const { alg, typ, kid } = header;
  if (typeof alg !== 'string' || !algorithms.includes(alg)) {
    throw tokenRefusal('is not signed with an algorithm that this service takes (alg)');
  }
  if (!TYPES.includes(typeof typ === 'string' ? typ.toLowerCase() : typ)) {
    throw tokenRefusal('is not an access or id token by its type (typ)');
  }
  if (kid !== undefined && typeof kid !== 'string')
    throw tokenRefusal('names its key (kid) by something other than a text');
  const otherwise = READ_OTHERWISE.find((name) => Object.hasOwn(header, name));
  if (otherwise) throw tokenRefusal(`has a header that this service does not take (${otherwise})`);
}

async function verifiedPayload(
  token: string,
  algorithms: readonly string[],
  keyFor: ReturnType<typeof openRemoteKeys>['keyFor'],
): Promise<Uint8Array> {
  try {
    return (await compactVerify(token, keyFor, { algorithms: [...algorithms] })).payload;
  } catch (error) {
    const why = error instanceof errors.JOSEError ? WRONG_TOKEN[error.code] : undefined;
    if (why) throw tokenRefusal(why);
    throw new ServiceError(
      'SERVICE_UNAVAILABLE',
      'The user token cannot be checked now, because the keys of its issuer cannot be had: try again shortly.',
      { retryAfter: QUIET_AFTER_FAILURE / 1_000, cause: error },
    );
  }
}
