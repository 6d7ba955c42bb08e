// The composition root: everything long-lived of a service is made here, top to bottom, and closed bottom to top.

import type { Caller } from './access/caller.ts';
import { callerClassOf } from './access/caller-class.ts';
import type { AdminSource } from './admin/admin-context.ts';
import { type AuthenticatorOptions, openAuthenticator } from './auth/caller-from-credentials.ts';
import { openAdminServer } from './graphql/admin-server.ts';
import { ClassServers } from './graphql/class-servers.ts';
import { type GraphiqlIdentity, openGraphiql } from './graphql/graphiql/open-graphiql.ts';
import { openHttpServer } from './graphql/http/open-http-server.ts';
import { serviceRoutes } from './graphql/http/service-routes.ts';
import { LIMITS, type Limits } from './graphql/limits.ts';
import { openSocketServer } from './graphql/ws/open-socket-server.ts';
import { SOCKET_LIMITS, type SocketLimits } from './graphql/ws/socket-limits.ts';
import { openLive } from './open-live.ts';
import { openScripts, type ScriptsOptions } from './open-scripts.ts';
import { type Clock, systemClock } from './platform/clock.ts';
import { CloseStack } from './platform/close-stack.ts';
import type { ScriptPlace } from './platform/errors.ts';
import { uuidV7Maker } from './platform/ids.ts';
import type { Logger } from './platform/log.ts';
import { openMetrics } from './platform/metrics.ts';
import { repeat } from './platform/repeat.ts';
import type { PreparedScripts } from './scripts/app-scripts.ts';
import type { ScriptSource } from './scripts/script-set.ts';
import { prepareDatabase } from './stores/postgres/apply/prepare-database.ts';
import { openCatalog } from './stores/postgres/catalog/open-catalog.ts';
import { PostgresChangeLog } from './stores/postgres/change-log/postgres-change-log.ts';
import type { DatabaseChoice, DatabaseOptions } from './stores/postgres/open-database.ts';
import { openDatabase } from './stores/postgres/open-database.ts';
import { openPool } from './stores/postgres/open-pool.ts';
import { PostgresKeptAnswers } from './stores/postgres/postgres-kept-answers.ts';
import { PostgresRecordStore } from './stores/postgres/postgres-record-store.ts';
import { type Model, withScripts } from './tables/model.ts';

export interface ServiceOptions {
  readonly version: string;
  readonly model: Model;
  readonly log: Logger;
  readonly clock?: Clock;
  readonly production: boolean;
  readonly database: DatabaseChoice;
  /** What may be lost at start to make the database hold the model: names that a refusal gave. */
  readonly allowed?: readonly string[];
  readonly pool: Omit<DatabaseOptions, 'log'>;
  /** Left out: those of `LIMITS`. */
  readonly limits?: Limits;
  readonly auth: Omit<AuthenticatorOptions, 'clock'>;
  readonly http: {
    readonly host: string;
    readonly port: number;
    readonly bodyLimit: number;
    readonly requestTimeout: number;
    readonly introspection: boolean;
    readonly allowsOrigin: (origin: string) => boolean;
  };
  /** Left out: those of `SOCKET_LIMITS`. */
  readonly sockets?: Partial<SocketLimits>;
  /** Null: no page. */
  readonly graphiql: { readonly firstQuery: string; readonly identities: () => readonly GraphiqlIdentity[] } | null;
  /** Milliseconds in which a write that is sent again under its key gets the answer of the first time; a day when left out. */
  readonly keepAnswers?: number;
  /** Milliseconds that a change stays in the change log, at least; a week when left out, and eight days at most. */
  readonly keepChanges?: number;
  /** The app's scripts. Left out: it has none, and never will. */
  readonly scripts?: ScriptsOptions;
  /** Milliseconds that running requests are given when the service closes. */
  readonly shutdownTimeout: number;
}

