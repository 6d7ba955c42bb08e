// What a client gives the scripts of its request: `extensions.params`, and headers that the app allows.

import { ServiceError } from '../../platform/errors.ts';
import type { ForScripts } from '../../records/value-source.ts';

const NOTHING: ForScripts = Object.freeze({ params: Object.freeze({}), headers: Object.freeze({}) });

/** Takes it from a request. Throws BAD_REQUEST for params that are no object. */
export function forScriptsOf(
  body: unknown,
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  allowed: readonly string[],
): ForScripts {
  const { extensions } = (body ?? {}) as { extensions?: { params?: unknown } | null };
  const params = extensions?.params;
  if (params !== undefined && (typeof params !== 'object' || params === null || Array.isArray(params))) {
    throw new ServiceError('BAD_REQUEST', 'extensions.params must be an object, or be left out.');
  }
  const read = allowed.flatMap((name): [string, string][] => {
    const value = headers[name];
    return value === undefined ? [] : [[name, typeof value === 'string' ? value : value.join(', ')]];
  });
  if (params === undefined && read.length === 0) return NOTHING;
  return { params: (params ?? {}) as ForScripts['params'], headers: Object.fromEntries(read) };
}
