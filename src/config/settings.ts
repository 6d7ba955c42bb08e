// The one table of settings. Parsing, the --help text, the README's table and the warnings about unknown names are all
// made from it; what holds between several settings is in check-settings.ts.

import { LOG_LEVELS } from '../platform/log.ts';
import { corsOrigins, fetchHost, jwksUrl, mongodbUrl, postgresUrl, privatePlace } from './address-kinds.ts';
import { clientKey, tokenSecret } from './secret-kinds.ts';
import { duration, flag, folder, host, type Kind, listOf, oneOf, size, text, wholeNumber } from './value-kinds.ts';

export type Mode = 'development' | 'production' | 'test';

/** The text that stands for a setting that is not set; by mode where production has to be stricter. */
export type Fallback = string | { readonly development: string; readonly production: string };

type Group = 'Server' | 'Data' | 'Keys and user tokens' | 'Tokens of another issuer' | 'Scripts' | 'Limits' | 'Tools';

export interface Setting<T> {
  readonly group: Group;
  readonly about: string;
  readonly kind: Kind<unknown>;
  /** null: the setting has no value when it is not set. */
  readonly fallback: Fallback | null;
  readonly secret: boolean;
  /** Never there: carries the type of the value. */
  readonly value?: T;
}

/** A setting that always has a value. */
function given<T>(group: Group, kind: Kind<T>, fallback: Fallback, about: string): Setting<T> {
  return { group, about, kind, fallback, secret: false };
}

/** A setting that may have no value, null. */
function optional<T>(group: Group, kind: Kind<T>, about: string): Setting<T | null> {
  return { group, about, kind, fallback: null, secret: false };
}

/** An optional setting whose value is never shown. */
function secret<T>(group: Group, kind: Kind<T>, about: string): Setting<T | null> {
  return { ...optional(group, kind, about), secret: true };
}

/** What may sign another issuer's tokens: asymmetric only, so that no published key is ever taken for a secret. */
const SIGNATURES = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;

const MODES: readonly Mode[] = ['development', 'production', 'test'];
const DEVELOPMENT_ONLY = { development: 'on', production: 'off' };

