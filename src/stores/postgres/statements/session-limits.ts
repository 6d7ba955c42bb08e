// The times that a server allows a statement, a lock and an idle transaction, and that it compiles nothing to machine code for
// a statement: what that saves here in milliseconds it takes in tenths of seconds, in each session anew. A session of the service's own has them from
// its first message. A session that a pooler lends for one transaction gets them with each: whatever else is set on it would
// go to others, and poolers refuse sessions that ask for more than they know.

/** Milliseconds; 0: as long as it takes. */
export interface SessionLimits {
  readonly statementTimeout: number;
  readonly lockTimeout: number;
}

/** Whose a session is: the service's as long as the connection lasts, or lent to it for one transaction after the other. */
export type Sessions = 'own' | 'lent';

type Parameters = Readonly<
  Record<'statement_timeout' | 'lock_timeout' | 'idle_in_transaction_session_timeout', number>
>;

/** The server's settings for them. */
export function sessionParameters({ statementTimeout, lockTimeout }: SessionLimits): Parameters {
  return {
    statement_timeout: statementTimeout,
    lock_timeout: lockTimeout,
    // A transaction waits for the service only while something is wrong with it.
    idle_in_transaction_session_timeout: statementTimeout,
  };
}

/** What an own session begins with. It is no part of the first message: poolers that let the limits pass may not know it. */
export const SESSION_START = 'SET jit = off';

/** A statement that sets them for the transaction that it is in, and answers no row. */
export function limitStatement(limits: SessionLimits): string {
  const { statement_timeout, lock_timeout } = sessionParameters(limits);
  const settings = Object.entries({ statement_timeout, lock_timeout, jit: 'off' });
  return `SELECT WHERE ${settings.map(([name, value]) => `set_config('${name}', '${value}', TRUE) IS NULL`).join(' OR ')}`;
}

/** The statements that begin a transaction with them. */
export function limitedBegin(limits: SessionLimits): readonly string[] {
  const settings = Object.entries({ ...sessionParameters(limits), jit: 'off' });
  return ['BEGIN', ...settings.map(([name, value]) => `SET LOCAL ${name} = ${value}`)];
}
