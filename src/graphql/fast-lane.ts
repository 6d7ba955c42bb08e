// The fast lane: a request whose document its server knows already is run right away, without Apollo Server. Before it stands
// everything that HTTP and authentication ask; behind it is the same `runOperation` that Apollo would come to. What it does
// not take, and every answer that has errors, is Apollo's to write (`http/graphql-route.ts`).

import { getOperationAST } from 'graphql';
import type { ServerDocuments } from './known-documents.ts';
import { type OperationResult, type RequestContext, type Runner, runOperation } from './run-operation.ts';

/**
 * Runs the request in the body of a POST, or answers null: nothing was done, and it is for Apollo. What comes of it is
 * final, errors too: a mutation must not be run once more.
 */
export type FastLane = (body: unknown, context: RequestContext) => Promise<OperationResult> | null;

/** The fast lane of one server: over its documents, and with its own plans. */
export function openFastLane(runner: Runner, documents: ServerDocuments): FastLane {
  return (body, context) => {
    if (!isPlainRequest(body)) return null;
    const document = documents.find(body.query);
    const operation = document && getOperationAST(document, body.operationName);
    return operation ? runOperation(runner, document, operation, body.variables ?? {}, context) : null;
  };
}

interface PlainRequest {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
}

/** Whether Apollo would find nothing to refuse in the form of a body, and no persisted query to look up or keep. */
function isPlainRequest(body: unknown): body is PlainRequest {
  if (!isObject(body)) return false;
  const { query, operationName, variables, extensions } = body;
  return (
    typeof query === 'string' &&
    (isMissing(operationName) || typeof operationName === 'string') &&
    (isMissing(variables) || isObject(variables)) &&
    // Some clients name themselves here; that changes nothing.
    (isMissing(extensions) || (isObject(extensions) && isMissing(extensions['persistedQuery'])))
  );
}

const isMissing = (value: unknown) => value === undefined || value === null;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
