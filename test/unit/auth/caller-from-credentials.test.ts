import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PUBLIC_CALLER } from '../../../src/access/caller.ts';
import { type AuthenticatorOptions, openAuthenticator } from '../../../src/auth/caller-from-credentials.ts';
import type { Credentials } from '../../../src/auth/credentials.ts';
import { signToken } from '../../../src/auth/own-token.ts';
import { ServiceError } from '../../../src/platform/errors.ts';

const NOW = Date.UTC(2026, 5, 1);
const APPLICATION = 'the-key-of-the-app';
const MASTER = 'the-key-of-the-master';
const OWN = { secret: 'qE8rGg3mUu6hJj1kYy4nDd9pLl2vFf7X', issuer: 'tablecast', audience: 'tablecast' };
const FOREIGN = {
  jwksUrl: 'http://127.0.0.1:1/never-asked',
  issuer: 'https://issuer.example/',
  audiences: ['app'],
  algorithms: ['RS256'],
  rolesClaim: 'roles',
};
const OPTIONS: AuthenticatorOptions = {
  applicationKey: APPLICATION,
  masterKey: MASTER,
  own: OWN,
  foreign: FOREIGN,
  clock: () => NOW,
};

const alice = { id: 'alice', roles: ['staff'], claims: {} };
const sign = (changes: object = {}) => signToken({ ...OWN, now: NOW, lifetime: 60_000, user: alice, ...changes });
const TOKEN = sign();
const BEARER = `Bearer ${TOKEN}`;
const authenticator = openAuthenticator(OPTIONS);
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

describe('right credentials make a caller', () => {
  const user = alice;
  const cases: [string, Credentials, object][] = [
    ['nothing', {}, PUBLIC_CALLER],
    ['the application key', { applicationKey: APPLICATION }, { kind: 'client', application: true, user: null }],
    ['a token', { authorization: BEARER }, { kind: 'client', application: false, user }],
    [
      'a token and the key',
      { applicationKey: APPLICATION, authorization: BEARER },
      { kind: 'client', application: true, user },
    ],
    ['the master key', { masterKey: MASTER }, { kind: 'admin', reason: 'master key', user: null }],
    [
      'the master key and a token',
      { masterKey: MASTER, authorization: BEARER },
      { kind: 'admin', reason: 'master key', user },
    ],
    [
      'everything',
      { applicationKey: APPLICATION, masterKey: MASTER, authorization: BEARER },
      { kind: 'admin', reason: 'master key', user },
    ],
    [
      'the scheme in another case',
      { authorization: `bEARER   ${TOKEN}` },
      { kind: 'client', application: false, user },
    ],
  ];
  for (const [name, credentials, caller] of cases) {
    test(name, async () => {
      const actual = await authenticator.callerFrom(credentials);
      assert.deepEqual(plain(actual), caller);
      assert.ok(Object.isFrozen(actual));
    });
  }

  test('and its end is known where a token sets one', async () => {
    assert.equal((await authenticator.identify({ authorization: BEARER })).expiresAt, NOW + 60_000);
    assert.equal((await authenticator.identify({ masterKey: MASTER })).expiresAt, null);
  });
});

