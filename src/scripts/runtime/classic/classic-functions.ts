// Functions of the classic form, `insert(item, user, request)`, made into functions of `ctx` like all others.

import type { Context } from '../context.ts';
import type { ScriptFunction } from '../modules.ts';
import { ClassicQuery } from './classic-query.ts';
import { type ClassicOperation, ClassicRequest } from './classic-request.ts';
import { classicUser } from './classic-user.ts';

type Row = Record<string, unknown>;
type Execute = (options?: unknown) => Promise<unknown>;
type Parts = Pick<ClassicOperation, 'execute' | 'result'>;

/** What the predecessor calls an operation, where that is something else: an undelete is an update that says so. */
const OPERATIONS: Readonly<Record<string, string>> = { delete: 'del', undelete: 'update' };

/** `insert`, `update`, `undelete` (item, user, request) and `del` (id, user, request). */
export function classicWrite(fn: ScriptFunction): ScriptFunction {
  return (given) => {
    const ctx = given as Context;
    const item = ctx['item'] as Row;
    const { operation, id } = ctx;
    const hasId = operation === 'UPDATE' || operation === 'UNDELETE';
    if (hasId) item['id'] = id;
    const parts: Parts = {
      async execute(again) {
        // The id of a row that is there already is no value to set.
        if (hasId) delete item['id'];
        const row = await (ctx['execute'] as Execute)(again ? { ifVersion: again.version } : undefined);
        Object.assign(item, row);
        return item;
      },
      result: () => item,
    };
    return answered(ctx, fn, operation === 'DELETE' ? id : item, parts);
  };
}

/** `read(query, user, request)` up to where it executes: what its query asks for. */
export function classicFilter(fn: ScriptFunction): ScriptFunction {
  return (given) => {
    const ctx = given as Context;
    const query = new ClassicQuery();
    return new Promise((resolve, reject) => {
      const parts: Parts = {
        // What it does with the rows is for when it has them.
        execute: () => new Promise(() => resolve(query.toWhere())),
        result: () => true,
      };
      answered(ctx, fn, query, parts).then(() => resolve(query.toWhere()), reject);
    });
  };
}

/** `read(query, user, request)` with the rows that were found. */
export function classicRead(fn: ScriptFunction): ScriptFunction {
  return (given) => {
    const ctx = given as Context;
    let rows: unknown = [];
    const parts: Parts = {
      async execute() {
        rows = await (ctx['execute'] as Execute)();
        return rows;
      },
      result: () => rows,
    };
    return answered(ctx, fn, new ClassicQuery(), parts);
  };
}

function answered(ctx: Context, fn: ScriptFunction, first: unknown, parts: Parts): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const { warn } = ctx['log'] as { readonly warn: (message: string) => void };
    const request = new ClassicRequest({ ...parts, resolve, reject, warn });
    const operation = String(ctx['operation'] ?? 'READ').toLowerCase();
    const face = Object.freeze({
      execute: (options?: unknown) => request.execute(options),
      respond: (...answer: unknown[]) => request.respond(...answer),
      parameters: ctx['params'],
      operation: OPERATIONS[operation] ?? operation,
      undelete: operation === 'undelete',
      includeDeleted: false,
      systemProperties: Object.freeze([]),
    });
    request.attempt(() => fn(first, classicUser(ctx), face));
  });
}
