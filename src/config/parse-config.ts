// The configuration: everything the service may decide by, resolved and frozen. Nothing here reads a file or makes a
// key: load-environment.ts reads the environment, development-keys.ts completes the keys.

import { resolve } from 'node:path';
import type { LogLevel } from '../platform/log.ts';
import type { FetchPolicyOptions } from '../scripts/fetch/fetch-policy.ts';
import { checkSettings, doubtfulSettings } from './check-settings.ts';
import { ConfigError } from './config-error.ts';
import type { CorsOrigins } from './loopback.ts';
import { type Environment, readSettings, unknownNames } from './read-settings.ts';
import type { Mode, SettingName, Values } from './settings.ts';
import type { App } from './value-kinds.ts';

/** Times are milliseconds, sizes bytes, folders absolute. */
export interface Config {
  readonly mode: Mode;
  readonly appDir: string;
  readonly dataDir: string;
  readonly logLevel: LogLevel;
  readonly http: {
    readonly host: string;
    /** 0: any free one. */
    readonly port: number;
    readonly corsOrigins: CorsOrigins;
    readonly bodyLimit: number;
    readonly requestTimeout: number;
    readonly introspection: boolean;
    readonly graphiql: boolean;
  };
  readonly shutdownTimeout: number;
  readonly database: DatabaseChoice;
  readonly pool: {
    readonly size: number;
    readonly statementTimeout: number;
    readonly lockTimeout: number;
    readonly preparedStatements: 'auto' | 'on' | 'off';
  };
  /** What one operation may ask for. */
  readonly limits: {
    readonly pageSize: number;
    readonly page: number;
    readonly depth: number;
    readonly aliases: number;
    readonly fields: number;
    readonly rows: number;
    readonly cost: number;
    readonly filterDepth: number;
    readonly filterConditions: number;
    readonly orderKeys: number;
    readonly orderRelations: number;
  };
  /** How much WebSockets may take. */
  readonly sockets: {
    readonly operations: number;
    readonly queued: number;
    readonly message: number;
    readonly perUser: number;
    readonly perAddress: number;
    readonly all: number;
  };
  /** Milliseconds. */
  readonly keepAnswers: number;
  /** Milliseconds. */
  readonly keepChanges: number;
  readonly mongodbUrl: string | null;
  readonly scripts: {
    /** Lower case. */
    readonly headers: readonly string[];
    readonly hosts: number;
    readonly deno: string | null;
    readonly fetch: FetchPolicyOptions;
  };
  /** The secrets as far as the environment has them. Only `resolveKeys` reads this; its answer is the keys to use. */
  readonly givenKeys: GivenKeys;
  readonly ownTokens: { readonly issuer: string; readonly audience: string };
  readonly foreignTokens: ForeignTokens | null;
  /** Sentences for the person who starts the service. Secrets are not in them. */
  readonly warnings: readonly string[];
}

/** The service's own PostgreSQL, or a server. `directUrl` is for LISTEN and DDL, `url` for all the rest. */
export type DatabaseChoice =
  | { readonly kind: 'embedded' }
  | { readonly kind: 'server'; readonly url: string; readonly directUrl: string };

export interface GivenKeys {
  readonly application: string | null;
  readonly master: string | null;
  readonly tokenSecret: string | null;
}

/** Tokens of another issuer. */
export interface ForeignTokens {
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly algorithms: readonly string[];
  readonly rolesClaim: string;
}

/** The settings that the limits of an operation are made of. */
const LIMIT_SETTINGS = {
  pageSize: 'TABLECAST_PAGE_SIZE',
  page: 'TABLECAST_PAGE_LIMIT',
  depth: 'TABLECAST_DEPTH_LIMIT',
  aliases: 'TABLECAST_ALIASES_LIMIT',
  fields: 'TABLECAST_FIELDS_LIMIT',
  rows: 'TABLECAST_ROWS_LIMIT',
  cost: 'TABLECAST_COST_LIMIT',
  filterDepth: 'TABLECAST_FILTER_DEPTH_LIMIT',
  filterConditions: 'TABLECAST_FILTER_CONDITIONS_LIMIT',
  orderKeys: 'TABLECAST_ORDER_KEYS_LIMIT',
  orderRelations: 'TABLECAST_ORDER_RELATIONS_LIMIT',
} as const satisfies Record<keyof Config['limits'], SettingName>;

/** Reads and checks all settings. Throws a ConfigError with every problem at once. */
export function parseConfig(env: Environment, app: App): Config {
  const { values, problems } = readSettings(env, app);
  const all = [...problems, ...checkSettings(values)];
  if (all.length > 0) throw new ConfigError(all);
  // No problem was found, so no setting is missing.
  return frozen(toConfig(values as Values, app, unknownNames(env)));
}

