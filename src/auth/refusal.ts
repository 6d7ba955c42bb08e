// How a credential is refused: which one, why, and what to do. The credential itself is never repeated.

import { ServiceError } from '../platform/errors.ts';

/** A credential that is wrong. `what` names it and says why; `fix` is a sentence for who wrote the client. */
export function refusal(what: string, fix: string, cause?: unknown): ServiceError {
  return new ServiceError('UNAUTHENTICATED', `${what}: ${fix}`, { cause });
}

/** A user token that is wrong; `why` is read after its name. */
export function tokenRefusal(why: string, fix = 'send a token that this service or its issuer made.'): ServiceError {
  return refusal(`The user token ${why}`, fix);
}
