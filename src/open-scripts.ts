// The app's scripts, put together: hosts that are started when there is something to run, and what stands behind `ctx`.

import { serviceCaller } from './access/caller.ts';
import { type RunnerFor, tableCalls } from './graphql/scripts/table-calls.ts';
import type { CloseStack } from './platform/close-stack.ts';
import type { Logger } from './platform/log.ts';
import type { RecordStore } from './records/ports.ts';
import { AppScripts, type PreparedScripts } from './scripts/app-scripts.ts';
import type { FetchPolicyOptions } from './scripts/fetch/fetch-policy.ts';
import { type FetchRequest, openScriptFetch } from './scripts/fetch/open-script-fetch.ts';
import { findDeno } from './scripts/host/find-deno.ts';
import { type Inspection, openScriptHosts } from './scripts/host/open-script-hosts.ts';
import type { ScriptHosts } from './scripts/host/script-hosts.ts';
import type { ScriptSource } from './scripts/script-set.ts';

export interface ScriptsOptions {
  readonly source: ScriptSource;
  /** A folder for the hosts. */
  readonly folder: string;
  /** The path of a Deno; null: that of the optional package. */
  readonly deno: string | null;
  /** How many hosts take runs. */
  readonly hosts: number;
  /** A debugger for them. Left out: none. */
  readonly inspect?: Inspection;
  /** Where they may send requests. */
  readonly fetch: FetchPolicyOptions;
  /** The headers of requests that they may read, in lower case. */
  readonly headers: readonly string[];
  /** What scripts read as `ctx.settings`, and what they may ask for as secrets. */
  readonly settings: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

interface Opening extends Partial<ScriptsOptions> {
  readonly log: Logger;
  readonly production: boolean;
  readonly newId: () => string;
}

const NOWHERE: FetchPolicyOptions = { allow: [], allowPrivate: [] };
const NO_SOURCE: ScriptSource = { app: '', modules: [], problems: [], mapStack: (stack) => stack };

/** Opens them; `closing` closes them. */
export function openScripts(
  {
    folder = '',
    deno = null,
    hosts = 2,
    inspect,
    fetch = NOWHERE,
    settings = {},
    secrets = {},
    log,
    production,
    newId,
  }: Opening,
  closing: CloseStack,
  { runnerFor, store }: { readonly runnerFor: RunnerFor; readonly store: () => RecordStore },
) {
  let opened: Promise<ScriptHosts> | null = null;
  const open = () => {
    opened ??= Promise.resolve().then(() =>
      openScriptHosts({
        deno: findDeno({ setting: deno ?? undefined }),
        folder,
        log,
        limits: { hosts },
        ...(inspect ? { inspect } : {}),
      }),
    );
    return opened;
  };
  closing.push('script hosts', async () => (await opened?.catch(() => null))?.close());
  const call = tableCalls(runnerFor);
  const scriptFetch = openScriptFetch(fetch);
  const rows = new AppScripts({
    hosts: {
      load: async (app) => (await open()).load(app),
      run: async (run) => (await open()).run(run),
      close: () => Promise.resolve(),
    },
    services: {
      table: call,
      sql: (text, values, request) => store().query(request, text, values),
      part: (request, work) => (request.transaction ? store().savepoint(request.transaction, work) : work()),
      fetch: (request, signal) => scriptFetch(request as FetchRequest, signal),
      secret: (name) => (Object.hasOwn(secrets, name) ? (secrets[name] ?? null) : null),
    },
    log,
    development: !production,
    settings,
  });
  return {
    rows,
    filter: rows.filter.bind(rows),
    async prepare(source: ScriptSource = NO_SOURCE): Promise<PreparedScripts> {
      const prepared = await rows.prepare(source);
      for (const { file, line, column, message } of prepared.problems) {
        log.error({ file, line, column }, `a script cannot be run: ${message}`);
      }
      return prepared;
    },
    /** Runs `startup`. What it fails with is logged: the service goes on without. */
    async start(): Promise<void> {
      const request = { caller: serviceCaller('startup'), requestId: 'startup', variables: {}, newId };
      await rows.start(request).catch((error: unknown) => {
        const reason =
          error instanceof Error ? ((error.cause as Error | undefined)?.stack ?? error.stack) : String(error);
        log.error({ error: reason }, 'the startup script failed');
      });
    },
  };
}