/** The limits alone, for what needs no more of the configuration: no secret is asked for. Throws a ConfigError likewise. */
export function parseLimits(env: Environment, app: App): Config['limits'] {
  const { values, problems } = readSettings(env, app, Object.values(LIMIT_SETTINGS));
  const all = [...problems, ...checkSettings(values)];
  if (all.length > 0) throw new ConfigError(all);
  return frozen(toLimits(values as Values));
}

function toConfig(values: Values, app: App, warnings: string[]): Config {
  return {
    mode: values.NODE_ENV,
    appDir: resolve(app.dir),
    dataDir: values.TABLECAST_DATA_DIR,
    logLevel: values.TABLECAST_LOG_LEVEL,
    http: {
      host: values.HOST,
      port: values.PORT,
      corsOrigins: values.TABLECAST_CORS_ORIGINS,
      bodyLimit: values.TABLECAST_BODY_LIMIT,
      requestTimeout: values.TABLECAST_REQUEST_TIMEOUT,
      introspection: values.TABLECAST_INTROSPECTION,
      graphiql: values.TABLECAST_GRAPHIQL,
    },
    shutdownTimeout: values.TABLECAST_SHUTDOWN_TIMEOUT,
    database: toDatabase(values),
    pool: {
      size: values.TABLECAST_POOL_SIZE,
      statementTimeout: values.TABLECAST_STATEMENT_TIMEOUT,
      lockTimeout: values.TABLECAST_LOCK_TIMEOUT,
      preparedStatements: values.TABLECAST_PREPARED_STATEMENTS,
    },
    limits: toLimits(values),
    sockets: {
      operations: values.TABLECAST_SOCKET_OPERATIONS,
      queued: values.TABLECAST_SOCKET_QUEUE,
      message: values.TABLECAST_SOCKET_MESSAGE,
      perUser: values.TABLECAST_SOCKETS_PER_USER,
      perAddress: values.TABLECAST_SOCKETS_PER_ADDRESS,
      all: values.TABLECAST_SOCKETS,
    },
    keepAnswers: values.TABLECAST_IDEMPOTENCY_LIFETIME,
    keepChanges: values.TABLECAST_CHANGE_LOG_RETENTION,
    mongodbUrl: values.MONGODB_URL,
    scripts: {
      headers: values.TABLECAST_SCRIPT_HEADERS.map((name) => name.toLowerCase()),
      hosts: values.TABLECAST_SCRIPT_HOSTS,
      fetch: { allow: values.TABLECAST_FETCH_HOSTS ?? [], allowPrivate: values.TABLECAST_FETCH_PRIVATE ?? [] },
      deno: values.TABLECAST_DENO,
    },
    givenKeys: {
      application: values.TABLECAST_APPLICATION_KEY,
      master: values.TABLECAST_MASTER_KEY,
      tokenSecret: values.TABLECAST_TOKEN_SECRET,
    },
    ownTokens: { issuer: values.TABLECAST_TOKEN_ISSUER, audience: values.TABLECAST_TOKEN_AUDIENCE },
    foreignTokens: toForeignTokens(values),
    warnings: [...warnings, ...doubtfulSettings(values)],
  };
}

type LimitName = keyof typeof LIMIT_SETTINGS;

function toLimits(values: Pick<Values, (typeof LIMIT_SETTINGS)[LimitName]>): Config['limits'] {
  const named = Object.entries(LIMIT_SETTINGS).map(([limit, setting]) => [limit, values[setting]]);
  return Object.fromEntries(named) as Config['limits'];
}

function toDatabase({ DATABASE_URL: url, DATABASE_DIRECT_URL: directUrl }: Values): DatabaseChoice {
  return url === null ? { kind: 'embedded' } : { kind: 'server', url, directUrl: directUrl ?? url };
}

function toForeignTokens(values: Values): ForeignTokens | null {
  const { TABLECAST_JWKS_URL: jwksUrl, TABLECAST_JWKS_ISSUER: issuer, TABLECAST_JWKS_AUDIENCE: audiences } = values;
  // checkSettings has seen to it that the three come together.
  if (jwksUrl === null || issuer === null || audiences === null) return null;
  return {
    jwksUrl,
    issuer,
    audiences,
    algorithms: values.TABLECAST_JWKS_ALGORITHMS,
    rolesClaim: values.TABLECAST_JWKS_ROLES_CLAIM,
  };
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(frozen);
  return Object.freeze(value);
}
