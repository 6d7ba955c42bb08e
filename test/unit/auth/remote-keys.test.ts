// How the keys of another issuer are had, kept and done without.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, mock, test } from 'node:test';
import { ALICE, CLAIMS, KEYS, MINUTE, NOW, openBench, SECONDS } from './foreign-bench.ts';
import { type Answer, held, keySet, sign, text } from './issuer.ts';

const { rsa, other, ec, ed } = KEYS;
const { publicKey: weak } = generateKeyPairSync('rsa', { modulusLength: 1024 });

describe('keys that cannot be had are an outage, not a wrong token', () => {
  const UNAVAILABLE = /^SERVICE_UNAVAILABLE 5: The user token cannot be checked now/;
  const answers: [string, Answer][] = [
    ['HTTP 500', text(500, '{"keys":[]}')],
    ['HTTP 404', text(404, 'no')],
    ['a redirect', (response, request) => text(302, '', { location: `${request.url}?2` })(response, request)],
    ['no JSON', text(200, '<html>')],
    ['JSON null', text(200, 'null')],
    ['no keys', text(200, '{}')],
    ['keys that are none', text(200, '{"keys":[7]}')],
    ['no end', text(200, `{"keys":[]}${' '.repeat(300_000)}`)],
    ['a broken connection', (response) => response.destroy()],
    ['a weak key', text(200, JSON.stringify({ keys: [{ ...weak.export({ format: 'jwk' }), kid: 'rsa' }] }))],
  ];
  for (const [name, answer] of answers) {
    test(name, async (t) => {
      const { ask, server } = await openBench(t, {}, answer);
      const token = await sign(rsa, CLAIMS);
      assert.match(String(await ask(token)), UNAVAILABLE);
      assert.match(String(await ask(token)), UNAVAILABLE);
      assert.equal(server.count, 1, 'the issuer was asked again at once');
    });
  }

  test('nobody is listening', async (t) => {
    const { ask } = await openBench(t, { jwksUrl: 'http://127.0.0.1:1/keys' });
    assert.match(String(await ask(await sign(rsa, CLAIMS))), UNAVAILABLE);
  });

  test('the issuer is left alone for five seconds, then asked again', async (t) => {
    const { ask, server, clock } = await openBench(t, {}, text(500, ''));
    const token = await sign(rsa, CLAIMS);
    for (let n = 0; n < 20; n++) assert.match(String(await ask(token)), UNAVAILABLE);
    assert.equal(server.count, 1);
    server.answer = keySet(rsa);
    clock.now += 4_999;
    assert.match(String(await ask(token)), UNAVAILABLE);
    clock.now += 1;
    assert.deepEqual(await ask(token), ALICE);
    assert.equal(server.count, 2);
  });

  test('a clock that is set back does not prolong the outage', async (t) => {
    const { ask, server, clock } = await openBench(t, {}, text(500, ''));
    const token = await sign(rsa, { ...CLAIMS, iat: 0 });
    assert.match(String(await ask(token)), UNAVAILABLE);
    server.answer = keySet(rsa);
    clock.now -= 24 * 60 * MINUTE;
    assert.deepEqual(await ask(token), ALICE);
  });

  test('closing ends a fetch under way and all verifying', async (t) => {
    const { answer: never, asked } = held(keySet(rsa));
    const { ask, close, clock, server } = await openBench(t, {}, never);
    const answer = ask(await sign(rsa, CLAIMS));
    await asked;
    close();
    assert.match(String(await answer), UNAVAILABLE);
    server.answer = keySet(ec);
    clock.now += MINUTE;
    assert.match(String(await ask(await sign(ec, CLAIMS))), UNAVAILABLE);
  });
});

