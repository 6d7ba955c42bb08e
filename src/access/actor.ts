// Who a change is said to be by, in one word for people and for programs: what the change log keeps of a caller.

import type { Caller } from './caller.ts';

/**
 * `user:<id>`, `admin:<reason>`, `application` (the key and nobody signed in) or `public`. Writes that do not come through
 * the service are `database:<role>`, which the database says itself.
 */
export function actorOf(caller: Caller): string {
  if (caller.kind === 'admin') return `admin:${caller.reason}`;
  if (caller.user) return `user:${caller.user.id}`;
  return caller.application ? 'application' : 'public';
}
