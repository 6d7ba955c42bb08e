// A real service over HTTP on a free port, with a database of its own, for one test.

import { join } from 'node:path';
import { signToken } from '../../src/auth/own-token.ts';
import { type Logger, openLog } from '../../src/platform/log.ts';
import { openService, type Service, type ServiceOptions } from '../../src/service.ts';
import type { Model } from '../../src/tables/model.ts';
import { modelOf, sampleTables } from './model-of.ts';
import { type AppFiles, openScriptApp, type ScriptApp } from './script-app.ts';
import { openTestDatabase, type TestDatabase } from './test-database.ts';

export { modelOf, sampleTables, vocabulary } from './model-of.ts';

export const APPLICATION_KEY = 'test-application-key-0123456789abcdef';
export const MASTER_KEY = 'test-master-key-0123456789abcdef-9876';
export const TOKENS = {
  secret: 'test-token-secret-0123456789abcdef-01234567',
  issuer: 'tablecast',
  audience: 'tablecast',
};

/** Headers for a caller: `public`, `app`, `admin`, `alice`, `alice+app`, or a user with roles, `carol:moderator`. */
export function headersOf(who: string): Record<string, string> {
  const parts = who.split('+');
  const headers: Record<string, string> = {};
  for (const part of parts) {
    if (part === 'public') continue;
    else if (part === 'app') headers['x-application-key'] = APPLICATION_KEY;
    else if (part === 'admin') headers['x-master-key'] = MASTER_KEY;
    else headers['authorization'] = `Bearer ${tokenOf(part)}`;
  }
  return headers;
}

/** A token for `alice` or `carol:moderator`, good for a minute from `now`; `claims` go along. */
export function tokenOf(who: string, claims: Record<string, unknown> = {}, now = Date.now()): string {
  const [id = '', ...roles] = who.split(':');
  return signToken({ ...TOKENS, now, lifetime: 60_000, user: { id, roles, claims } });
}

/** A GraphQL answer, with what HTTP said. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { message: string; path?: unknown[]; extensions: Record<string, unknown> }[];
  /** The body as it came. */
  readonly text: string;
}

export interface Asking {
  readonly as?: string;
  readonly variables?: Record<string, unknown>;
  readonly headers?: Record<string, string>;
  readonly extensions?: Record<string, unknown>;
  readonly operationName?: string;
  readonly path?: string;
}

export interface TestService {
  readonly service: Service;
  readonly url: string;
  readonly database: TestDatabase;
  readonly model: Model;
  /** The folder of its scripts, if it has any. */
  readonly app: ScriptApp | null;
  ask(query: string, asking?: Asking): Promise<Answer>;
  close(): Promise<void>;
}

/** Opens it. `log` is silent unless given; `through` is another way to the database, for all but schema changes. */
export async function openTestService(
  options: { sdl?: string; log?: Logger; database?: TestDatabase; through?: string } & Partial<
    Pick<ServiceOptions, 'production' | 'clock' | 'pool' | 'limits' | 'sockets' | 'shutdownTimeout'>
  > & { http?: Partial<ServiceOptions['http']>; scripts?: AppFiles; given?: Partial<ServiceOptions['scripts']> } = {},
): Promise<TestService> {
  const database = options.database ?? (await openTestDatabase());
  const model = await modelOf(options.sdl ?? (await sampleTables()));
  const app = options.scripts ? await openScriptApp(options.scripts) : null;
  try {
    const service = await openService({
      version: '0.0.0',
      model,
      log: options.log ?? openLog({ level: 'silent', readable: false }),
      ...(options.clock ? { clock: options.clock } : {}),
      production: options.production ?? false,
      database: { kind: 'server', url: options.through ?? database.url, directUrl: database.url },
      pool: options.pool ?? { size: 4, statementTimeout: 10_000, lockTimeout: 2_000 },
      ...(options.limits ? { limits: options.limits } : {}),
      ...(options.sockets ? { sockets: options.sockets } : {}),
      auth: { applicationKey: APPLICATION_KEY, masterKey: MASTER_KEY, own: TOKENS, foreign: null },
      http: {
        host: '127.0.0.1',
        port: 0,
        bodyLimit: 100_000,
        requestTimeout: 10_000,
        introspection: true,
        allowsOrigin: () => false,
        ...options.http,
      },
      graphiql: null,
      ...(app
        ? {
            scripts: {
              source: await app.load(model),
              folder: join(app.folder, '.hosts'),
              deno: null,
              hosts: 1,
              fetch: { allow: [], allowPrivate: [] },
              headers: ['x-device'],
              settings: { GREETING: 'hello' },
              secrets: { TOKEN: 'hush' },
              ...options.given,
            },
          }
        : {}),
      shutdownTimeout: options.shutdownTimeout ?? 2_000,
    });
    const { url } = service;
    return {
      service,
      url,
      database,
      model,
      app,
      ask: (query, asking) => ask(url, query, asking),
      async close() {
        await service.close();
        await app?.close();
        if (!options.database) await database.close();
      },
    };
  } catch (error) {
    await app?.close();
    if (!options.database) await database.close();
    throw error;
  }
}

/** One GraphQL request over HTTP. */
export async function ask(
  url: string,
  query: string,
  { as = 'public', variables, headers, extensions, operationName, path = '/graphql' }: Asking = {},
): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headersOf(as), ...headers },
    body: JSON.stringify({ query, variables, operationName, extensions }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, ...(JSON.parse(text) as object), text };
}
