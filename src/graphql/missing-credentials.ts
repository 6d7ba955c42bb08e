// Why an operation is not valid for a caller: because nobody could run it, or because a credential or role is missing.
// Only what is ADMIN looks absent.

import type { DocumentNode, GraphQLSchema } from 'graphql';
import { type CallerClass, callerClass, fullestClass } from '../access/caller-class.ts';
import { ServiceError } from '../platform/errors.ts';
import type { Limits } from './limits.ts';
import { isValid } from './validation-rules.ts';

/** Makes the schema of another class. */
export type SchemaOf = (caller: CallerClass) => GraphQLSchema;

/** Says what a caller lacks to run a document, or null: the document is wrong for another reason. */
export type MissingCredentials = (document: DocumentNode) => ServiceError | null;

/**
 * What the caller lacks to run a document that was refused: UNAUTHENTICATED for a credential, FORBIDDEN for a role. Null
 * when the document is wrong for everyone but admins, or valid here and refused for what no credential changes.
 */
export function missingCredentials(
  document: DocumentNode,
  caller: CallerClass,
  modelRoles: readonly string[],
  schemaOf: SchemaOf,
  limits: Limits,
): ServiceError | null {
  const fullest = fullestClass(modelRoles);
  const valid = (candidate: CallerClass) => isValid(schemaOf(candidate), document, limits);
  if (caller.admin || caller.key === fullest.key || !valid(fullest) || valid(caller)) return null;
  const { application, user, roles } = caller;
  const signedIn = 'Sign in, and send the token as "Authorization: Bearer <token>".';
  const withKey = 'Send the application key in X-Application-Key.';
  if (!user && valid(callerClass({ ...caller, user: true }))) return new ServiceError('UNAUTHENTICATED', signedIn);
  if (!application && valid(callerClass({ ...caller, application: true })))
    return new ServiceError('UNAUTHENTICATED', withKey);
  if (!user || (!application && !valid(callerClass({ admin: false, application: false, user, roles: modelRoles })))) {
    return new ServiceError(
      'UNAUTHENTICATED',
      [user ? '' : signedIn, application ? '' : withKey].filter(Boolean).join(' '),
    );
  }
  return new ServiceError(
    'FORBIDDEN',
    `This needs a role that you do not have${roles.length > 0 ? ` (you have ${roles.join(', ')})` : ''}.`,
  );
}
