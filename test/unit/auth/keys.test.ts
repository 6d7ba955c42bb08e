import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { KeyRing } from '../../../src/auth/keys.ts';

const keys = { application: 'the-application-key', master: 'the-master-key' };
const ring = new KeyRing(keys);

const sent: [string, boolean, boolean][] = [
  ['the-application-key', true, false],
  ['the-master-key', false, true],
  ['the-application-ke', false, false],
  ['the-application-key ', false, false],
  ['The-application-key', false, false],
  ['the-master-key, the-master-key', false, false],
  ['', false, false],
  ['x'.repeat(100_000), false, false],
];
for (const [key, application, master] of sent) {
  test(`${JSON.stringify(key.slice(0, 40))} is ${application ? 'the application key' : master ? 'the master key' : 'no key'}`, () => {
    assert.equal(ring.isApplicationKey(key), application);
    assert.equal(ring.isMasterKey(key), master);
  });
}

test('a key that is no text is no key', () => {
  for (const odd of [undefined, null, 7, ['the-master-key'], {}]) {
    assert.throws(() => ring.isMasterKey(odd as string), TypeError);
  }
});

test('the keys themselves are not kept', () => {
  assert.equal(
    /the-application-key|the-master-key/.test(inspect(ring, { showHidden: true, depth: 9 }) + JSON.stringify(ring)),
    false,
  );
});

test('no ring is made of empty or equal keys', () => {
  assert.throws(() => new KeyRing({ ...keys, application: '' }), /empty/);
  assert.throws(() => new KeyRing({ ...keys, master: '' }), /empty/);
  assert.throws(() => new KeyRing({ application: 'a', master: 'a' }), /is the master key/);
});