export interface Service {
  /** Without a path: `http://127.0.0.1:4000`. */
  readonly url: string;
  /** What the database is, in words. */
  readonly database: string;
  /** What was done to the tables at start, in words. */
  readonly applied: readonly string[];
  /** What the database holds beside the model's tables, in words. */
  readonly kept: readonly string[];
  /**
   * Serves other tables from now on, without a restart: the schemas are built, the database is made to agree, and then the
   * schemas are swapped. Answers what was done to the database, in words; rejects, with nothing changed, if it cannot be.
   * `scripts` left out: those that are run already.
   */
  publish(model: Model, scripts?: ScriptSource): Promise<readonly string[]>;
  /** What keeps scripts from being run: their tables are not served. */
  readonly scriptProblems: readonly ScriptPlace[];
  /** Drains and closes everything; safe to call again. */
  close(): Promise<void>;
}

/** Milliseconds: a day, and ten minutes. */
const KEEP_ANSWERS = 86_400_000;
const FORGET_EVERY = 600_000;

/** Milliseconds: a week, a minute, five minutes. */
const KEEP_CHANGES = 604_800_000;
const UPKEEP_EVERY = 60_000;
const UPKEEP_TIMEOUT = 300_000;

/** Milliseconds that closing one thing may take, besides draining. */
const CLOSE_DEADLINE = 10_000;

