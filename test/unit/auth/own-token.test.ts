import assert from 'node:assert/strict';
import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, sign as signBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { jwtVerify } from 'jose';
import { signToken, verifyOwnToken } from '../../../src/auth/own-token.ts';
import { ServiceError } from '../../../src/platform/errors.ts';

const SECRET = 'qE8rGg3mUu6hJj1kYy4nDd9pLl2vFf7X';
const OWN = { secret: SECRET, issuer: 'tablecast', audience: 'tablecast' };
const NOW = Date.UTC(2026, 5, 1);
const SECONDS = NOW / 1_000;
const HEADER = { alg: 'HS256', typ: 'JWT' };
const CLAIMS = { iss: 'tablecast', aud: 'tablecast', sub: 'alice', exp: SECONDS + 60 };

const segment = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A token exactly as given: objects become JSON, strings stay as they are. */
function forge(header: unknown, claims: unknown, secret: string | Buffer = SECRET, hash = 'sha256'): string {
  const covered = `${segment(header)}.${segment(claims)}`;
  return `${covered}.${createHmac(hash, secret).update(covered).digest('base64url')}`;
}

const claims = (changed: Record<string, unknown>) => forge(HEADER, { ...CLAIMS, ...changed });
const header = (changed: Record<string, unknown>) => forge({ ...HEADER, ...changed }, CLAIMS);

const good = forge(HEADER, CLAIMS);
const [head = '', body = '', signature = ''] = good.split('.');
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = publicKey.export({ type: 'spki', format: 'pem' });
const der = publicKey.export({ type: 'spki', format: 'der' });
const jwk = publicKey.export({ format: 'jwk' });

function signedRs256(): string {
  const covered = `${segment({ alg: 'RS256', typ: 'JWT' })}.${segment(CLAIMS)}`;
  return `${covered}.${signBytes('sha256', Buffer.from(covered), createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }))).toString('base64url')}`;
}

/** The same bytes by another last character: its unused bits are set. */
function otherSpelling(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const spelt = text.slice(0, -1) + alphabet[alphabet.indexOf(text.slice(-1)) + 1];
  assert.deepEqual(Buffer.from(spelt, 'base64url'), Buffer.from(text, 'base64url'));
  return spelt;
}

const TOKEN = /is not a signed JSON Web Token/;
const ALGORITHM = /algorithm that this service takes/;
const SIGNATURE = /wrong signature/;
const OTHER_HEADER = /header other than/;

