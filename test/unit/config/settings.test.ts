import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { describeSettings, settingsAsMarkdown } from '../../../src/config/describe-settings.ts';
import { isAllowedOrigin } from '../../../src/config/loopback.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { fallbackOf, SETTING_NAMES, SETTINGS } from '../../../src/config/settings.ts';
import { nearestName } from '../../../src/platform/nearest-name.ts';

describe('the table of settings', () => {
  test('every default is a right value, written out, and changes nothing', () => {
    for (const mode of ['development', 'test'] as const) {
      const written = Object.fromEntries(SETTING_NAMES.map((name) => [name, fallbackOf(name, mode) ?? undefined]));
      assert.deepEqual(
        parseConfig({ ...written, NODE_ENV: mode }, { dir: '/app' }),
        parseConfig({ NODE_ENV: mode }, { dir: '/app' }),
      );
    }
  });

  test('everything that can hold a password or key is secret', () => {
    const secrets = SETTING_NAMES.filter((name) => SETTINGS[name].secret);
    assert.deepEqual(secrets, [
      'DATABASE_URL',
      'DATABASE_DIRECT_URL',
      'MONGODB_URL',
      'TABLECAST_APPLICATION_KEY',
      'TABLECAST_MASTER_KEY',
      'TABLECAST_TOKEN_SECRET',
    ]);
  });

  test('--help has every setting with its group, default and form, on lines that fit a terminal', () => {
    const help = describeSettings();
    for (const name of SETTING_NAMES) {
      const { group, kind } = SETTINGS[name];
      const unbroken = help.replace(/\s+/g, ' ');
      assert.ok(
        help.includes(`  ${name}`) && help.includes(`${group}:\n`) && unbroken.includes(`Value: ${kind.form}`),
        name,
      );
    }
    assert.match(help, /^ {2}PORT {2}\[4000\]$/m);
    assert.match(help, /^ {2}TABLECAST_GRAPHIQL {2}\[on; in production off\]$/m);
    assert.deepEqual(
      help.split('\n').filter((line) => line.length > 110),
      [],
    );
  });

  test('the Markdown table has one row of four cells a setting', () => {
    const lines = settingsAsMarkdown().trimEnd().split('\n');
    assert.equal(lines.length, SETTING_NAMES.length + 2);
    for (const line of lines) assert.equal(line.split(/(?<!\\)\|/).length, 6, line);
    assert.ok(lines.some((line) => line.startsWith('| `PORT` | ') && line.endsWith(' | `4000` |')));
    assert.ok(lines.some((line) => line.endsWith(' | `on`; in production `off` |')));
  });
});

describe('the nearest name', () => {
  const known = ['TABLECAST_MASTER_KEY', 'TABLECAST_POOL_SIZE', 'TABLECAST_TOKEN_ISSUER', 'TABLECAST_JWKS_ISSUER'];
  const cases: [string, string | undefined][] = [
    ['TABLECAST_MASTER_KEY', 'TABLECAST_MASTER_KEY'],
    ['TABLECAST_MASTERKEY', 'TABLECAST_MASTER_KEY'],
    ['TABLECAST_MASTER_KEYS', 'TABLECAST_MASTER_KEY'],
    ['TABLECAST_MASTRE_KEY', 'TABLECAST_MASTER_KEY'],
    ['TABLECAST_PUUL_SZIE', 'TABLECAST_POOL_SIZE'],
    ['TABLECAST_PUUL_ZISE', undefined],
    ['TABLECAST_JWKS_ISUSER', 'TABLECAST_JWKS_ISSUER'],
    ['TABLECAST_COLOUR', undefined],
    ['', undefined],
  ];
  for (const [name, nearest] of cases)
    test(name || '(nothing)', () => assert.equal(nearestName(name, known, 3), nearest));
});

describe('allowed origins', () => {
  const listed = { origins: ['https://a.example', 'capacitor://localhost'], loopback: false };
  const local = { origins: [], loopback: true };
  const cases: [typeof listed | typeof local, string, boolean][] = [
    [listed, 'https://a.example', true],
    [listed, 'capacitor://localhost', true],
    [listed, 'https://b.a.example', false],
    [listed, 'https://a.example.evil.example', false],
    [listed, 'http://a.example', false],
    [listed, 'http://localhost:3000', false],
    [local, 'http://localhost:3000', true],
    [local, 'https://127.0.0.1', true],
    [local, 'http://[::1]:5173', true],
    [local, 'http://localhost.evil.example', false],
    [local, 'http://127.evil.example', false],
    [local, 'http://localhost:3000/x', false],
    [local, 'capacitor://localhost', false],
    [local, 'null', false],
    [local, '', false],
  ];
  for (const [cors, origin, allowed] of cases) {
    test(`${cors.loopback ? 'loopback' : 'listed'}: ${origin || '(empty)'} ${allowed ? 'may' : 'may not'}`, () =>
      assert.equal(isAllowedOrigin(cors, origin), allowed));
  }
});
