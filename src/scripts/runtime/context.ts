// `ctx`: what a script may know of the request, and what it may ask of the service. The types that authors see are generated
// for the tables of their app (`types/`).

import type { LogLineLevel } from '../host/script-hosts.ts';
import type { CallError, ScriptRequest } from '../script-input.ts';
import { format } from './console.ts';
import { Rejection } from './errors.ts';
import { assertJson } from './plain-row.ts';
import type { Run } from './run.ts';
import { scriptFetch } from './script-fetch.ts';

export type Context = Record<string, unknown>;

/** What every function has. */
export function requestContext(run: Run, request: ScriptRequest, table: string | null): Context {
  const { requestId, user, caller, params, headers, settings } = request;
  const line =
    (level: LogLineLevel) =>
    (...values: unknown[]): void =>
      run.log(level, format(values));
  return {
    table,
    requestId,
    caller,
    user: frozen(user),
    params: frozen(params),
    headers: frozen(headers),
    settings: frozen(settings),
    tables: tablesOf(run),
    sql: (text: unknown, ...values: unknown[]) => sql(run, text, values),
    log: Object.freeze({ debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }),
    secrets: Object.freeze({ get: (name: unknown) => run.call('secret', String(name)) }),
    fetch: (input: unknown, init: unknown) => scriptFetch(run, input, init),
    afterCommit: (effect: unknown) => run.afterCommit(effect),
    reject: (code: unknown, message: unknown, fields?: unknown): never => {
      assertJson(fields, 'What ctx.reject was given as fields');
      throw new Rejection(String(code), String(message ?? code), fields as CallError['fields']);
    },
  };
}

/** A value of JSON that nothing can change. */
export function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.values(value).forEach(frozen);
    Object.freeze(value);
  }
  return value;
}

const METHODS = ['read', 'get', 'insert', 'update', 'delete', 'undelete', 'count'];

/** `ctx.tables.TodoItem.read(...)`: the service says whether there is such a table. */
function tablesOf(run: Run): object {
  const tablesAs = (as: 'service' | 'user', beside: object) =>
    new Proxy(beside, {
      get: (own, table) => {
        if (typeof table !== 'string' || table === 'then') return undefined;
        if (Object.hasOwn(own, table)) return Reflect.get(own, table);
        const methods = METHODS.map((method) => [
          method,
          (...args: unknown[]) => run.call('table', { table, method, args, as }),
        ]);
        return Object.fromEntries(methods);
      },
      set: () => false,
    });
  return tablesAs('service', { asUser: tablesAs('user', {}) });
}

/** As a function with a list of values, or as a template whose values are bound. */
function sql(run: Run, text: unknown, values: readonly unknown[]): Promise<unknown> {
  if (Array.isArray(text)) {
    const parts = text as readonly string[];
    const joined = parts.map((part, at) => (at === 0 ? part : `$${at}${part}`)).join('');
    return run.call('sql', { text: joined, values });
  }
  return run.call('sql', { text: String(text), values: values[0] ?? [] });
}
