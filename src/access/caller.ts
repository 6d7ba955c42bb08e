// Who is asking. A caller is a set of credentials, never a level: a user without the key is not APPLICATION.

import type { ScriptsRun } from './caller-class.ts';

/** A signed-in user, as the verified token says. */
export interface User {
  readonly id: string;
  readonly roles: readonly string[];
  /** Every other claim of the token, under `$user.claims` in rules. Own properties only. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** The client's own credentials, or the service itself. Extra power is a different caller, never a boolean. */
export type Caller = ClientCaller | AdminCaller;

export interface ClientCaller {
  readonly kind: 'client';
  /** The application key was sent, and is right. */
  readonly application: boolean;
  readonly user: User | null;
}

/** The master key, or server code; `reason` says which, for the log and the audit. */
export interface AdminCaller {
  readonly kind: 'admin';
  readonly reason: string;
  /** A user token sent beside the master key: presets take their values from it. */
  readonly user: User | null;
  /** Which scripts run. Left out: all. */
  readonly scripts?: ScriptsRun;
}

/** Nobody: no credential at all. */
export const PUBLIC_CALLER: ClientCaller = Object.freeze({ kind: 'client', application: false, user: null });

/** The service's own caller: it sees rows as they are, and scripts run around what it writes. */
export function serviceCaller(reason: string): AdminCaller {
  return Object.freeze({ kind: 'admin', reason, user: null, scripts: 'writes' });
}
