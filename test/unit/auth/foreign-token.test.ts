// Which tokens of another issuer are taken, and as whom. How its keys are had is in remote-keys.test.ts.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import { exportSPKI, UnsecuredJWT } from 'jose';
import type { ForeignIssuer } from '../../../src/auth/foreign-token.ts';
import { ALICE, CLAIMS, EXPECTED, KEYS, openBench, SECONDS, SECRET } from './foreign-bench.ts';
import { keySet, openJwksServer, type SigningKey, sign } from './issuer.ts';

const { rsa, other, ec, pss, ed, rsa384 } = KEYS;

describe('tokens as their issuers make them', () => {
  const { iss: _, aud: __, ...common } = CLAIMS;
  const shapes: [string, Partial<ForeignIssuer>, () => Promise<string>, object][] = [
    [
      'Firebase',
      { issuer: 'https://securetoken.google.com/my-project', audiences: ['my-project'] },
      () =>
        sign(rsa, {
          ...common,
          iss: 'https://securetoken.google.com/my-project',
          aud: 'my-project',
          sub: 'u7Yb2',
          user_id: 'u7Yb2',
          auth_time: SECONDS,
          roles: ['editor'],
          firebase: { sign_in_provider: 'google.com', identities: { email: ['a@example.com'] } },
        }),
      {
        id: 'u7Yb2',
        roles: ['editor'],
        claims: {
          user_id: 'u7Yb2',
          auth_time: SECONDS,
          firebase: { sign_in_provider: 'google.com', identities: { email: ['a@example.com'] } },
        },
      },
    ],
    [
      'Supabase',
      { issuer: 'https://ref.supabase.co/auth/v1', audiences: ['authenticated'], rolesClaim: 'app_metadata.roles' },
      () =>
        sign(ec, {
          ...common,
          iss: 'https://ref.supabase.co/auth/v1',
          aud: 'authenticated',
          role: 'authenticated',
          app_metadata: { provider: 'email', roles: ['staff', 'admin'] },
          user_metadata: { roles: ['chosen by the user'] },
        }),
      {
        id: 'alice',
        roles: ['staff', 'admin'],
        claims: {
          role: 'authenticated',
          app_metadata: { provider: 'email', roles: ['staff', 'admin'] },
          user_metadata: { roles: ['chosen by the user'] },
        },
      },
    ],
    [
      'Auth0',
      {
        issuer: 'https://tenant.eu.auth0.com/',
        audiences: ['https://api.example.com'],
        rolesClaim: 'https://example.com/roles',
      },
      () =>
        sign(
          rsa,
          {
            ...common,
            iss: 'https://tenant.eu.auth0.com/',
            aud: ['https://api.example.com', 'https://tenant.eu.auth0.com/userinfo'],
            sub: 'auth0|64',
            scope: 'openid profile',
            'https://example.com/roles': ['admin'],
            'https://example': { 'com/roles': ['shadow'] },
          },
          { typ: 'at+jwt' },
        ),
      {
        id: 'auth0|64',
        roles: ['admin'],
        claims: { scope: 'openid profile', 'https://example': { 'com/roles': ['shadow'] } },
      },
    ],
  ];
  for (const [name, settings, token, user] of shapes) {
    test(name, async (t) => {
      const { ask } = await openBench(t, settings);
      assert.deepEqual(await ask(await token()), user);
    });
  }

  test('with every signature that is taken, typed or not, and for any of the audiences', async (t) => {
    const { ask, server } = await openBench(t, { audiences: ['web', 'app'] });
    for (const key of [rsa, ec, pss, ed]) assert.deepEqual(await ask(await sign(key, CLAIMS)), ALICE, key.alg);
    assert.deepEqual(await ask(await sign(ec, CLAIMS, { typ: undefined })), ALICE);
    assert.deepEqual(await ask(await sign(ec, { ...CLAIMS, aud: ['x', 'web'] })), ALICE);
    assert.equal(server.count, 1);
  });

  test('without a kid where the issuer has one key', async (t) => {
    const { ask } = await openBench(t, {}, keySet(ec));
    assert.deepEqual(await ask(await sign(ec, CLAIMS, { kid: undefined })), ALICE);
  });

  test('own tokens stay right beside them', async (t) => {
    const { ask, server } = await openBench(t);
    const covered = [{ alg: 'HS256' }, CLAIMS]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const signature = createHmac('sha256', SECRET).update(covered).digest('base64url');
    assert.deepEqual(await ask(`${covered}.${signature}`), ALICE);
    assert.equal(server.count, 0);
  });
});

describe('the roles claim', () => {
  const cases: [string, object, unknown][] = [
    ['roles', {}, []],
    ['roles', { roles: ['a', 'b', 'a'] }, ['a', 'b']],
    ['roles', { app: { roles: ['a'] } }, []],
    ['app.roles', { app: { roles: ['a'] } }, ['a']],
    ['app.roles', { 'app.roles': ['whole'], app: { roles: ['path'] } }, ['whole']],
    ['app.roles', { app: null }, []],
    ['app.roles', { app: 'roles' }, []],
    ['app.roles', { app: ['roles'] }, []],
    ['app.length', { app: ['a'] }, []],
    ['constructor', {}, []],
    ['app.constructor', { app: {} }, []],
    ['a.b.c', { a: { b: { c: ['deep'] } } }, ['deep']],
    ['roles', { roles: 'admin' }, /has roles/],
    ['app.roles', { app: { roles: null } }, /has roles/],
    ['app.roles', { app: { roles: ['a', 1] } }, /has roles/],
    ['app', { app: { roles: ['a'] } }, /has roles/],
  ];
  for (const [rolesClaim, claims, expected] of cases) {
    test(`${rolesClaim} in ${JSON.stringify(claims)}`, async (t) => {
      const { ask } = await openBench(t, { rolesClaim });
      const answer = await ask(await sign(ec, { ...CLAIMS, ...claims }));
      if (expected instanceof RegExp) assert.match(String(answer), expected);
      else assert.deepEqual((answer as { roles: unknown }).roles, expected);
    });
  }
});

