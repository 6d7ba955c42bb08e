// The scripts that are served: of each table what they do, or why they cannot run.

import type { ScriptPlace } from '../platform/errors.ts';
import type { Operation, TableScripts } from '../tables/model.ts';
import type { ScriptHosts } from './host/script-hosts.ts';

/** Scripts as they were loaded from an app's folder. */
export interface ScriptSource {
  /** Names what is in it: equal names are equal scripts. */
  readonly app: string;
  readonly modules: readonly {
    readonly name: string;
    readonly kind: 'table' | 'startup';
    readonly table: string | null;
    readonly file: string;
    readonly form: 'modern' | 'classic';
    readonly exports: readonly string[];
    readonly code: string;
    readonly sourceMap: string;
  }[];
  readonly problems: readonly (ScriptPlace & { readonly table: string | null })[];
  /** A stack with the lines that authors wrote. */
  readonly mapStack: (stack: string) => string;
}

const WRITES = ['INSERT', 'UPDATE', 'DELETE', 'UNDELETE'] as const satisfies readonly Operation[];

/** One script, as it is run. */
export interface TableScript {
  readonly module: string;
  /** Null: of no table. */
  readonly table: string | null;
  readonly functions: ReadonlyMap<ScriptPoint, Functions>;
  readonly settings: ScriptSettings;
  readonly does: TableScripts;
  /** Why it cannot run; null: it can. */
  readonly broken: ScriptPlace | null;
}

/** Where a script comes in. */
export type ScriptPoint = (typeof WRITES)[number] | 'READ' | 'FILTER';

/** The functions for one row, and for many at once, which may be the same. */
interface Functions {
  readonly one: string;
  readonly many: string;
}

export interface ScriptSettings {
  /** Milliseconds. */
  readonly timeout: number | null;
  readonly fetchInTransaction: boolean;
  readonly safe: TableScripts['safe'];
}

export interface ScriptSet {
  /** By the names of tables. */
  readonly tables: ReadonlyMap<string, TableScript>;
  readonly startup: TableScript | null;
  readonly problems: readonly ScriptPlace[];
  readonly mapStack: (stack: string) => string;
}

const NO_SETTINGS: ScriptSettings = Object.freeze({ timeout: null, fetchInTransaction: false, safe: [] });

/** Whatever is done to its rows asks the script, and so finds that it cannot run. */
const BROKEN: TableScripts = Object.freeze({ around: WRITES, filter: true, read: false, safe: [] });

/** Loads them into hosts. */
export async function loadScriptSet(hosts: ScriptHosts, source: ScriptSource): Promise<ScriptSet> {
  const { modules, mapStack } = source;
  const report = modules.length === 0 ? { modules: [] } : await hosts.load(source);
  const problems = [...source.problems];
  const tables = new Map<string, TableScript>();
  let startup: TableScript | null = null;
  for (const module of modules) {
    const loaded = report.modules.find(({ name }) => name === module.name);
    const failure = loaded?.failure;
    const broken = failure ? placeOf(module.file, failure.message, mapStack(failure.stack)) : null;
    if (broken) problems.push({ ...broken, table: module.table });
    const settings = settingsOf(loaded?.settings);
    const { table, name, form } = module;
    const functions = functionsOf(module.exports, form);
    const does = broken ? BROKEN : doesOf(functions, settings);
    const script: TableScript = { module: name, table, functions, settings, does, broken };
    if (module.kind === 'startup') startup = script;
    else if (table !== null) tables.set(table, script);
  }
  for (const problem of source.problems) {
    if (problem.table === null) continue;
    const script = { module: problem.file, table: problem.table, functions: new Map(), settings: NO_SETTINGS };
    tables.set(problem.table, { ...script, does: BROKEN, broken: problem });
  }
  return { tables, startup, problems, mapStack };
}

function doesOf(functions: TableScript['functions'], { safe }: ScriptSettings): TableScripts {
  const around = WRITES.filter((operation) => functions.has(operation));
  return { around, filter: functions.has('FILTER'), read: functions.has('READ'), safe };
}

/**
 * What is called when. In the classic form `read` says both which rows there are and how they are told, and an undelete is an
 * update, which its request says.
 */
function functionsOf(exports: readonly string[], form: 'modern' | 'classic'): TableScript['functions'] {
  const functions = new Map<ScriptPoint, Functions>();
  const add = (point: ScriptPoint, name: string) => {
    const one = exports.includes(name) ? name : null;
    const many = exports.includes(`${name}Many`) ? `${name}Many` : null;
    const [first] = [one, many].filter((fn) => fn !== null);
    if (first !== undefined) functions.set(point, { one: one ?? first, many: many ?? first });
  };
  const isClassic = form === 'classic';
  for (const operation of WRITES) add(operation, operation.toLowerCase());
  if (isClassic && !functions.has('UNDELETE')) add('UNDELETE', 'update');
  add('READ', 'read');
  add('FILTER', isClassic ? 'read' : 'filter');
  return functions;
}

function settingsOf(given: unknown): ScriptSettings {
  const { timeout, fetchInTransaction, safe } = (given ?? {}) as Record<string, unknown>;
  return {
    timeout: typeof timeout === 'number' && timeout > 0 ? timeout : null,
    fetchInTransaction: fetchInTransaction === true,
    safe: safe === true ? 'all' : Array.isArray(safe) ? safe.map(String) : [],
  };
}

function placeOf(file: string, message: string, stack: string): ScriptPlace {
  const [, line, column] = new RegExp(`${file.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}:(\\d+):(\\d+)`).exec(stack) ?? [];
  return { file, line: line ? Number(line) : null, column: column ? Number(column) : null, message };
}
