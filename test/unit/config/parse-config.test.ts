import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, test } from 'node:test';
import { ConfigError } from '../../../src/config/config-error.ts';
import { type Config, parseConfig } from '../../../src/config/parse-config.ts';
import type { Environment } from '../../../src/config/read-settings.ts';
import { LIMITS } from '../../../src/graphql/limits.ts';

const APP = { dir: resolve('some-app') };
const KEY = 'Zk3vQ9wTtL0sXy7bNn2RrE5uMm8cHh4P';
const OTHER_KEY = 'aV6dPp1jWw9gKk4fSs7zCc2xTt5yBb0H';
const SECRET = 'qE8rGg3mUu6hJj1kYy4nDd9pLl2vFf7X';
const PRODUCTION = { NODE_ENV: 'production', TABLECAST_APPLICATION_KEY: KEY, TABLECAST_MASTER_KEY: OTHER_KEY };
const JWKS = {
  TABLECAST_JWKS_URL: 'https://issuer.example/jwks.json',
  TABLECAST_JWKS_ISSUER: 'https://issuer.example/',
  TABLECAST_JWKS_AUDIENCE: 'app',
};

const parse = (env: Environment) => parseConfig(env, APP);

function problemsOf(env: Environment): ConfigError['problems'] {
  try {
    parse(env);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems;
  }
  return [];
}