export const SETTINGS = {
  HOST: given('Server', host, '127.0.0.1', 'The address to listen on; 0.0.0.0 is every IPv4 address of the machine'),
  PORT: given('Server', wholeNumber(0, 65_535), '4000', 'The port to listen on; 0 takes any free one'),
  NODE_ENV: given('Server', oneOf(MODES), 'development', 'Production asks for keys and closes what development opens'),
  TABLECAST_CORS_ORIGINS: given(
    'Server',
    corsOrigins,
    { development: 'loopback', production: 'none' },
    'The web pages that may call the service from a browser',
  ),
  TABLECAST_LOG_LEVEL: given('Server', oneOf(LOG_LEVELS), 'info', 'The least serious message that is logged'),

  DATABASE_URL: secret('Data', postgresUrl, 'The PostgreSQL to use; without it the service runs its own'),
  DATABASE_DIRECT_URL: secret(
    'Data',
    postgresUrl,
    'The same database past a transaction pooler, for LISTEN and schema changes; without it DATABASE_URL',
  ),
  TABLECAST_PREPARED_STATEMENTS: given(
    'Data',
    oneOf(['auto', 'on', 'off'] as const),
    'auto',
    'Whether PostgreSQL keeps often used statements planned; auto does where no connection pooler stands before it',
  ),
  TABLECAST_IDEMPOTENCY_LIFETIME: given(
    'Data',
    duration('1m', '720h'),
    '24h',
    'How long a write that is sent again under its Idempotency-Key gets the answer of the first time',
  ),
  TABLECAST_CHANGE_LOG_RETENTION: given(
    'Data',
    duration('1m', '192h'),
    '168h',
    'How long a change stays in the change log: a client that was away for longer starts anew',
  ),
  MONGODB_URL: secret('Data', mongodbUrl, 'The MongoDB to use beside PostgreSQL'),
  TABLECAST_DATA_DIR: given(
    'Data',
    folder,
    '.tablecast',
    'Where the service keeps what it makes: its own PostgreSQL, development keys',
  ),

  TABLECAST_APPLICATION_KEY: secret(
    'Keys and user tokens',
    clientKey,
    'What the app sends as X-Application-Key; required in production, made by the service in development',
  ),
  TABLECAST_MASTER_KEY: secret(
    'Keys and user tokens',
    clientKey,
    'What administrators send as X-Master-Key, allowed everything; required in production, made in development',
  ),
  TABLECAST_TOKEN_SECRET: secret(
    'Keys and user tokens',
    tokenSecret,
    "Signs and verifies the service's own user tokens (HS256); made in development, none are accepted without it in production",
  ),
  TABLECAST_TOKEN_ISSUER: given('Keys and user tokens', text, 'tablecast', 'The iss of own tokens'),
  TABLECAST_TOKEN_AUDIENCE: given('Keys and user tokens', text, 'tablecast', 'The aud of own tokens'),

  TABLECAST_JWKS_URL: optional('Tokens of another issuer', jwksUrl, 'Where the issuer publishes its signing keys'),
  TABLECAST_JWKS_ISSUER: optional(
    'Tokens of another issuer',
    text,
    'The iss its tokens must have, exactly; required with TABLECAST_JWKS_URL',
  ),
  TABLECAST_JWKS_AUDIENCE: optional(
    'Tokens of another issuer',
    listOf(text, 'one or more audiences with commas between them'),
    'The aud its tokens must have, one of these exactly; required with TABLECAST_JWKS_URL',
  ),
  TABLECAST_JWKS_ALGORITHMS: given(
    'Tokens of another issuer',
    listOf(oneOf(SIGNATURES), `some of ${SIGNATURES.join(',')}`),
    'RS256,ES256,PS256,EdDSA',
    'The signatures its tokens may have',
  ),
  TABLECAST_JWKS_ROLES_CLAIM: given(
    'Tokens of another issuer',
    text,
    'roles',
    'The claim with the array of roles: a whole name, like https://example.com/roles, or a path, like app_metadata.roles',
  ),

  TABLECAST_SCRIPT_HOSTS: given(
    'Scripts',
    wholeNumber(1, 64),
    '2',
    'How many processes run scripts; one more is kept ready, and none is started for an app without scripts',
  ),
  TABLECAST_SCRIPT_HEADERS: given(
    'Scripts',
    listOf(text, 'names of headers with commas between them'),
    'accept-language,user-agent',
    'The headers of requests that scripts may read, as ctx.headers',
  ),
  TABLECAST_FETCH_HOSTS: optional(
    'Scripts',
    listOf(
      fetchHost,
      'api.example.com, *.example.com or host:8443 with commas between them, or * for every public host',
    ),
    'Where scripts may send requests with ctx.fetch; nowhere unless it is set. Without a port: 80 and 443',
  ),
  TABLECAST_FETCH_PRIVATE: optional(
    'Scripts',
    listOf(privatePlace, 'hosts and networks, like localhost or 10.0.0.0/8, with commas between them'),
    'Which of them may be reached though their addresses are private',
  ),
  TABLECAST_DENO: optional('Scripts', text, 'The path of a Deno to run scripts with, instead of the installed package'),

  TABLECAST_PAGE_SIZE: given(
    'Limits',
    wholeNumber(1, 100_000),
    '50',
    'The rows of a page when a client does not say how many',
  ),
  TABLECAST_PAGE_LIMIT: given('Limits', wholeNumber(1, 100_000), '1000', 'The most rows that a page may have'),
  TABLECAST_ROWS_LIMIT: given(
    'Limits',
    wholeNumber(1, 100_000_000),
    '10000',
    'The most rows that an operation may ask for, by the sizes of its pages',
  ),
  TABLECAST_COST_LIMIT: given(
    'Limits',
    wholeNumber(1, 1_000_000_000),
    '20000',
    'The most that an operation may cost: rows, counts and aggregates, as docs/limits.md reckons them',
  ),
  TABLECAST_DEPTH_LIMIT: given('Limits', wholeNumber(1, 50), '10', 'The most levels of fields in an operation'),
  TABLECAST_ALIASES_LIMIT: given(
    'Limits',
    wholeNumber(0, 10_000),
    '100',
    'The most fields under another name in an operation, of those at its root or with fields of their own',
  ),
  TABLECAST_FIELDS_LIMIT: given(
    'Limits',
    wholeNumber(1, 100_000),
    '10000',
    'The most fields and fragments in an operation, with its fragments opened',
  ),
  TABLECAST_FILTER_DEPTH_LIMIT: given(
    'Limits',
    wholeNumber(1, 50),
    '10',
    'The most levels of AND, OR, NOT and relations in a filter',
  ),
  TABLECAST_FILTER_CONDITIONS_LIMIT: given(
    'Limits',
    wholeNumber(1, 10_000),
    '100',
    'The most comparisons and relations in a filter',
  ),
  TABLECAST_ORDER_KEYS_LIMIT: given('Limits', wholeNumber(1, 100), '10', 'The most keys in an orderBy'),
  TABLECAST_ORDER_RELATIONS_LIMIT: given(
    'Limits',
    wholeNumber(0, 20),
    '5',
    'The most relations on the way to one key of an orderBy',
  ),
  TABLECAST_SOCKET_OPERATIONS: given(
    'Limits',
    wholeNumber(1, 10_000),
    '100',
    'The most subscriptions that one WebSocket may have at once',
  ),
  TABLECAST_SOCKET_QUEUE: given(
    'Limits',
    size('16kB', '100MB'),
    '1MB',
    'What may wait for a client that is slow; beyond it the client is told the rest later, from the change log',
  ),
  TABLECAST_SOCKET_MESSAGE: given(
    'Limits',
    size('1kB', '10MB'),
    '64kB',
    'The largest message that a client may send over a WebSocket',
  ),
  TABLECAST_SOCKETS_PER_USER: given('Limits', wholeNumber(1, 100_000), '100', 'The most WebSockets of one user'),
  TABLECAST_SOCKETS_PER_ADDRESS: given(
    'Limits',
    wholeNumber(1, 100_000),
    '200',
    'The most WebSockets from one address that no user is signed in on',
  ),
  TABLECAST_SOCKETS: given('Limits', wholeNumber(1, 1_000_000), '20000', 'The most WebSockets of this process'),
  TABLECAST_BODY_LIMIT: given('Limits', size('1kB', '100MB'), '1MB', 'The largest request body'),
  TABLECAST_REQUEST_TIMEOUT: given(
    'Limits',
    duration('100ms', '1h'),
    '30s',
    'The longest a request may take to arrive',
  ),
  TABLECAST_STATEMENT_TIMEOUT: given('Limits', duration('100ms', '1h'), '10s', 'The longest an SQL statement may take'),
  TABLECAST_LOCK_TIMEOUT: given('Limits', duration('100ms', '1h'), '2s', 'The longest a statement waits for a lock'),
  TABLECAST_POOL_SIZE: given('Limits', wholeNumber(2, 1_000), '16', 'The most connections to PostgreSQL'),
  TABLECAST_SHUTDOWN_TIMEOUT: given(
    'Limits',
    duration('100ms', '10m'),
    '10s',
    'The longest each part may take to finish its work when the service stops',
  ),

  TABLECAST_INTROSPECTION: given(
    'Tools',
    flag,
    DEVELOPMENT_ONLY,
    'Whether callers may ask for the schema; the master key always may',
  ),
  TABLECAST_GRAPHIQL: given('Tools', flag, DEVELOPMENT_ONLY, 'Whether the GraphiQL page is served'),
} as const satisfies Record<string, Setting<unknown>>;

export type SettingName = keyof typeof SETTINGS;
export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

/** The value of every setting. */
export type Values = {
  readonly [Name in SettingName]: (typeof SETTINGS)[Name] extends Setting<infer T> ? T : never;
};

/** The text that stands for a setting that is not set, in a mode; tests get what development gets. */
export function fallbackOf(name: SettingName, mode: Mode): string | null {
  const { fallback } = SETTINGS[name] as Setting<unknown>;
  if (fallback === null || typeof fallback === 'string') return fallback;
  return mode === 'production' ? fallback.production : fallback.development;
}