const bad: [string, string, RegExp][] = [
  ...['none', 'None', 'NONE', 'nOnE'].map((alg): [string, string, RegExp] => [
    `alg ${alg}`,
    header({ alg }),
    ALGORITHM,
  ]),
  ['alg none without a signature', `${segment({ alg: 'none' })}.${body}.`, TOKEN],
  ['alg HS384', forge({ ...HEADER, alg: 'HS384' }, CLAIMS, SECRET, 'sha384'), ALGORITHM],
  ['alg HS512', forge({ ...HEADER, alg: 'HS512' }, CLAIMS, SECRET, 'sha512'), ALGORITHM],
  ['alg hs256', header({ alg: 'hs256' }), ALGORITHM],
  ['alg missing', forge({ typ: 'JWT' }, CLAIMS), ALGORITHM],
  ['alg an array', header({ alg: ['HS256'] }), ALGORITHM],
  ['alg RS256 with a key of the caller', signedRs256(), ALGORITHM],
  ['HS256 with a public PEM as secret', forge(HEADER, CLAIMS, pem), SIGNATURE],
  ['HS256 with a public DER as secret', forge(HEADER, CLAIMS, der), SIGNATURE],
  ['HS256 with a public JWK as secret', forge(HEADER, CLAIMS, JSON.stringify(jwk)), SIGNATURE],
  ['HS256 with the modulus as secret', forge(HEADER, CLAIMS, Buffer.from(jwk.n ?? '', 'base64url')), SIGNATURE],
  ['HS256 with an empty secret', forge(HEADER, CLAIMS, ''), SIGNATURE],
  ['HS512 signature under an HS256 header', forge(HEADER, CLAIMS, SECRET, 'sha512'), SIGNATURE],
  ['signature empty', `${head}.${body}.`, TOKEN],
  ['signature missing', `${head}.${body}`, TOKEN],
  ['signature cut off', `${head}.${body}.${signature.slice(0, 20)}`, SIGNATURE],
  ['signature of zeros', `${head}.${body}.${segment('\0'.repeat(32))}`, SIGNATURE],
  ['signature with its unused bits set', `${head}.${body}.${otherSpelling(signature)}`, TOKEN],
  ['payload of another token', `${head}.${segment({ ...CLAIMS, sub: 'bob' })}.${signature}`, SIGNATURE],
  ['header of another token', `${segment({ ...HEADER, kid: '1' })}.${body}.${signature}`, SIGNATURE],
  ['kid as a path', forge({ ...HEADER, kid: '../../../../dev/null' }, CLAIMS, ''), SIGNATURE],
  ['kid as SQL', forge({ ...HEADER, kid: "x' UNION SELECT 'key" }, CLAIMS, 'key'), SIGNATURE],
  ['jku', header({ jku: 'https://evil.example/keys' }), OTHER_HEADER],
  ['x5u', header({ x5u: 'https://evil.example/keys' }), OTHER_HEADER],
  ['jwk', header({ jwk: { kty: 'oct', k: segment('x') } }), OTHER_HEADER],
  ['crit', header({ crit: ['exp'] }), OTHER_HEADER],
  ['crit empty', header({ crit: [] }), OTHER_HEADER],
  ['zip', header({ zip: 'DEF' }), OTHER_HEADER],
  ['b64', header({ b64: false }), OTHER_HEADER],
  ['cty', header({ cty: 'JWT' }), OTHER_HEADER],
  ['typ of another kind', header({ typ: 'logout+jwt' }), /by its type/],
  ['typ null', header({ typ: null }), /by its type/],
  ['nested', forge(HEADER, good), TOKEN],
  ['encrypted form', `${good}.${segment('x')}.${segment('x')}`, TOKEN],
  ['four segments', `${good}.${segment('x')}`, TOKEN],
  ['an empty fourth segment', `${good}.`, TOKEN],
  ['one segment', 'abc', TOKEN],
  ['nothing', '', TOKEN],
  ['dots', '..', TOKEN],
  ['space before', ` ${good}`, TOKEN],
  ['line break after', `${good}\n`, TOKEN],
  ['space inside', `${head}. ${body}.${signature}`, TOKEN],
  ['padding', `${head}.${body}.${signature}=`, TOKEN],
  ['plain base64', `${head}.${body}.${Buffer.from(signature, 'base64url').toString('base64')}`, TOKEN],
  ['another alphabet', `${head}.${body}.${signature.slice(0, -1)}é`, TOKEN],
  ['too long', claims({ more: 'x'.repeat(20_000) }), /too long/],
  ['header no JSON', forge('{"alg":"HS256"', CLAIMS), TOKEN],
  ['header a list', forge('["HS256"]', CLAIMS), TOKEN],
  ['header null', forge('null', CLAIMS), TOKEN],
  ['header with alg twice', forge('{"alg":"none","alg":"HS256"}', CLAIMS), TOKEN],
  ['payload no JSON', forge(HEADER, 'sub=alice'), TOKEN],
  ['payload a list', forge(HEADER, [CLAIMS]), TOKEN],
  ['payload a text', forge(HEADER, '"alice"'), TOKEN],
  ['payload empty', good.replace(body, ''), TOKEN],
  ['a claim twice', forge(HEADER, JSON.stringify(CLAIMS).replace('{', '{"sub":"bob",')), TOKEN],
  ['a claim twice, once escaped', forge(HEADER, JSON.stringify(CLAIMS).replace('{', '{"su\\u0062":"bob",')), TOKEN],
  ['a nested claim twice', forge(HEADER, JSON.stringify(CLAIMS).replace('{', '{"a":[{"b":1,"b":2}],')), TOKEN],
  ['__proto__', forge(HEADER, JSON.stringify(CLAIMS).replace('{', '{"__proto__":{"roles":["admin"]},')), TOKEN],
  ['__proto__ inside', forge(HEADER, JSON.stringify(CLAIMS).replace('{', '{"a":{"__proto__":{"b":1}},')), TOKEN],
  ['__proto__ escaped', forge(HEADER, JSON.stringify(CLAIMS).replace('{', '{"\\u005f_proto__":{},')), TOKEN],
  ['exp missing', claims({ exp: undefined }), /no expiry/],
  ['exp a text', claims({ exp: String(CLAIMS.exp) }), /no expiry/],
  ['exp null', claims({ exp: null }), /no expiry/],
  ['exp true', claims({ exp: true }), /no expiry/],
  ['exp a list', claims({ exp: [CLAIMS.exp] }), /no expiry/],
  ['exp infinite', forge(HEADER, JSON.stringify(CLAIMS).replace(String(CLAIMS.exp), '1e999')), /not in seconds/],
  ['exp in milliseconds', claims({ exp: CLAIMS.exp * 1_000 }), /not in seconds/],
  ['exp past', claims({ exp: SECONDS - 1 }), /has expired: /],
  ['exp now', claims({ exp: SECONDS }), /has expired: /],
  ['exp below zero', claims({ exp: -1 }), /has expired: /],
  ['nbf in the future', claims({ nbf: SECONDS + 31 }), /not valid yet \(nbf\)/],
  ['nbf a text', claims({ nbf: '0' }), /time \(nbf\)/],
  ['iat in the future', claims({ iat: SECONDS + 31 }), /not valid yet \(iat\)/],
  ['iat null', claims({ iat: null }), /time \(iat\)/],
  ['aud missing', claims({ aud: undefined }), /\(aud\)/],
  ['aud wrong', claims({ aud: 'other' }), /\(aud\)/],
  ['aud a beginning', claims({ aud: 'table' }), /\(aud\)/],
  ['aud with more behind', claims({ aud: 'tablecast2' }), /\(aud\)/],
  ['aud in another case', claims({ aud: 'Tablecast' }), /\(aud\)/],
  ['aud empty', claims({ aud: '' }), /\(aud\)/],
  ['aud an empty list', claims({ aud: [] }), /\(aud\)/],
  ['aud a list of others', claims({ aud: ['a', 'b'] }), /\(aud\)/],
  ['aud a list of objects', claims({ aud: [{ tablecast: true }] }), /\(aud\)/],
  ['aud a list with more than texts', claims({ aud: ['tablecast', 7] }), /\(aud\)/],
  ['aud an object', claims({ aud: { 0: 'tablecast' } }), /\(aud\)/],
  ['aud a list in a list', claims({ aud: [['tablecast']] }), /\(aud\)/],
  ['iss missing', claims({ iss: undefined }), /\(iss\)/],
  ['iss wrong', claims({ iss: 'tablecast.evil.example' }), /\(iss\)/],
  ['iss a list', claims({ iss: ['tablecast'] }), /\(iss\)/],
  ['sub missing', claims({ sub: undefined }), /\(sub\)/],
  ['sub empty', claims({ sub: '' }), /\(sub\)/],
  ['sub null', claims({ sub: null }), /\(sub\)/],
  ['sub a number', claims({ sub: 1 }), /\(sub\)/],
  ['sub an object', claims({ sub: { id: 'alice' } }), /\(sub\)/],
  ['sub a list', claims({ sub: ['alice'] }), /\(sub\)/],
  ['sub with U+0000', claims({ sub: 'alice\0' }), /\(sub\)/],
  ['sub with half a character', claims({ sub: '\ud800' }), /\(sub\)/],
  ['sub too long', claims({ sub: 'a'.repeat(256) }), /\(sub\)/],
  ['roles a text', claims({ roles: 'admin' }), /has roles/],
  ['roles numbers', claims({ roles: [1] }), /has roles/],
  ['roles null', claims({ roles: null }), /has roles/],
  ['roles an object', claims({ roles: { admin: true } }), /has roles/],
  ['roles lists', claims({ roles: [['admin']] }), /has roles/],
];