describe('a wrong credential is refused, whatever is right beside it', () => {
  const wrong: [string, Credentials, RegExp][] = [
    ['application key', { applicationKey: 'wrong' }, /^The key in x-application-key is wrong: /],
    ['application key, empty', { applicationKey: '' }, /x-application-key is wrong/],
    [
      'application key, twice',
      { applicationKey: `${APPLICATION}, ${APPLICATION}` },
      /x-application-key is wrong.+once/,
    ],
    ['application key, the master key', { applicationKey: MASTER }, /x-application-key is wrong/],
    ['master key', { masterKey: 'wrong' }, /^The key in x-master-key is wrong: /],
    ['master key, empty', { masterKey: '' }, /x-master-key is wrong/],
    ['master key, the application key', { masterKey: APPLICATION }, /x-master-key is wrong/],
    ['authorization, empty', { authorization: '' }, /not "Bearer"/],
    ['authorization, a scheme alone', { authorization: 'Bearer' }, /not "Bearer"/],
    ['authorization, no token', { authorization: 'Bearer ' }, /not "Bearer"/],
    ['authorization, a token alone', { authorization: TOKEN }, /not "Bearer"/],
    ['authorization, another scheme', { authorization: `Basic ${TOKEN}` }, /not "Bearer"/],
    ['authorization, two', { authorization: `${BEARER}, ${BEARER}` }, /not "Bearer"/],
    ['authorization, more behind', { authorization: `${BEARER} x` }, /not "Bearer"/],
    ['authorization, space behind', { authorization: `${BEARER} ` }, /not "Bearer"/],
    ['authorization, space before', { authorization: ` ${BEARER}` }, /not "Bearer"/],
    ['authorization, a tab', { authorization: `Bearer\t${TOKEN}` }, /not "Bearer"/],
    ['token, none', { authorization: 'Bearer x' }, /not a signed JSON Web Token/],
    ['token, "null"', { authorization: 'Bearer null' }, /not a signed JSON Web Token/],
    ['token, a byte changed', { authorization: `${BEARER.slice(0, -2)}AA` }, /^The user token /],
    ['token, expired', { authorization: `Bearer ${sign({ now: NOW - 60_000 })}` }, /^The user token has expired: /],
    ['token, another secret', { authorization: `Bearer ${sign({ secret: OWN.secret.repeat(2) })}` }, /wrong signature/],
    ['token, another issuer', { authorization: `Bearer ${sign({ issuer: FOREIGN.issuer })}` }, /\(iss\)/],
    ['token, another audience', { authorization: `Bearer ${sign({ audience: 'app' })}` }, /\(aud\)/],
  ];
  const right: Credentials[] = [{}, { applicationKey: APPLICATION }, { masterKey: MASTER }, { authorization: BEARER }];
  for (const [name, credential, message] of wrong) {
    test(name, async () => {
      for (const beside of right) {
        const refused = authenticator.callerFrom({ ...beside, ...credential });
        await assert.rejects(refused, (error) => {
          assert.ok(error instanceof ServiceError, String(error));
          assert.equal(error.code, 'UNAUTHENTICATED');
          assert.match(error.message, message);
          assert.equal(error.message.includes(TOKEN) || error.message.includes(MASTER), false);
          return true;
        });
      }
    });
  }

  test('what is not one text, from a door that did not look', async () => {
    for (const odd of [null, [APPLICATION], [APPLICATION, APPLICATION], 7, {}, false, [BEARER]]) {
      for (const name of ['applicationKey', 'masterKey', 'authorization']) {
        const refused = authenticator.callerFrom({ [name]: odd } as Credentials);
        await assert.rejects(refused, { code: 'UNAUTHENTICATED', message: /not one text/ });
      }
    }
  });
});

describe('nothing unexpected makes a caller', () => {
  test('no credentials at all, not even an empty object', async () => {
    for (const nothing of [undefined, null]) {
      await assert.rejects(authenticator.callerFrom(nothing as unknown as Credentials), {
        code: 'SERVICE_UNAVAILABLE',
      });
    }
  });

  test('a failure inside', async () => {
    const broken = openAuthenticator({
      ...OPTIONS,
      clock: () => {
        throw new Error('no time');
      },
    });
    for (const beside of [{}, { masterKey: MASTER }, { applicationKey: APPLICATION }]) {
      const refused = broken.callerFrom({ ...beside, authorization: BEARER });
      await assert.rejects(refused, (error) => {
        assert.ok(error instanceof ServiceError);
        assert.equal(error.code, 'SERVICE_UNAVAILABLE');
        assert.equal((error.cause as Error).message, 'no time');
        return true;
      });
    }
  });

  test('own tokens where none are taken', async () => {
    for (const foreign of [null, FOREIGN]) {
      const other = openAuthenticator({ ...OPTIONS, own: null, foreign });
      await assert.rejects(other.callerFrom({ authorization: BEARER }), {
        code: 'UNAUTHENTICATED',
        message: /\(alg\)/,
      });
      other.close();
    }
  });

  test('foreign tokens where none are taken', async () => {
    const alone = openAuthenticator({ ...OPTIONS, foreign: null });
    const header = Buffer.from('{"alg":"RS256"}').toString('base64url');
    const token = [header, ...TOKEN.split('.').slice(1)].join('.');
    await assert.rejects(alone.callerFrom({ authorization: `Bearer ${token}` }), {
      code: 'UNAUTHENTICATED',
      message: /\(alg\)/,
    });
  });

  const settings: [string, object, RegExp][] = [
    ['a short secret', { own: { ...OWN, secret: 'short' } }, /32 bytes/],
    ['own tokens of no issuer', { own: { ...OWN, issuer: '' } }, /issuer/],
    ['HS256 for foreign tokens', { foreign: { ...FOREIGN, algorithms: ['RS256', 'HS256'] } }, /asymmetric/],
    ['none for foreign tokens', { foreign: { ...FOREIGN, algorithms: ['none'] } }, /asymmetric/],
    ['no algorithm', { foreign: { ...FOREIGN, algorithms: [] } }, /asymmetric/],
    ['no audience', { foreign: { ...FOREIGN, audiences: [] } }, /audience/],
    ['an empty audience', { foreign: { ...FOREIGN, audiences: ['app', ''] } }, /audience/],
    ['no issuer', { foreign: { ...FOREIGN, issuer: '' } }, /audience/],
    ['equal keys', { applicationKey: MASTER }, /is the master key/],
    ['an empty key', { applicationKey: '' }, /empty/],
  ];
  for (const [name, change, message] of settings) {
    test(`settings with ${name}`, () => assert.throws(() => openAuthenticator({ ...OPTIONS, ...change }), message));
  }
});
