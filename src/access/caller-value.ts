// `$user...` in rules and presets: a path over the caller becomes a value, or is missing. A missing value makes every
// comparison with it unknown, and unknown is no.

import type { Caller } from './caller.ts';

/** The value at the path, or undefined when the caller has none there. Only own properties count; null and an empty list are missing. */
export function callerValue(caller: Caller, path: readonly string[]): unknown {
  const { user } = caller;
  if (!user) return undefined;
  const [root, ...steps] = path;
  const start = root === 'id' ? user.id : root === 'roles' ? user.roles : root === 'claims' ? user.claims : undefined;
  const value = steps.reduce<unknown>(
    (at, step) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, step) ? Reflect.get(at, step) : undefined,
    start,
  );
  if (value === null || value === '' || (Array.isArray(value) && value.length === 0)) return undefined;
  return value;
}