describe('values', () => {
  test('nothing set gives a development configuration that works on this machine only', () => {
    assert.deepEqual(parse({}), {
      mode: 'development',
      appDir: APP.dir,
      dataDir: resolve(APP.dir, '.tablecast'),
      logLevel: 'info',
      http: {
        host: '127.0.0.1',
        port: 4000,
        corsOrigins: { origins: [], loopback: true },
        bodyLimit: 1_000_000,
        requestTimeout: 30_000,
        introspection: true,
        graphiql: true,
      },
      keepAnswers: 86_400_000,
      keepChanges: 604_800_000,
      shutdownTimeout: 10_000,
      database: { kind: 'embedded' },
      pool: { size: 16, statementTimeout: 10_000, lockTimeout: 2_000, preparedStatements: 'auto' },
      limits: LIMITS,
      sockets: { operations: 100, queued: 1_000_000, message: 64_000, perUser: 100, perAddress: 200, all: 20_000 },
      scripts: {
        hosts: 2,
        headers: ['accept-language', 'user-agent'],
        deno: null,
        fetch: { allow: [], allowPrivate: [] },
      },
      mongodbUrl: null,
      givenKeys: { application: null, master: null, tokenSecret: null },
      ownTokens: { issuer: 'tablecast', audience: 'tablecast' },
      foreignTokens: null,
      warnings: [],
    });
  });

  test('production closes what development opens', () => {
    const { http, mode } = parse({ ...PRODUCTION, DATABASE_URL: 'postgres://db.example/app' });
    assert.equal(mode, 'production');
    assert.deepEqual(http.corsOrigins, { origins: [], loopback: false });
    assert.equal(http.introspection, false);
    assert.equal(http.graphiql, false);
  });

  const cases: [string, Environment, (config: Config) => unknown, unknown][] = [
    ['production tools can be opened', { ...PRODUCTION, TABLECAST_GRAPHIQL: 'on' }, (c) => c.http.graphiql, true],
    ['tools can be closed', { TABLECAST_INTROSPECTION: 'False' }, (c) => c.http.introspection, false],
    ['tests get what development gets', { NODE_ENV: 'test' }, (c) => c.http.introspection, true],
    [
      'blank is not set',
      { PORT: ' ', TABLECAST_MASTER_KEY: '' },
      (c) => [c.http.port, c.givenKeys.master],
      [4000, null],
    ],
    ['space around a value is cut off', { PORT: ' 81 ' }, (c) => c.http.port, 81],
    ['port 0', { PORT: '0' }, (c) => c.http.port, 0],
    ['host name', { HOST: 'localhost' }, (c) => c.http.host, 'localhost'],
    ['IPv6', { HOST: '::1' }, (c) => c.http.host, '::1'],
    ['seconds', { TABLECAST_LOCK_TIMEOUT: '1.5s' }, (c) => c.pool.lockTimeout, 1_500],
    ['milliseconds', { TABLECAST_LOCK_TIMEOUT: '500ms' }, (c) => c.pool.lockTimeout, 500],
    ['minutes', { TABLECAST_REQUEST_TIMEOUT: '2m' }, (c) => c.http.requestTimeout, 120_000],
    ['a plain time', { TABLECAST_STATEMENT_TIMEOUT: '2500' }, (c) => c.pool.statementTimeout, 2_500],
    ['the shutdown', { TABLECAST_SHUTDOWN_TIMEOUT: '1 min' }, (c) => c.shutdownTimeout, 60_000],
    ['kB', { TABLECAST_BODY_LIMIT: '512kB' }, (c) => c.http.bodyLimit, 512_000],
    ['MiB', { TABLECAST_BODY_LIMIT: '1MiB' }, (c) => c.http.bodyLimit, 1_048_576],
    ['a plain size', { TABLECAST_BODY_LIMIT: '2000' }, (c) => c.http.bodyLimit, 2_000],
    ['the pool', { TABLECAST_POOL_SIZE: '40' }, (c) => c.pool.size, 40],
    ['statement names', { TABLECAST_PREPARED_STATEMENTS: 'off' }, (c) => c.pool.preparedStatements, 'off'],
    ['the log level', { TABLECAST_LOG_LEVEL: 'silent' }, (c) => c.logLevel, 'silent'],
    ['a relative data folder', { TABLECAST_DATA_DIR: 'a/b' }, (c) => c.dataDir, resolve(APP.dir, 'a/b')],
    ['an absolute data folder', { TABLECAST_DATA_DIR: resolve('x') }, (c) => c.dataDir, resolve('x')],
    [
      'own tokens',
      { TABLECAST_TOKEN_ISSUER: 'i', TABLECAST_TOKEN_AUDIENCE: 'a' },
      (c) => c.ownTokens,
      { issuer: 'i', audience: 'a' },
    ],
    [
      'a MongoDB of several hosts',
      { MONGODB_URL: 'mongodb://u:p@a:1,b:2/d?w=1' },
      (c) => c.mongodbUrl,
      'mongodb://u:p@a:1,b:2/d?w=1',
    ],
    ['a MongoDB by SRV', { MONGODB_URL: 'mongodb+srv://m.example' }, (c) => c.mongodbUrl, 'mongodb+srv://m.example'],
    [
      'one database URL serves both purposes',
      { DATABASE_URL: 'postgresql:///app?host=/run/postgresql' },
      (c) => c.database,
      {
        kind: 'server',
        url: 'postgresql:///app?host=/run/postgresql',
        directUrl: 'postgresql:///app?host=/run/postgresql',
      },
    ],
    [
      'a direct database URL',
      { DATABASE_URL: 'postgres://pooler/app', DATABASE_DIRECT_URL: 'postgres://db/app' },
      (c) => c.database,
      { kind: 'server', url: 'postgres://pooler/app', directUrl: 'postgres://db/app' },
    ],
    [
      'origins',
      { TABLECAST_CORS_ORIGINS: 'https://a.example, capacitor://localhost,http://localhost:8100,loopback' },
      (c) => c.http.corsOrigins,
      { origins: ['https://a.example', 'capacitor://localhost', 'http://localhost:8100'], loopback: true },
    ],
    ['no origin', { TABLECAST_CORS_ORIGINS: 'none' }, (c) => c.http.corsOrigins, { origins: [], loopback: false }],
    [
      'tokens of another issuer',
      { ...JWKS, TABLECAST_JWKS_AUDIENCE: 'one, two,one' },
      (c) => c.foreignTokens,
      {
        jwksUrl: 'https://issuer.example/jwks.json',
        issuer: 'https://issuer.example/',
        audiences: ['one', 'two'],
        algorithms: ['RS256', 'ES256', 'PS256', 'EdDSA'],
        rolesClaim: 'roles',
      },
    ],
    [
      'a JWKS on this machine',
      { ...JWKS, TABLECAST_JWKS_URL: 'http://127.0.0.1:9/k', TABLECAST_JWKS_ALGORITHMS: 'ES384' },
      (c) => [c.foreignTokens?.jwksUrl, c.foreignTokens?.algorithms],
      ['http://127.0.0.1:9/k', ['ES384']],
    ],
  ];
  for (const [name, env, part, expected] of cases) test(name, () => assert.deepEqual(part(parse(env)), expected));

  test('the configuration is frozen all the way down', () => {
    const config = parse({ ...JWKS, TABLECAST_CORS_ORIGINS: 'https://a.example' });
    const open = (value: object): string[] =>
      Object.entries(value).flatMap(([key, part]) =>
        typeof part === 'object' && part !== null ? [...(Object.isFrozen(part) ? [] : [key]), ...open(part)] : [],
      );
    assert.ok(Object.isFrozen(config));
    assert.deepEqual(open(config), []);
  });
});

