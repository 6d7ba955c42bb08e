// Who is asking, from what was sent. Nothing sent is nobody; whatever is sent must be right, also where nobody may ask,
// because a client that believes itself signed in must learn that it is not. What a caller may do is the access room's.

import { type AdminCaller, type Caller, type ClientCaller, PUBLIC_CALLER, type User } from '../access/caller.ts';
import type { Clock } from '../platform/clock.ts';
import { ServiceError } from '../platform/errors.ts';
import type { Credentials } from './credentials.ts';
import { type ForeignIssuer, openForeignTokens } from './foreign-token.ts';
import { KeyRing } from './keys.ts';
import { assertOwnIssuer, type OwnIssuer, verifyOwnToken } from './own-token.ts';
import { refusal, tokenRefusal } from './refusal.ts';
import { splitToken } from './token-parts.ts';
import { rememberTokens } from './verified-tokens.ts';

export interface AuthenticatorOptions {
  readonly applicationKey: string;
  readonly masterKey: string;
  /** The service's own tokens; null: none are taken. */
  readonly own: OwnIssuer | null;
  /** The tokens of another issuer; null: none are taken. */
  readonly foreign: ForeignIssuer | null;
  readonly clock: Clock;
}

/** A caller, and until when its token says so (milliseconds since the Unix epoch); null: it has none. */
export interface Identified {
  readonly caller: Caller;
  readonly expiresAt: number | null;
}

export interface Authenticator {
  /**
   * The caller of some credentials. Rejects with a ServiceError only: UNAUTHENTICATED when one of them is wrong,
   * SERVICE_UNAVAILABLE when one could not be checked. Never an unverified caller.
   */
  callerFrom(credentials: Credentials): Promise<Caller>;
  /** The same with the moment at which a lasting connection has to end. */
  identify(credentials: Credentials): Promise<Identified>;
  /** Ends what is under way; nothing foreign can be verified afterwards. */
  close(): void;
}

/** Opens the one place where credentials become callers. Who opens it closes it. */
export function openAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { own, clock } = options;
  const keys = new KeyRing({ application: options.applicationKey, master: options.masterKey });
  if (own) assertOwnIssuer(own);
  const foreign = options.foreign === null ? null : openForeignTokens(options.foreign, clock);

  const tokens = rememberTokens(
    {
      async verify(token) {
        // The algorithm only picks the verifier; each of them takes no other than its own.
        const parts = splitToken(token);
        if (parts.header['alg'] === 'HS256' && own) return verifyOwnToken(parts, own, clock());
        if (foreign) return foreign.verify(token);
        throw tokenRefusal('is not signed with an algorithm that this service takes (alg)');
      },
      close: () => foreign?.close(),
    },
    clock,
  );

  const identify = async (credentials: Credentials): Promise<Identified> => {
    assertTexts(credentials);
    const { applicationKey, masterKey, authorization, noScript } = credentials;
    if (applicationKey !== undefined) assertKey('x-application-key', keys.isApplicationKey(applicationKey));
    if (masterKey !== undefined) assertKey('x-master-key', keys.isMasterKey(masterKey));
    if (noScript !== undefined) assertMayLeaveOut(noScript, masterKey !== undefined);
    const token = authorization === undefined ? null : await tokens.verify(tokenOf(authorization));
    const user = token?.user ?? null;
    const caller =
      masterKey === undefined
        ? clientCaller(applicationKey !== undefined, user)
        : adminCaller(user, noScript === 'true');
    return { caller, expiresAt: token?.expiresAt ?? null };
  };

  const closed = (credentials: Credentials): Promise<Identified> =>
    identify(credentials).catch((cause: unknown) => {
      if (cause instanceof ServiceError) throw cause;
      throw new ServiceError('SERVICE_UNAVAILABLE', 'The credentials cannot be checked now: try again shortly.', {
        cause,
      });
    });

  return {
    identify: closed,
    callerFrom: async (credentials) => (await closed(credentials)).caller,
    close: tokens.close,
  };
}

/** A door that passes on what it got, a list of headers or null, is told here rather than believed. */
function assertTexts(credentials: Credentials): void {
  const odd = Object.values(credentials).some((sent) => sent !== undefined && typeof sent !== 'string');
  if (odd) throw refusal('A credential is not one text', 'send each once, as a text, or leave it out.');
}

function assertKey(header: string, right: boolean): void {
  if (!right) throw refusal(`The key in ${header} is wrong`, 'send the right one, once, or none at all.');
}

/** The token of an Authorization value: the scheme in any case, spaces, and one token to the end. */
function tokenOf(authorization: string): string {
  const [, token] = /^Bearer +([^\s,]+)$/i.exec(authorization) ?? [];
  if (token === undefined) {
    throw refusal(
      'The authorization is not "Bearer", a space and one token',
      'send it like that, once, or leave it out.',
    );
  }
  return token;
}

function clientCaller(application: boolean, user: User | null): ClientCaller {
  return application || user ? Object.freeze({ kind: 'client', application, user }) : PUBLIC_CALLER;
}

function adminCaller(user: User | null, noScript: boolean): AdminCaller {
  return Object.freeze({
    kind: 'admin',
    reason: 'master key',
    user,
    ...(noScript ? { scripts: 'none' as const } : {}),
  });
}

/** Scripts are the app's rules like any others: nobody but an administrator does without. */
function assertMayLeaveOut(noScript: string, isAdmin: boolean): void {
  if (!isAdmin) throw refusal('X-No-Script is for the master key', 'send that too, or leave it out.');
  if (noScript !== 'true' && noScript !== 'false')
    throw refusal('X-No-Script is neither true nor false', 'send one of them.');
}
