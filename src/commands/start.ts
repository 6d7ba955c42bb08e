// `tablecast start`: from an app's folder to a service, until a signal ends it.

import { join } from 'node:path';
import { appSettings } from '../config/app-settings.ts';
import { resolveKeys } from '../config/development-keys.ts';
import { loadEnvironment } from '../config/load-environment.ts';
import { isAllowedOrigin } from '../config/loopback.ts';
import { parseConfig } from '../config/parse-config.ts';
import { messageOf } from '../platform/errors.ts';
import { openLog } from '../platform/log.ts';
import { loadScripts } from '../scripts/load/load-scripts.ts';
import { openService, type Service } from '../service.ts';
import { announcement } from './announcement.ts';
import { DEVELOPMENT_USER, developmentIdentities, developmentToken } from './development-identities.ts';
import { firstDocument, firstQuery } from './first-query.ts';
import { productVersion } from './product.ts';
import { readTables } from './read-tables.ts';
import { keepTypes } from './types.ts';
import { watchTables } from './watch-tables.ts';

/** Starts the service of the app in `appDir`; `allowed` names what may be lost, `inspector` is the address for a debugger of scripts. Resolves when it serves; rejects with an Error for people. */
export async function start(appDir: string, allowed: readonly string[] = [], inspector?: string): Promise<Service> {
  const environment = loadEnvironment(appDir, process.env);
  const config = parseConfig(environment, { dir: appDir });
  const production = config.mode === 'production';
  const watched = config.mode === 'development';
  if (production && inspector)
    throw new TypeError('--inspect is for development: whoever reaches a debugger may do anything.');
  const log = openLog({ level: config.logLevel, readable: !production });
  for (const warning of config.warnings) log.warn(warning);
  const [keys, model] = await Promise.all([resolveKeys(config), readTables(appDir)]);
  const source = await loadScripts(appDir, [...model.tables.keys()]);
  const { ownTokens, foreignTokens, database } = config;
  const query = firstQuery(model);
  const version = productVersion();
  const service = await openService({
    version,
    model,
    log,
    production,
    allowed,
    database: database.kind === 'embedded' ? { ...database, dataDir: config.dataDir } : database,
    // Whoever looks at a script with a debugger keeps a transaction waiting.
    pool: inspector ? { ...config.pool, statementTimeout: 0 } : config.pool,
    limits: config.limits,
    sockets: config.sockets,
    keepAnswers: config.keepAnswers,
    keepChanges: config.keepChanges,
    auth: {
      applicationKey: keys.application,
      masterKey: keys.master,
      own: keys.tokenSecret === null ? null : { secret: keys.tokenSecret, ...ownTokens },
      foreign: foreignTokens,
    },
    http: { ...config.http, allowsOrigin: (origin) => isAllowedOrigin(config.http.corsOrigins, origin) },
    graphiql: config.http.graphiql
      ? {
          firstQuery: firstDocument(model),
          // Keys that somebody chose are never put into a page.
          identities: () =>
            keys.madeIn === null || production ? [] : developmentIdentities(config, keys, model, Date.now()),
        }
      : null,
    scripts: {
      source,
      folder: join(config.dataDir, 'scripts'),
      ...config.scripts,
      ...appSettings(environment),
      ...(inspector ? { inspect: { address: inspector, appDir } } : {}),
    },
    shutdownTimeout: config.shutdownTimeout,
  });
  const tell = (text: string) => void process.stdout.write(`${text}\n`);
  const types = watched ? keepTypes({ appDir, dataDir: config.dataDir, deno: config.scripts.deno, tell }) : null;
  const watching = watched
    ? watchTables({
        appDir,
        model,
        scripts: source,
        publish: (next, scripts) => service.publish(next, scripts),
        scriptProblems: () => service.scriptProblems,
        onPublished: (next, scripts) => types?.update(next, scripts),
        tell,
      })
    : null;
  const close = async () => {
    await watching?.close();
    await types?.close();
    await service.close();
  };
  closeOnSignals(close, log.warn.bind(log));
  const token = production ? null : developmentToken(config, keys, DEVELOPMENT_USER, [], Date.now());
  const took = process.uptime() * 1_000;
  const { graphiql } = config.http;
  const told = { ...service, version, model, scripts: source, keys, token, took, firstQuery: query, graphiql };
  process.stdout.write(`${announcement({ ...told, scriptProblems: service.scriptProblems })}\n`);
  types?.update(model, source);
  return service;
}

/** Milliseconds in which a signal that comes again is still the first: a terminal and npm may both send it. */
const SAME_SIGNAL = 1_000;

/** The first signal drains, a second one does not wait. What nobody caught is logged, and ends the process after draining. */
function closeOnSignals(close: () => Promise<void>, warn: (details: object, message: string) => void): void {
  let endingSince: number | null = null;
  const end = (why: string, code: number) => {
    if (endingSince !== null) {
      if (code === 0 && performance.now() - endingSince < SAME_SIGNAL) return;
      process.exit(code === 0 ? 130 : code);
    }
    endingSince = performance.now();
    warn({ why }, 'closing');
    void close().then(
      () => process.exit(code),
      () => process.exit(1),
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(signal, 0));
  process.on('uncaughtException', (error) => end(`uncaught: ${error.stack ?? messageOf(error)}`, 1));
  process.on('unhandledRejection', (error) =>
    end(`unhandled: ${error instanceof Error ? error.stack : messageOf(error)}`, 1),
  );
}