describe('an own token is refused', () => {
  for (const [name, token, message] of bad) {
    test(name, () => {
      assert.throws(
        () => verifyOwnToken(token, OWN, NOW),
        (error) => {
          assert.ok(error instanceof ServiceError, String(error));
          assert.equal(error.code, 'UNAUTHENTICATED');
          assert.match(error.message, message);
          assert.match(error.message, /^The user token .+: .+\.$/);
          return true;
        },
      );
    });
  }

  test('when its payload is not UTF-8', () => {
    const covered = `${head}.${Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]).toString('base64url')}`;
    const token = `${covered}.${createHmac('sha256', SECRET).update(covered).digest('base64url')}`;
    assert.throws(() => verifyOwnToken(token, OWN, NOW), TOKEN);
  });

  test('whichever one byte of it is changed', () => {
    for (let at = 0; at < good.length; at++) {
      const changed = `${good.slice(0, at)}${good[at] === 'A' ? 'B' : 'A'}${good.slice(at + 1)}`;
      assert.throws(() => verifyOwnToken(changed, OWN, NOW), { code: 'UNAUTHENTICATED' }, `byte ${at}`);
    }
  });

  test('before its payload is read, when the signature is wrong', () => {
    const [, , other] = forge(HEADER, 'x').split('.');
    assert.throws(() => verifyOwnToken(`${head}.${segment('not JSON')}.${other}`, OWN, NOW), SIGNATURE);
  });
});

