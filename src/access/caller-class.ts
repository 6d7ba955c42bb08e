// Callers that may do the same things are one class: their credentials, and those of their roles that the model names.
// Schemas and plans are made per class; what differs inside a class (the user's id and claims) is bound at run time.

import type { Caller } from './caller.ts';

export interface CallerClass {
  /** Names the class; equal keys are equal classes, whatever the names of the roles. */
  readonly key: string;
  readonly admin: boolean;
  readonly application: boolean;
  readonly user: boolean;
  /** Sorted; only roles that the model names. */
  readonly roles: readonly string[];
}

/** What a class is made of. */
export type ClassParts = Omit<CallerClass, 'key'>;

/** The class of those parts. Roles without a user count for nothing. */
export function callerClass(parts: ClassParts): CallerClass {
  const roles = parts.user ? [...new Set(parts.roles)].sort() : [];
  const key = JSON.stringify([parts.admin, parts.application, parts.user, ...roles]);
  return Object.freeze({ ...parts, roles, key });
}

/** The class of a caller, in a model that names `modelRoles`. */
export function callerClassOf(caller: Caller, modelRoles: readonly string[]): CallerClass {
  if (caller.kind === 'admin') return ADMIN_CLASS;
  const { application, user } = caller;
  const roles = user ? user.roles.filter((role) => modelRoles.includes(role)) : [];
  return callerClass({ admin: false, application, user: user !== null, roles });
}

/** The master key and server code: everything, every row. */
export const ADMIN_CLASS: CallerClass = callerClass({ admin: true, application: true, user: false, roles: [] });

/** Every credential but the master key, and every role: what the printed SDL shows. */
export function fullestClass(modelRoles: readonly string[]): CallerClass {
  return callerClass({ admin: false, application: true, user: true, roles: modelRoles });
}
