// Script hosts, put together: the runtime is installed, the hosts of the app's newest scripts take the runs, all are watched.

import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HOST_LIMITS, type HostLimits } from './host-limits.ts';
import { HostPool } from './host-pool.ts';
import { installRuntime } from './install-runtime.ts';
import { ScriptFailure } from './script-failure.ts';
import type { HostOptions } from './script-host.ts';
import type { LoadableApp, LoadReport, ScriptHosts } from './script-hosts.ts';
import { watchHosts } from './watch-hosts.ts';

/** A debugger's address, and the folder of the app whose lines it shows. */
export interface Inspection {
  /** `host:port`. */
  readonly address: string;
  readonly appDir: string;
}

export interface ScriptHostsOptions extends Pick<HostOptions, 'deno' | 'log'> {
  /** Opens a debugger. There is one host then, and nothing is ever late. Left out: none. */
  readonly inspect?: Inspection;
  /** A folder of our own; it is made. Kept between starts, it makes them faster. */
  readonly folder: string;
  readonly limits?: Partial<HostLimits>;
}

/** Starts no process until scripts are loaded. Rejects when the folder cannot be written. */
export async function openScriptHosts(options: ScriptHostsOptions): Promise<ScriptHosts> {
  const { deno, log, inspect } = options;
  // A debugger speaks to one host, and stands still for as long as it likes.
  const patience = { hosts: 1, spares: 0, silence: Number.POSITIVE_INFINITY } as const;
  const limits = { ...HOST_LIMITS, ...options.limits, ...(inspect === undefined ? {} : patience) };
  const runtime = await installRuntime(options.folder);
  const pools = new Set<HostPool>();
  const watched = watchHosts(limits, (now) => {
    for (const pool of pools) pool.check(now);
  });
  let current: { readonly app: string; readonly pool: HostPool } | null = null;
  let loading: Promise<unknown> = Promise.resolve();
  let closed = false;

  const load = async ({ app, modules }: LoadableApp): Promise<LoadReport> => {
    if (current?.app === app) return current.pool.report;
    const pool = new HostPool({
      deno,
      log,
      inspect: inspect?.address,
      limits,
      runtime,
      modules: modules.map(({ name, form, code, sourceMap }) => {
        return { name, form, code: inspect && sourceMap ? withSourceMap(code, sourceMap, inspect.appDir) : code };
      }),
      watch: watched.add,
    });
    pools.add(pool);
    const before = current?.pool;
    if (inspect !== undefined) await before?.close();
    const report = await pool.open();
    if (closed) await pool.close();
    else current = { app, pool };
    void before?.retire().finally(() => pools.delete(before));
    return report;
  };

  return {
    load(app) {
      const next = loading.then(() => load(app));
      loading = next.catch(() => undefined);
      return next;
    },
    run(run) {
      if (!current) return Promise.reject(new ScriptFailure('unloaded', 'No scripts are loaded.'));
      return current.pool.run(inspect === undefined ? run : { ...run, timeout: Number.POSITIVE_INFINITY });
    },
    async close() {
      closed = true;
      await Promise.all([...pools].map((pool) => pool.close()));
      await loading;
      await watched.close();
    },
  };
}

/** Code whose lines a debugger shows as they were written. */
function withSourceMap(code: string, sourceMap: string, appDir: string): string {
  const map = { ...(JSON.parse(sourceMap) as object), sourceRoot: pathToFileURL(join(appDir, 'scripts', sep)).href };
  const base64 = Buffer.from(JSON.stringify(map)).toString('base64');
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${base64}\n`;
}
