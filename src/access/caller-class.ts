// Callers that may do the same things are one class: their credentials, and those of their roles that the model names.
// Schemas and plans are made per class; what differs inside a class (the user's id and claims) is bound at run time.

import type { Filter } from '../tables/filter.ts';
import type { Caller } from './caller.ts';

/**
 * Which scripts run for a caller: all; only those around writes, for the service's own work, which sees rows as they are; none,
 * which the master key may ask for.
 */
export type ScriptsRun = 'all' | 'writes' | 'none';

/** The rows of tables that their scripts leave to one request. */
export interface RowFilters {
  /** May throw to say that it is not known yet. */
  of(table: string): Filter;
}

export interface CallerClass {
  /** Names the class; equal keys are equal classes, whatever the names of the roles. */
  readonly key: string;
  readonly admin: boolean;
  readonly application: boolean;
  readonly user: boolean;
  /** Sorted; only roles that the model names. */
  readonly roles: readonly string[];
  readonly scripts: ScriptsRun;
  /** What scripts say for the request that is planned. Without it, a table that has such a script has no rows. */
  readonly rowFilters?: RowFilters;
}

/** What a class is made of. */
export type ClassParts = Omit<CallerClass, 'key' | 'scripts' | 'rowFilters'> & { readonly scripts?: ScriptsRun };

/** The class of those parts. Roles without a user count for nothing. */
export function callerClass(parts: ClassParts): CallerClass {
  const { admin, application, user, scripts = 'all' } = parts;
  const roles = user ? [...new Set(parts.roles)].sort() : [];
  const key = JSON.stringify([admin, application, user, ...(scripts === 'all' ? [] : [{ scripts }]), ...roles]);
  return Object.freeze({ admin, application, user, roles, scripts, key });
}

/** The class of a caller, in a model that names `modelRoles`. */
export function callerClassOf(caller: Caller, modelRoles: readonly string[]): CallerClass {
  if (caller.kind === 'admin') return ADMIN_CLASSES[caller.scripts ?? 'all'];
  const { application, user } = caller;
  const roles = user ? user.roles.filter((role) => modelRoles.includes(role)) : [];
  return callerClass({ admin: false, application, user: user !== null, roles });
}

/** The master key and server code: everything, every row. */
export const ADMIN_CLASS: CallerClass = adminClass('all');

const ADMIN_CLASSES: Readonly<Record<ScriptsRun, CallerClass>> = {
  all: ADMIN_CLASS,
  writes: adminClass('writes'),
  none: adminClass('none'),
};

function adminClass(scripts: ScriptsRun): CallerClass {
  return callerClass({ admin: true, application: true, user: false, roles: [], scripts });
}

/** Every credential but the master key, and every role: what the printed SDL shows. */
export function fullestClass(modelRoles: readonly string[]): CallerClass {
  return callerClass({ admin: false, application: true, user: true, roles: modelRoles });
}
