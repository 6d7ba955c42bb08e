// Running an operation for a face that can take streams. It goes the same ways as one over plain HTTP: the fast lane, or Apollo
// Server with its plugins.

import { ServiceError } from '../platform/errors.ts';
import type { GraphqlServer } from './class-servers.ts';
import { extensionsOf } from './format-error.ts';
import type { OpenStream } from './live/stream.ts';
import { type RequestContext, stringifyResult } from './run-operation.ts';

export type Outcome =
  /** The JSON of the whole result. It may hold nothing but errors. */
  { readonly kind: 'answer'; readonly text: string } | { readonly kind: 'stream'; readonly open: OpenStream };

/** Runs the operation in the body of a message. Never throws for what a client can cause. */
export async function serveOperation(
  { apollo, fastLane }: GraphqlServer,
  body: unknown,
  context: RequestContext,
): Promise<Outcome> {
  const streams: NonNullable<RequestContext['streams']> = { open: null };
  const asked: RequestContext = { ...context, streams };
  const running = fastLane?.(body, asked) ?? null;
  const result = running ? await running : null;
  if (streams.open) return { kind: 'stream', open: streams.open };
  if (result && !result.errors) return { kind: 'answer', text: stringifyResult(result) };
  const reason = wrongForm(body);
  if (reason) return { kind: 'answer', text: refused(reason, context) };
  const { query, variables, operationName, extensions } = body as Record<string, unknown>;
  const response = await apollo.executeOperation(
    {
      query: query as string,
      variables: (variables ?? {}) as Record<string, unknown>,
      ...(typeof operationName === 'string' ? { operationName } : {}),
      ...(extensions ? { extensions: extensions as Record<string, unknown> } : {}),
    },
    { contextValue: result ? { ...asked, result } : asked },
  );
  // The plan was made on this way, and the subscription with it.
  const opened = (streams as { open: OpenStream | null }).open;
  if (opened) return { kind: 'stream', open: opened };
  if (response.body.kind !== 'single') throw new Error('answers come in one piece');
  return { kind: 'answer', text: stringifyResult(response.body.singleResult) };
}

/** What is wrong with the form of a body, in words; null: nothing. */
function wrongForm(body: unknown): string | null {
  const { query, variables, operationName, extensions } = (body ?? {}) as Record<string, unknown>;
  for (const [name, value] of Object.entries({ variables, extensions }))
    if (!isMissing(value) && !isObject(value)) return `${name} must be an object, or be left out.`;
  if (!isMissing(operationName) && typeof operationName !== 'string')
    return 'operationName must be a text, or be left out.';
  // A document that is kept here has its place among the extensions.
  if (typeof query === 'string' || (isMissing(query) && !isMissing(extensions))) return null;
  return 'An operation needs a query: the text of a GraphQL document.';
}

const isMissing = (value: unknown) => value === undefined || value === null;

const isObject = (value: unknown) => typeof value === 'object' && !Array.isArray(value);

function refused(reason: string, { requestId }: RequestContext): string {
  const error = new ServiceError('BAD_REQUEST', reason);
  return JSON.stringify({ errors: [{ message: error.message, extensions: extensionsOf(error, requestId) }] });
}