describe('an own token is accepted', () => {
  const accepted: [string, string, Record<string, unknown>][] = [
    ['with nothing but what it needs', good, {}],
    ['without typ', forge({ alg: 'HS256' }, CLAIMS), {}],
    ['with a kid', header({ kid: '0' }), {}],
    ['with its header in another order', forge('{ "typ": "JWT", "alg": "HS256" }', CLAIMS), {}],
    ['with aud a list', claims({ aud: ['other', 'tablecast'] }), {}],
    ['with nbf and iat within the leeway', claims({ nbf: SECONDS + 30, iat: SECONDS + 30 }), {}],
    ['with an old iat', claims({ iat: 0, nbf: 0 }), {}],
    ['with a fraction in its times', claims({ iat: SECONDS - 0.5 }), {}],
    ['with roles', claims({ roles: ['admin', 'staff', 'admin'] }), { roles: ['admin', 'staff'] }],
    ['with no roles in the list', claims({ roles: [] }), {}],
    ['with a jti', claims({ jti: 'one' }), {}],
    ['with an id of another script', claims({ sub: 'Zoë 李' }), { id: 'Zoë 李' }],
    ['with the longest id', claims({ sub: 'a'.repeat(255) }), { id: 'a'.repeat(255) }],
    ['with claims', claims({ org: 7, deep: { a: [{ b: null }] } }), { claims: { org: 7, deep: { a: [{ b: null }] } } }],
    [
      'with equal keys in different objects',
      claims({ a: { b: 1 }, b: { b: 2 } }),
      { claims: { a: { b: 1 }, b: { b: 2 } } },
    ],
    [
      'with texts that look like keys',
      claims({ a: '"b":1,"b":{', c: ['a:', 'a:'] }),
      { claims: { a: '"b":1,"b":{', c: ['a:', 'a:'] } },
    ],
  ];
  for (const [name, token, user] of accepted) {
    test(name, () => {
      const verified = verifyOwnToken(token, OWN, NOW);
      const plain = JSON.parse(JSON.stringify(verified));
      assert.deepEqual(plain, { user: { id: 'alice', roles: [], claims: {}, ...user }, expiresAt: NOW + 60_000 });
    });
  }

  test('until the moment it expires, by the clock that is handed in', () => {
    assert.equal(verifyOwnToken(good, OWN, NOW + 59_999).user.id, 'alice');
    assert.throws(() => verifyOwnToken(good, OWN, NOW + 60_000), /has expired: /);
  });

  test('and its claims are frozen and inherit nothing, all the way down', () => {
    const { user } = verifyOwnToken(claims({ constructor: 'own', deep: { list: [{}] } }), OWN, NOW);
    const deep = user.claims['deep'] as { list: object[] };
    for (const part of [user.claims, deep, deep.list[0] ?? null]) {
      assert.equal(Object.getPrototypeOf(part), null);
      assert.ok(Object.isFrozen(part));
    }
    assert.ok([user, user.roles, deep.list].every(Object.isFrozen));
    assert.equal(user.claims['toString'], undefined);
    assert.equal(user.claims['constructor'], 'own');
  });
});

describe('an own token is signed', () => {
  const user = { id: 'alice', roles: ['staff'], claims: { org: 7 } };

  test('and read back as the same user, by us and by jose', async () => {
    const token = signToken({ ...OWN, now: NOW + 500, lifetime: 60_000, user });
    const verified = verifyOwnToken(token, OWN, NOW + 500);
    assert.deepEqual(JSON.parse(JSON.stringify(verified)), { user, expiresAt: NOW + 60_000 });
    const options = {
      issuer: OWN.issuer,
      audience: OWN.audience,
      currentDate: new Date(NOW + 500),
      algorithms: ['HS256'],
    };
    const { payload, protectedHeader } = await jwtVerify(token, new TextEncoder().encode(SECRET), options);
    assert.deepEqual(protectedHeader, HEADER);
    assert.deepEqual(payload, { ...CLAIMS, iat: SECONDS, roles: ['staff'], org: 7 });
  });

  test('not when it would be refused, or would say what only the service says', () => {
    const wrong: [object, RegExp][] = [
      [{ user: { ...user, id: '' } }, /\(sub\)/],
      [{ lifetime: 0 }, /has expired/],
      [{ lifetime: Number.NaN }, /no expiry/],
      [{ user: { ...user, claims: { sub: 'bob' } } }, /set by the service: sub/],
      [{ user: { ...user, claims: { roles: ['admin'] } } }, /set by the service: roles/],
      [{ user: { ...user, claims: JSON.parse('{"__proto__":{"a":1}}') } }, /refused/],
      [{ secret: SECRET.slice(1) }, /32 bytes/],
      [{ issuer: '' }, /issuer/],
      [{ audience: '' }, /audience/],
    ];
    for (const [change, message] of wrong) {
      assert.throws(
        () => signToken({ ...OWN, now: NOW, lifetime: 60_000, user, ...change }),
        (error: Error) => !(error instanceof ServiceError) && message.test(error.message),
        String(message),
      );
    }
  });

  test('a secret that can be guessed is not used to verify either', () => {
    const secret = SECRET.slice(1);
    assert.throws(() => verifyOwnToken(forge(HEADER, CLAIMS, secret), { ...OWN, secret }, NOW), /32 bytes/);
  });

  test('the keys of this test are what they seem', () => {
    assert.equal(createPublicKey(pem).asymmetricKeyType, 'rsa');
  });
});