describe('keys and verified tokens are kept, within bounds', () => {
  test('many tokens at once make one fetch', async (t) => {
    const { ask, server } = await openBench(t);
    const tokens = await Promise.all(Array.from({ length: 20 }, (_, n) => sign(ec, { ...CLAIMS, n })));
    const users = await Promise.all(tokens.map(ask));
    assert.deepEqual(
      users,
      Array.from({ length: 20 }, (_, n) => ({ ...ALICE, claims: { n } })),
    );
    assert.equal(server.count, 1);
  });

  test('unknown kids do not make the issuer be asked again and again, but a new key is found', async (t) => {
    mock.timers.enable({ apis: ['Date'], now: NOW });
    t.after(() => mock.timers.reset());
    const { ask, server } = await openBench(t);
    await ask(await sign(rsa, CLAIMS));
    for (let n = 0; n < 10; n++)
      assert.match(String(await ask(await sign({ ...other, kid: `k${n}` }, CLAIMS))), /\(kid\)/);
    assert.equal(server.count, 1);
    server.answer = keySet(rsa, other);
    mock.timers.tick(30_001);
    assert.deepEqual(await ask(await sign(other, CLAIMS)), ALICE);
    assert.equal(server.count, 2);
  });

  test('a token is not right past its expiry for having been right before', async (t) => {
    const { ask, clock } = await openBench(t);
    const token = await sign(rsa, { ...CLAIMS, exp: SECONDS + 60 });
    assert.deepEqual(await ask(token), ALICE);
    clock.now = NOW + MINUTE - 1;
    assert.deepEqual(await ask(token), ALICE);
    clock.now = NOW + MINUTE;
    assert.match(String(await ask(token)), /has expired: /);
  });

  test('a withdrawn key ends its tokens when the hour and the five minutes are over', async (t) => {
    const { ask, clock, server } = await openBench(t);
    const token = await sign(rsa, CLAIMS);
    assert.deepEqual(await ask(token), ALICE);
    server.answer = keySet(other);
    clock.now = NOW + 61 * MINUTE;
    assert.match(String(await ask(token)), /does not publish \(kid\)/);
  });

  test('old keys are renewed beside, without a token waiting for it', async (t) => {
    const { ask, clock, server } = await openBench(t);
    assert.deepEqual(await ask(await sign(rsa, CLAIMS)), ALICE);
    const { answer, asked } = held(keySet(other));
    server.answer = answer;
    clock.now = NOW + 11 * MINUTE;
    assert.deepEqual(await ask(await sign(ec, CLAIMS)), ALICE);
    (await asked)();
    assert.equal(server.count, 2);
  });

  test('an outage is not noticed while the kept keys last', async (t) => {
    const { ask, clock, server } = await openBench(t);
    assert.deepEqual(await ask(await sign(rsa, CLAIMS)), ALICE);
    server.answer = text(500, '');
    clock.now = NOW + 59 * MINUTE;
    assert.deepEqual(await ask(await sign(ec, CLAIMS)), ALICE);
    clock.now = NOW + 61 * MINUTE;
    assert.match(String(await ask(await sign(ed, CLAIMS))), /^SERVICE_UNAVAILABLE /);
  });

  test('a verified token is believed for five minutes, also when its key is gone', async (t) => {
    mock.timers.enable({ apis: ['Date'], now: NOW });
    t.after(() => mock.timers.reset());
    const { ask, clock, server } = await openBench(t);
    const [token, unseen] = await Promise.all([sign(rsa, CLAIMS), sign(rsa, { ...CLAIMS, n: 1 })]);
    assert.deepEqual(await ask(token), ALICE);
    server.answer = keySet(other);
    mock.timers.tick(30_001);
    assert.deepEqual(await ask(await sign(other, CLAIMS)), ALICE);
    assert.match(String(await ask(unseen)), /\(kid\)/);
    clock.now = NOW + 5 * MINUTE - 1;
    assert.deepEqual(await ask(token), ALICE);
    clock.now = NOW + 5 * MINUTE;
    assert.match(String(await ask(token)), /\(kid\)/);
  });
});