describe('problems', () => {
  const wrong: [Environment, string, RegExp][] = [
    [{ PORT: 'http' }, 'PORT', /is not a whole number: "http"/],
    [{ PORT: '65536' }, 'PORT', /too large/],
    [{ PORT: '-1' }, 'PORT', /not a whole number/],
    [{ PORT: '4e3' }, 'PORT', /not a whole number/],
    [{ HOST: 'localhost:4000' }, 'HOST', /not an IP address/],
    [{ HOST: 'http://localhost' }, 'HOST', /not an IP address/],
    [{ HOST: '127.0.0.256' }, 'HOST', /not an IP address/],
    [{ NODE_ENV: 'staging' }, 'NODE_ENV', /words/],
    [{ NODE_ENV: 'Production' }, 'NODE_ENV', /words/],
    [{ DATABASE_URL: 'mysql://db' }, 'DATABASE_URL', /postgres:\/\//],
    [{ DATABASE_URL: 'postgres://u:a#b@db/app' }, 'DATABASE_URL', /is not a URL/],
    [{ DATABASE_DIRECT_URL: 'postgres://db/app' }, 'DATABASE_DIRECT_URL', /without DATABASE_URL/],
    [{ MONGODB_URL: 'http://m' }, 'MONGODB_URL', /mongodb:\/\//],
    [{ MONGODB_URL: 'mongodb://' }, 'MONGODB_URL', /not a URL/],
    [{ MONGODB_URL: 'mongodb://a:1,b:x/d' }, 'MONGODB_URL', /not a URL/],
    [{ TABLECAST_APPLICATION_KEY: 'two words' }, 'TABLECAST_APPLICATION_KEY', /spaces/],
    [{ TABLECAST_APPLICATION_KEY: `${KEY}\n` }, 'TABLECAST_APPLICATION_KEY', /line breaks/],
    [{ TABLECAST_MASTER_KEY: 'a,b' }, 'TABLECAST_MASTER_KEY', /comma/],
    [{ TABLECAST_MASTER_KEY: 'schlüssel' }, 'TABLECAST_MASTER_KEY', /ASCII/],
    [{ TABLECAST_TOKEN_SECRET: 'x'.repeat(31) }, 'TABLECAST_TOKEN_SECRET', /has 31 bytes and needs 32/],
    [{ TABLECAST_TOKEN_SECRET: ` ${SECRET}` }, 'TABLECAST_TOKEN_SECRET', /begins or ends/],
    [
      { TABLECAST_APPLICATION_KEY: KEY, TABLECAST_MASTER_KEY: KEY },
      'TABLECAST_MASTER_KEY',
      /equal to TABLECAST_APPLICATION_KEY/,
    ],
    [
      { TABLECAST_APPLICATION_KEY: KEY, TABLECAST_TOKEN_SECRET: KEY },
      'TABLECAST_TOKEN_SECRET',
      /equal to TABLECAST_APPL/,
    ],
    [{ TABLECAST_MASTER_KEY: KEY, TABLECAST_TOKEN_SECRET: KEY }, 'TABLECAST_TOKEN_SECRET', /equal to TABLECAST_MASTER/],
    [{ ...JWKS, TABLECAST_JWKS_URL: 'http://issuer.example/k' }, 'TABLECAST_JWKS_URL', /not an https/],
    [{ ...JWKS, TABLECAST_JWKS_URL: 'http://127.evil.example/k' }, 'TABLECAST_JWKS_URL', /not an https/],
    [{ ...JWKS, TABLECAST_JWKS_URL: 'file:///etc/keys' }, 'TABLECAST_JWKS_URL', /not an https/],
    [{ ...JWKS, TABLECAST_JWKS_URL: 'issuer.example' }, 'TABLECAST_JWKS_URL', /not a URL/],
    [{ ...JWKS, TABLECAST_JWKS_URL: 'https://u:p@issuer.example/' }, 'TABLECAST_JWKS_URL', /password/],
    [{ ...JWKS, TABLECAST_JWKS_ISSUER: '' }, 'TABLECAST_JWKS_ISSUER', /is not set/],
    [{ ...JWKS, TABLECAST_JWKS_AUDIENCE: undefined }, 'TABLECAST_JWKS_AUDIENCE', /is not set/],
    [{ ...JWKS, TABLECAST_JWKS_AUDIENCE: 'a,,b' }, 'TABLECAST_JWKS_AUDIENCE', /empty entry/],
    [{ TABLECAST_JWKS_ISSUER: 'i' }, 'TABLECAST_JWKS_ISSUER', /without TABLECAST_JWKS_URL/],
    [{ TABLECAST_JWKS_AUDIENCE: 'a' }, 'TABLECAST_JWKS_AUDIENCE', /without TABLECAST_JWKS_URL/],
    ...['HS256', 'none', 'RS256,HS512', 'rs256', 'RS256,'].map((value): [Environment, string, RegExp] => [
      { TABLECAST_JWKS_ALGORITHMS: value },
      'TABLECAST_JWKS_ALGORITHMS',
      /words|empty/,
    ]),
    [{ TABLECAST_LOG_LEVEL: 'loud' }, 'TABLECAST_LOG_LEVEL', /words/],
    [{ TABLECAST_BODY_LIMIT: '1TB' }, 'TABLECAST_BODY_LIMIT', /unit/],
    [{ TABLECAST_BODY_LIMIT: '1GB' }, 'TABLECAST_BODY_LIMIT', /unit/],
    [{ TABLECAST_BODY_LIMIT: '200MB' }, 'TABLECAST_BODY_LIMIT', /too large/],
    [{ TABLECAST_BODY_LIMIT: '12' }, 'TABLECAST_BODY_LIMIT', /too small/],
    [{ TABLECAST_REQUEST_TIMEOUT: '30' }, 'TABLECAST_REQUEST_TIMEOUT', /too small/],
    [{ TABLECAST_REQUEST_TIMEOUT: '0' }, 'TABLECAST_REQUEST_TIMEOUT', /too small/],
    [{ TABLECAST_REQUEST_TIMEOUT: '2h' }, 'TABLECAST_REQUEST_TIMEOUT', /too large/],
    [{ TABLECAST_REQUEST_TIMEOUT: 'soon' }, 'TABLECAST_REQUEST_TIMEOUT', /number and a unit/],
    [{ TABLECAST_POOL_SIZE: '1' }, 'TABLECAST_POOL_SIZE', /too small/],
    [{ TABLECAST_PREPARED_STATEMENTS: 'yes' }, 'TABLECAST_PREPARED_STATEMENTS', /words/],
    [{ TABLECAST_COST_LIMIT: '0' }, 'TABLECAST_COST_LIMIT', /too small/],
    [{ TABLECAST_FILTER_DEPTH_LIMIT: '0' }, 'TABLECAST_FILTER_DEPTH_LIMIT', /too small/],
    [{ TABLECAST_FILTER_CONDITIONS_LIMIT: '10001' }, 'TABLECAST_FILTER_CONDITIONS_LIMIT', /too large/],
    [{ TABLECAST_PAGE_SIZE: '1001' }, 'TABLECAST_PAGE_SIZE', /is 1001, .* TABLECAST_PAGE_LIMIT is 1000/],
    [{ TABLECAST_PAGE_LIMIT: '20' }, 'TABLECAST_PAGE_SIZE', /is 50, .* TABLECAST_PAGE_LIMIT is 20/],
    [{ TABLECAST_GRAPHIQL: 'maybe' }, 'TABLECAST_GRAPHIQL', /neither on nor off/],
    ...[
      '*',
      'https://*.example.com',
      'https://a.example/',
      'HTTPS://a.example',
      'https://a.example:443',
      'a.example',
      'null',
      'https://a.example,',
    ].map((value): [Environment, string, RegExp] => [
      { TABLECAST_CORS_ORIGINS: value },
      'TABLECAST_CORS_ORIGINS',
      /exact origin|every page/,
    ]),
  ];
  for (const [env, variable, message] of wrong) {
    test(`${JSON.stringify(env)} is refused`, () => {
      const problems = problemsOf(env);
      assert.deepEqual(
        problems.map((problem) => problem.variable),
        [variable],
      );
      assert.match(problems[0]?.wrong ?? '', message);
      assert.match(problems[0]?.fix ?? '', /^[A-Z].+\.$/);
    });
  }

  test('all problems come at once, those between settings too, in one readable message', () => {
    const env = {
      PORT: 'x',
      TABLECAST_POOL_SIZE: 'y',
      TABLECAST_JWKS_URL: 'https://i.example/k',
      NODE_ENV: 'production',
    };
    assert.deepEqual(
      problemsOf(env).map(({ variable }) => variable),
      [
        'PORT',
        'TABLECAST_POOL_SIZE',
        'TABLECAST_APPLICATION_KEY',
        'TABLECAST_MASTER_KEY',
        'TABLECAST_JWKS_ISSUER',
        'TABLECAST_JWKS_AUDIENCE',
      ],
    );
    assert.throws(() => parse({ PORT: 'x' }), {
      message:
        'The configuration has a problem:\n  PORT is not a whole number: "x". Set it to a whole number from 0 to 65535.',
    });
  });

  test('no secret is in a message', () => {
    const canary = 'c4n4ry';
    const env = {
      DATABASE_URL: `postgres://u:${canary}#@db`,
      DATABASE_DIRECT_URL: `${canary}://db`,
      MONGODB_URL: `mongodb://u:${canary}@`,
      TABLECAST_APPLICATION_KEY: `${canary} x`,
      TABLECAST_MASTER_KEY: `${canary},`,
      TABLECAST_TOKEN_SECRET: canary,
      TABLECAST_JWKS_URL: `https://u:${canary}@issuer.example/`,
      TABLECAST_UNKNOWN: canary,
    };
    assert.throws(
      () => parse(env),
      (error: ConfigError) => error.problems.length >= 7 && !error.message.includes(canary),
    );
    assert.equal(JSON.stringify(parse({ TABLECAST_UNKNOWN: canary }).warnings).includes(canary), false);
  });

  const weak: [string, RegExp][] = [
    ['', /is not set/],
    [KEY.slice(1), /has 31 characters and needs 32/],
    [`dev-application-${KEY}`, /made for development/],
    ['change-me-change-me-before-production', /placeholder/],
    ['your-256-bit-secret-your-256-bit-secret', /placeholder/],
    ['a-string-secret-at-least-256-bits-long', /placeholder/],
    ['0123456789abcdef0123456789abcdef', /placeholder/],
    ['abababababababababababababababababab', /repeats/],
  ];
  for (const [value, message] of weak) {
    test(`production refuses the key ${JSON.stringify(value)}`, () => {
      for (const variable of ['TABLECAST_APPLICATION_KEY', 'TABLECAST_MASTER_KEY']) {
        const problems = problemsOf({ ...PRODUCTION, [variable]: value });
        assert.deepEqual(
          problems.map((problem) => problem.variable),
          [variable],
        );
        assert.match(problems[0]?.wrong ?? '', message);
      }
      if (value.length >= 32) {
        assert.equal(
          problemsOf({ ...PRODUCTION, TABLECAST_TOKEN_SECRET: value })[0]?.variable,
          'TABLECAST_TOKEN_SECRET',
        );
      }
      if (value !== '') assert.deepEqual(problemsOf({ TABLECAST_MASTER_KEY: value }), []);
    });
  }

  test('production takes strong keys', () => {
    const { givenKeys } = parse({ ...PRODUCTION, TABLECAST_TOKEN_SECRET: SECRET });
    assert.deepEqual(givenKeys, { application: KEY, master: OTHER_KEY, tokenSecret: SECRET });
  });
});

describe('warnings', () => {
  const cases: [Environment, RegExp][] = [
    [{ TABLECAST_MASTERKEY: 'x' }, /^TABLECAST_MASTERKEY .*Did you mean TABLECAST_MASTER_KEY\?$/],
    [{ TABLECAST_POOL_SZIE: '1' }, /Did you mean TABLECAST_POOL_SIZE\?$/],
    [{ tablecast_log_level: 'x' }, /Did you mean TABLECAST_LOG_LEVEL\?$/],
    [{ TABLECAST_COLOUR_OF_BIKE_SHED: 'x' }, /--help/],
    [{ HOST: '0.0.0.0' }, /^HOST is 0\.0\.0\.0 in development/],
    [{ ...PRODUCTION, TABLECAST_TOKEN_SECRET: SECRET }, /^DATABASE_URL is not set/],
    [{ ...PRODUCTION, DATABASE_URL: 'postgres://db' }, /no user can sign in/],
  ];
  for (const [env, message] of cases) {
    test(`${JSON.stringify(env)} gives one`, () => {
      const { warnings } = parse(env);
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? '', message);
    });
  }

  test('names of others, and unset ones, give none', () => {
    assert.deepEqual(parse({ PATH: '/bin', TABLECASTLE: 'x', TABLECAST_X: undefined }).warnings, []);
  });
});