describe('a foreign token is refused', () => {
  const segment = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const hmac = (header: object, secret: string) => {
    const covered = `${segment(header)}.${segment(CLAIMS)}`;
    return `${covered}.${createHmac('sha256', secret).update(covered).digest('base64url')}`;
  };
  const swapped = async (key: SigningKey, header: object) => {
    const [, payload, signature] = (await sign(key, CLAIMS)).split('.');
    return `${segment(header)}.${payload}.${signature}`;
  };
  const refused: [string, () => string | Promise<string>, RegExp][] = [
    ['alg none', () => new UnsecuredJWT(CLAIMS).encode(), /not a signed JSON/],
    ['alg none with a signature', () => swapped(rsa, { alg: 'none', kid: 'rsa' }), /\(alg\)/],
    ['alg none in capitals', () => swapped(rsa, { alg: 'NONE', kid: 'rsa' }), /\(alg\)/],
    ['a signature that is not taken', () => sign(rsa384, CLAIMS), /\(alg\)/],
    [
      'HS256 with the public PEM as secret',
      async () => hmac({ alg: 'HS256', kid: 'rsa' }, await exportSPKI(rsa.publicKey)),
      /wrong signature/,
    ],
    [
      'HS256 with the public JWK as secret',
      () => hmac({ alg: 'HS256', kid: 'rsa' }, JSON.stringify(rsa.jwk)),
      /wrong signature/,
    ],
    ['a signature under another alg', () => swapped(rsa, { alg: 'PS256', kid: 'rsa' }), /\(kid\)/],
    ['a signature under another kid', () => swapped(rsa, { alg: 'ES256', kid: 'ec' }), /wrong signature/],
    ['another key with a known kid', () => sign({ ...other, kid: 'rsa' }, CLAIMS), /wrong signature/],
    ['a key that is not published', () => sign(other, CLAIMS), /does not publish \(kid\)/],
    ['kid a number', () => sign(rsa, CLAIMS, { kid: 7 }), /\(kid\) by something other/],
    ['its own key in jwk', () => sign(other, CLAIMS, { jwk: other.jwk, kid: 'rsa' }), /wrong signature/],
    ['typ of a logout token', () => sign(rsa, CLAIMS, { typ: 'logout+jwt' }), /\(typ\)/],
    ['typ a number', () => sign(rsa, CLAIMS, { typ: 7 }), /\(typ\)/],
    ['crit', () => swapped(rsa, { alg: 'RS256', kid: 'rsa', crit: ['b64'], b64: false }), /\(crit\)/],
    ['cty', () => sign(rsa, CLAIMS, { cty: 'JWT' }), /\(cty\)/],
    ['zip', () => sign(rsa, CLAIMS, { zip: 'DEF' }), /\(zip\)/],
    ['aud missing', () => sign(rsa, { ...CLAIMS, aud: undefined }), /\(aud\)/],
    ['aud of another app', () => sign(rsa, { ...CLAIMS, aud: ['app2', 'ap'] }), /\(aud\)/],
    ['iss of another tenant', () => sign(rsa, { ...CLAIMS, iss: 'https://issuer.example' }), /\(iss\)/],
    ['exp missing', () => sign(rsa, { ...CLAIMS, exp: undefined }), /no expiry/],
    ['exp past', () => sign(rsa, { ...CLAIMS, exp: SECONDS }), /has expired: /],
    ['nbf in the future', () => sign(rsa, { ...CLAIMS, nbf: SECONDS + 31 }), /\(nbf\)/],
    ['sub missing', () => sign(rsa, { ...CLAIMS, sub: undefined }), /\(sub\)/],
    ['sub empty', () => sign(rsa, { ...CLAIMS, sub: '' }), /\(sub\)/],
    [
      '__proto__',
      () => sign(rsa, { ...CLAIMS, deep: JSON.parse('{"__proto__":{"roles":["admin"]}}') }),
      /not a signed JSON/,
    ],
  ];
  for (const [name, token, message] of refused) {
    test(name, async (t) => {
      const { ask } = await openBench(t);
      const answer = String(await ask(await token()));
      assert.match(answer, /^UNAUTHENTICATED /);
      assert.match(answer, message);
    });
  }

  test('without a kid where several keys could be meant', async (t) => {
    const { ask } = await openBench(t, {}, keySet(rsa, other));
    assert.match(String(await ask(await sign(rsa, CLAIMS, { kid: undefined }))), /UNAUTHENTICATED .+\(kid\)/);
  });

  test('and nobody but the configured address is asked for keys', async (t) => {
    const { ask, server } = await openBench(t);
    const evil = await openJwksServer(t, keySet(other));
    for (const header of [{ jku: evil.url }, { x5u: evil.url }, { kid: evil.url }, { kid: '../../etc/passwd' }]) {
      assert.match(
        String(await ask(await sign(other, { ...CLAIMS, iss: EXPECTED.issuer }, header))),
        /^UNAUTHENTICATED /,
      );
    }
    assert.equal(evil.count, 0);
    assert.ok(server.count >= 1);
  });

  test('a right token that names another address is right by the configured keys', async (t) => {
    const { ask } = await openBench(t);
    assert.deepEqual(await ask(await sign(rsa, CLAIMS, { jku: 'https://evil.example/keys' })), ALICE);
  });
});