/** Opens a service. Rejects with an Error that says what is in the way; nothing stays open then. */
export async function openService(options: ServiceOptions): Promise<Service> {
  const { log, clock = systemClock, production, limits = LIMITS } = options;
  const closing = new CloseStack();
  const close = () => closing.close(log, CLOSE_DEADLINE + options.shutdownTimeout);
  let draining = false;
  try {
    const database = await openDatabase(options.database, { ...options.pool, log });
    closing.push('database', () => database.close());
    const { pool } = database;

    const prepare = (model: Model, allowed: readonly string[]) =>
      prepareDatabase(database.directAddress, model, {
        log,
        lockTimeout: options.pool.lockTimeout,
        productVersion: options.version,
        allowed,
      });
    const prepared = await prepare(options.model, options.allowed ?? []);
    warnOfDynamicSchema(log, options.model);
    const catalog = openCatalog(pool);
    closing.push('catalog', () => catalog.close());

    const metrics = openMetrics();
    metrics.gauge({
      name: 'tablecast_pool_connections',
      help: 'Database connections open.',
      read: () => pool.totalCount,
    });
    metrics.gauge({
      name: 'tablecast_pool_waiting',
      help: 'Requests that wait for a connection.',
      read: () => pool.waitingCount,
    });

    const authenticator = openAuthenticator({ ...options.auth, clock });
    closing.push('authenticator', () => authenticator.close());

    const live = await openLive({
      pool: { ...options.pool, address: database.directAddress, size: 1, log },
      log,
      metrics,
      closing,
    });
    const { textCollation, statements } = database;
    const isInspected = options.scripts?.inspect != null;
    const storeOf = (model: Model) =>
      new PostgresRecordStore(pool, model, textCollation, statements, live.committed, isInspected);
    const scripts = openScripts({ ...options.scripts, log, production, newId: uuidV7Maker(clock) }, closing, {
      runnerFor: (caller) => classes.runnerFor(caller),
      store: () => storeOf(classes.model),
    });
    let running = await scripts.prepare(options.scripts?.source);
    running.use();
    const published = (plain: Model, does: PreparedScripts) => {
      const model = withScripts(plain, does.tables);
      const { rows, filter } = scripts;
      return { model, store: storeOf(model), pages: live.pagesOf(model), scripts: { rows, filter } };
    };
    const answers = new PostgresKeptAnswers(pool, options.keepAnswers ?? KEEP_ANSWERS);
    const forgetting = repeat('forgetting answers', FORGET_EVERY, log, () => answers.forget());
    closing.push('kept answers', () => forgetting.close());
    const upkeepPool = openPool({
      ...options.pool,
      address: database.directAddress,
      size: 1,
      statementTimeout: UPKEEP_TIMEOUT,
      log,
    });
    closing.push('the change log', () => upkeepPool.end());
    const changeLog = new PostgresChangeLog(upkeepPool);
    const upkeep = repeat('the upkeep of the change log', UPKEEP_EVERY, log, () =>
      changeLog.expire(options.keepChanges ?? KEEP_CHANGES),
    );
    closing.push('the upkeep of the change log', () => upkeep.close());
    const classes: ClassServers = new ClassServers(published(options.model, running), {
      log,
      newId: uuidV7Maker(clock),
      introspection: options.http.introspection,
      hideSchemaDetails: production,
      limits,
      answers,
      live,
    });
    closing.push('GraphQL', () => classes.close());
    await scripts.start();

    const source: AdminSource = {
      version: options.version,
      startedAt: new Date(clock()),
      databaseVersion: database.version,
      model: () => classes.model,
      appliedModels: (first) => catalog.appliedModels(first),
    };
    const admin = openAdminServer(source, log, limits);
    closing.push('admin GraphQL', () => admin.close());

    const { http, graphiql } = options;
    const page = (endpoint: string, title: string, firstQuery: string, only?: string) =>
      graphiql &&
      openGraphiql({
        endpoint,
        title,
        firstQuery,
        identities: () => graphiql.identities().filter(({ name }) => !only || name === only),
      });
    const isDraining = () => draining;
    const app = {
      serverFor: (caller: Caller) => classes.serverFor(callerClassOf(caller, classes.model.roles)),
    };
    const adminEndpoint = {
      serverFor: async (caller: Caller) => ({ apollo: await admin.serverFor(caller), fastLane: null }),
    };
    const server = await openHttpServer({
      ...http,
      log,
      metrics,
      isDraining,
      routes: serviceRoutes({
        authenticator,
        metrics,
        openMetrics: !production,
        allowsOrigin: http.allowsOrigin,
        bodyLimit: http.bodyLimit,
        clock,
        queued: { ...SOCKET_LIMITS, ...options.sockets }.queued,
        scriptHeaders: options.scripts?.headers ?? [],
        isDraining,
        probe: async () => void (await pool.query('SELECT 1')),
        app: {
          ...app,
          graphiql: page('/graphql', 'Tablecast', graphiql?.firstQuery ?? ''),
        },
        admin: {
          ...adminEndpoint,
          graphiql: page(
            '/admin/graphql',
            'Tablecast admin',
            '{ service { version databaseVersion modelVersion } }\n',
            'admin',
          ),
        },
      }),
    });
    const sockets = openSocketServer(server.server, {
      authenticator,
      endpoints: { '/graphql': app, '/admin/graphql': adminEndpoint },
      allowsOrigin: http.allowsOrigin,
      limits: options.sockets,
      metrics,
      clock,
      log,
    });
    // Together, so that nobody is let in from the first moment on.
    closing.push('HTTP', async () => {
      await Promise.all([server.close(options.shutdownTimeout), sockets.close(options.shutdownTimeout)]);
    });

    return {
      url: server.url,
      database: database.description,
      applied: prepared.steps,
      kept: prepared.kept,
      async publish(model, source) {
        const next = source ? await scripts.prepare(source) : running;
        const publish = await classes.prepare(published(model, next));
        const { steps } = await prepare(model, []);
        warnOfDynamicSchema(log, model, classes.model);
        next.use();
        publish();
        running = next;
        return steps;
      },
      get scriptProblems() {
        return running.problems;
      },
      close() {
        draining = true;
        return close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Tables may ask for it, and nothing does it yet: said once, when a table begins to. */
function warnOfDynamicSchema(log: Logger, model: Model, before?: Model): void {
  for (const { name, dynamicSchema } of model.tables.values()) {
    if (!dynamicSchema || before?.tables.get(name)?.dynamicSchema) continue;
    log.warn(
      { table: name },
      `${name} has dynamicSchema, which does nothing yet: an insert with a field that is not in the table file is refused`,
    );
  }
}
