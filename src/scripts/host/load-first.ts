// The first load of an app's modules: it finds out which of them would bring a host down, so that the others are not kept
// from running by it.

import type { ScriptHost } from './script-host.ts';
import type { LoadableModule, LoadedModule, LoadFailure, LoadReport } from './script-hosts.ts';

export interface FirstLoad {
  readonly report: LoadReport;
  /** Has the modules in it that load; null: there is none, as no host stays alive. */
  readonly host: ScriptHost | null;
  /** What the other hosts are given. */
  readonly modules: readonly LoadableModule[];
}

/** Hosts that may end without having begun on a module: then it is no module's fault. */
const ATTEMPTS = 3;

/** Starts hosts until one has loaded all modules but those that ended the ones before it. */
export async function loadFirst(modules: readonly LoadableModule[], start: () => ScriptHost): Promise<FirstLoad> {
  const failures = new Map<string, LoadFailure>();
  let message = '';
  for (let failed = 0; failed < ATTEMPTS; ) {
    const harmless = modules.filter(({ name }) => !failures.has(name));
    const host = start();
    const outcome = await Promise.race([host.loadModules(harmless), host.ended]);
    if ('modules' in outcome) {
      return { report: inOrder(modules, outcome, failures), host, modules: harmless };
    }
    message = `The host of the scripts ${outcome.death.message}`;
    const culprit = host.loadingName;
    if (culprit === null) failed += 1;
    else failures.set(culprit, { message: `${message} while the script was loaded.`, stack: '' });
  }
  const all = new Map(modules.map(({ name }) => [name, { message: `${message}.`, stack: '' }]));
  return { report: inOrder(modules, { modules: [] }, all), host: null, modules: [] };
}

function inOrder(
  modules: readonly LoadableModule[],
  loaded: LoadReport,
  failures: ReadonlyMap<string, LoadFailure>,
): LoadReport {
  const found = new Map(loaded.modules.map((module) => [module.name, module]));
  return {
    modules: modules.map(
      ({ name }): LoadedModule => found.get(name) ?? { name, settings: null, failure: failures.get(name) ?? null },
    ),
  };
}
