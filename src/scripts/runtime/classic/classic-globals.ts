// The globals of classic scripts. They belong to every run: which one calls is known by where the call comes from.

import { currentRun } from '../current-run.ts';
import type { Run } from '../run.ts';
import { ClassicQuery } from './classic-query.ts';
import { statusCodes } from './status-codes.ts';

type Row = Record<string, unknown>;

interface Callbacks {
  readonly success?: (result: unknown) => unknown;
  readonly error?: (error: unknown) => unknown;
}

/** Tells callbacks, too, what a call comes to. A failure that nothing takes is the failure of the run. */
function calling<Result>(options: unknown, work: (run: Run) => Promise<Result>): Promise<Result> {
  const run = currentRun.getStore();
  if (!run) throw new Error('There is no request: this is of use while a script runs, not while it is loaded.');
  const { success, error } = (options ?? {}) as Callbacks;
  const result = work(run);
  if (!success && !error) return result;
  const fail = (problem: unknown) => run.breakOff(problem);
  result
    .then(
      (value) => success?.(value),
      (problem) => {
        if (!error) throw problem;
        return error(problem);
      },
    )
    .catch(fail);
  return result.catch(() => undefined as Result);
}

class ClassicTable {
  constructor(private readonly name: string) {}

  getTableName(): string {
    return this.name;
  }

  read(query?: unknown, options?: unknown): Promise<unknown> {
    const isQuery = query instanceof ClassicQuery;
    const read = isQuery ? query.toRead() : {};
    return this.#call('read', [read], isQuery ? options : (query ?? options));
  }

  lookup(id: unknown, options?: unknown): Promise<unknown> {
    return this.#call('get', [id], options);
  }

  /** The item has its id, and what else the store gave it, when this is done. */
  insert(item: Row, options?: unknown): Promise<unknown> {
    if (typeof item !== 'object' || item === null || Array.isArray(item))
      throw new TypeError('insert() takes one item.');
    return calling(options, async (run) => Object.assign(item, await this.#ask(run, 'insert', [item])));
  }

  update(item: Row, options?: unknown): Promise<unknown> {
    const { id, ...set } = item;
    if (id === undefined) throw new TypeError('update() takes an item with its id.');
    return calling(options, async (run) => Object.assign(item, await this.#ask(run, 'update', [id, set])));
  }

  del(itemOrId: unknown, options?: unknown): Promise<unknown> {
    const id: unknown = typeof itemOrId === 'object' && itemOrId !== null ? Reflect.get(itemOrId, 'id') : itemOrId;
    return this.#call('delete', [id], options);
  }

  where(...condition: [unknown, ...unknown[]]): TableQuery {
    return new TableQuery(this).where(...condition);
  }

  orderBy(...columns: string[]): TableQuery {
    return new TableQuery(this).orderBy(...columns);
  }

  orderByDescending(...columns: string[]): TableQuery {
    return new TableQuery(this).orderByDescending(...columns);
  }

  skip(count: number): TableQuery {
    return new TableQuery(this).skip(count);
  }

  take(count: number): TableQuery {
    return new TableQuery(this).take(count);
  }

  #call(method: string, args: readonly unknown[], options: unknown): Promise<unknown> {
    return calling(options, (run) => this.#ask(run, method, args));
  }

  #ask(run: Run, method: string, args: readonly unknown[]): Promise<unknown> {
    return run.call('table', { table: this.name, method, args, as: 'service' });
  }
}

/** A query that knows its table. */
class TableQuery extends ClassicQuery {
  constructor(private readonly table: ClassicTable) {
    super();
  }

  read(options?: unknown): Promise<unknown> {
    return this.table.read(this, options);
  }
}

const tables = Object.freeze({
  getTable: (name: unknown) => new ClassicTable(String(name)),
  get current(): ClassicTable {
    const table = currentRun.getStore()?.table;
    if (!table) throw new Error('There is no current table: only scripts of tables have one.');
    return new ClassicTable(table);
  },
});

function query(text: unknown, parameters?: unknown, options?: unknown): Promise<unknown> {
  const hasValues = parameters !== undefined && !isCallbacks(parameters);
  const values = hasValues ? [parameters].flat() : [];
  const callbacks = hasValues ? options : parameters;
  return calling(callbacks, (run) => run.call('sql', { text: numbered(String(text)), values }));
}

function isCallbacks(value: unknown): boolean {
  return typeof value === 'object' && value !== null && ('success' in value || 'error' in value);
}

/** `?` as `$1`, `$2` ..., but not in texts, names and comments. */
function numbered(text: string): string {
  let last = 0;
  const parts = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\?/g;
  return text.replace(parts, (part) => (part === '?' ? `$${++last}` : part));
}

const mssql = Object.freeze({
  query,
  queryRaw: query,
  open: () => {
    throw new Error(
      'mssql.open() is not there: everything a script does is in one transaction already. Use mssql.query.',
    );
  },
});

const push = new Proxy(Object.freeze({}), {
  get: (_, name) => {
    if (typeof name === 'symbol') return undefined;
    throw new Error(`push.${name} is not there yet.`);
  },
});

export const classicGlobals = Object.freeze({ tables, mssql, push, statusCodes });
