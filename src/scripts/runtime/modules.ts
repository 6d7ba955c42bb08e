// The scripts of a host: modules that were bundled by the service, each imported once from its text.

import type { LoadableModule, LoadedModule } from '../host/script-hosts.ts';
import { send } from './channel.ts';
import { limits } from './limits.ts';
import { natives } from './natives.ts';
import { messageOf, setModulePlace, stackOf } from './places.ts';

export type ScriptFunction = (...args: unknown[]) => unknown;

const MAX_SETTINGS = 10_000;

interface Loaded {
  readonly form: LoadableModule['form'];
  readonly exports: Readonly<Record<string, unknown>>;
}

const modules = new Map<string, Loaded>();

/** Imports modules, one after the other, so that it is known which one a host ended over. What they throw is in the answer. */
export async function loadModules(given: readonly LoadableModule[]): Promise<LoadedModule[]> {
  const loaded: LoadedModule[] = [];
  for (const module of given) loaded.push(await loadModule(module));
  return loaded;
}

export function formOf(module: string): LoadableModule['form'] | undefined {
  return modules.get(module)?.form;
}

/** A function that a module exports. Throws when there is none. */
export function exportOf(module: string, name: string): ScriptFunction {
  const loaded = modules.get(module);
  if (!loaded) throw new Error(`The script ${module} is not loaded.`);
  const fn = Object.hasOwn(loaded.exports, name) ? loaded.exports[name] : undefined;
  if (typeof fn !== 'function') throw new Error(`The script ${module} exports no function ${name}.`);
  return fn as ScriptFunction;
}

async function loadModule({ name, form, code }: LoadableModule): Promise<LoadedModule> {
  send({ t: 'loading', name });
  const url = natives.createUrl(code);
  setModulePlace(url, name);
  try {
    const exports = (await inTime(import(url))) as Loaded['exports'];
    const settings = toSettings(exports['settings']);
    modules.set(name, { form, exports });
    return { name, settings, failure: null };
  } catch (error) {
    return { name, settings: null, failure: { message: messageOf(error), stack: stackOf(error) } };
  } finally {
    natives.revokeUrl(url);
  }
}

function toSettings(value: unknown): unknown {
  if (value === undefined) return null;
  try {
    const text = JSON.stringify(value);
    if (text.length > MAX_SETTINGS) throw new Error(`it is longer than ${MAX_SETTINGS} characters`);
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new TypeError(`The export "settings" must be plain JSON: ${messageOf(error)}`);
  }
}

function inTime<Value>(loading: Promise<Value>): Promise<Value> {
  const { load } = limits();
  const { setTimeout, clearTimeout } = natives;
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error(`The script was not loaded within ${load} ms: what does it await?`));
    const timer = setTimeout(late, load);
    loading.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
