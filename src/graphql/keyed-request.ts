// A request under a key of the client's: the header `Idempotency-Key`, or `clientMutationId` among the extensions.

import { createHash } from 'node:crypto';
import type { OperationDefinitionNode } from 'graphql';
import { actorOf } from '../access/actor.ts';
import type { Caller } from '../access/caller.ts';
import { ServiceError } from '../platform/errors.ts';
import type { KeyedRequest } from '../records/kept-answers.ts';

const LONGEST_KEY = 255;
/** Printable, so that a key can be a header. */
const KEY = /^[\x21-\x7e]+$/;

/** The key of a request; undefined when it has none. Throws BAD_REQUEST for one that cannot be kept, or for two of them. */
export function requestKey(header: readonly string[] | undefined, body: unknown): string | undefined {
  const given = [...(header ?? []), ...clientMutationId(body)];
  const [key, ...others] = new Set(given);
  if (key === undefined) return undefined;
  if (others.length > 0) throw new ServiceError('BAD_REQUEST', 'The request has two keys: send one Idempotency-Key.');
  if (key.length <= LONGEST_KEY && KEY.test(key)) return key;
  throw new ServiceError(
    'BAD_REQUEST',
    `An Idempotency-Key has 1 to ${LONGEST_KEY} printable ASCII characters and no space: a UUID is a good one.`,
  );
}

function clientMutationId(body: unknown): string[] {
  const { extensions } = (body ?? {}) as { extensions?: unknown };
  const { clientMutationId: id } = (extensions ?? {}) as { clientMutationId?: unknown };
  if (id === undefined || id === null) return [];
  if (typeof id === 'string') return [id];
  throw new ServiceError('BAD_REQUEST', 'extensions.clientMutationId must be a text.');
}

/** What is asked under a key. Callers of another class are another request: their answers show other things. */
export function keyedRequest(
  key: string,
  caller: Caller,
  classKey: string,
  operation: OperationDefinitionNode,
  inputs: Readonly<Record<string, unknown>>,
): KeyedRequest {
  const asked = [operation.loc?.source.body, operation.name?.value ?? null, inputs, classKey];
  const fingerprint = createHash('sha256').update(JSON.stringify(asked)).digest('base64url');
  return { actor: actorOf(caller), key, fingerprint };
}
