// The bench for foreign tokens: another issuer, its keys, and our authenticator in front of it.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { openAuthenticator } from '../../../src/auth/caller-from-credentials.ts';
import type { ForeignIssuer } from '../../../src/auth/foreign-token.ts';
import { ServiceError } from '../../../src/platform/errors.ts';
import { type JwksServer, keySet, newKey, openJwksServer } from './issuer.ts';

export const NOW = Date.UTC(2026, 5, 1);
export const SECONDS = NOW / 1_000;
export const MINUTE = 60_000;
export const SECRET = 'qE8rGg3mUu6hJj1kYy4nDd9pLl2vFf7X';
export const EXPECTED = {
  issuer: 'https://issuer.example/',
  audiences: ['app'],
  algorithms: ['RS256', 'ES256', 'PS256', 'EdDSA'],
  rolesClaim: 'roles',
};
export const CLAIMS = { iss: EXPECTED.issuer, aud: 'app', sub: 'alice', iat: SECONDS, exp: SECONDS + 7_200 };

const [rsa, other, ec, pss, ed, rsa384] = await Promise.all([
  newKey('RS256', 'rsa'),
  newKey('RS256', 'other'),
  newKey('ES256', 'ec'),
  newKey('PS256', 'pss'),
  newKey('EdDSA', 'ed'),
  newKey('RS384', 'rsa384'),
]);
/** RS384 is published, but not among the signatures that are taken; `other` is not published. */
export const KEYS = { rsa, other, ec, pss, ed, rsa384 };
const PUBLISHED = [rsa, ec, pss, ed, rsa384];

export interface Bench {
  readonly server: JwksServer;
  readonly clock: { now: number };
  /** What callerFrom answers: the user, or the code and message of the refusal. */
  ask(token: string): Promise<unknown>;
  close(): void;
}

/** An authenticator with a real issuer beside it and a clock that stands; both are closed when the test ends. */
export async function openBench(
  t: TestContext,
  changes: Partial<ForeignIssuer> = {},
  answer = keySet(...PUBLISHED),
): Promise<Bench> {
  const server = await openJwksServer(t, answer);
  const clock = { now: NOW };
  const { callerFrom, close } = openAuthenticator({
    applicationKey: 'a',
    masterKey: 'm',
    own: { secret: SECRET, issuer: EXPECTED.issuer, audience: 'app' },
    foreign: { ...EXPECTED, jwksUrl: server.url, ...changes },
    clock: () => clock.now,
  });
  t.after(close);
  const ask = async (token: string): Promise<unknown> => {
    try {
      return JSON.parse(JSON.stringify((await callerFrom({ authorization: `Bearer ${token}` })).user));
    } catch (error) {
      assert.ok(error instanceof ServiceError, String(error));
      return `${error.code} ${error.retryAfter ?? ''}: ${error.message}`;
    }
  };
  return { server, clock, ask, close };
}

/** The user of CLAIMS. */
export const ALICE = { id: 'alice', roles: [], claims: {} };
