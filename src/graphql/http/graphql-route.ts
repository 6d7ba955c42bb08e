// A GraphQL endpoint over HTTP: what HTTP itself can refuse, who is asking, then the fast lane or Apollo Server.

import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { HeaderMap } from '@apollo/server';
import type { Caller } from '../../access/caller.ts';
import type { Authenticator } from '../../auth/caller-from-credentials.ts';
import { credentialsFromHeaders } from '../../auth/credentials.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { GraphqlServer } from '../class-servers.ts';
import { requestKey } from '../keyed-request.ts';
import { type RequestContext, stringifyResult } from '../run-operation.ts';
import { forScriptsOf } from '../scripts/for-scripts.ts';
import { serveOperation } from '../serve-operation.ts';
import { sendOneEvent, streamEvents, wantsEvents } from '../sse/event-stream.ts';
import { type Exchange, HttpRefusal } from './exchange.ts';
import { type AnswerType, answerTypeFor, GRAPHQL_RESPONSE_TYPE, JSON_TYPE } from './media-types.ts';
import { bodyOfSearch, readJsonBody } from './read-body.ts';

export interface GraphqlRouteOptions {
  readonly authenticator: Authenticator;
  /** The server for a caller. Throws ServiceError when there is none for it. */
  readonly serverFor: (caller: Caller) => Promise<GraphqlServer>;
  /** Bytes. */
  readonly bodyLimit: number;
  readonly metrics: Pick<Metrics, 'graphqlRequest'>;
  readonly clock: Clock;
  /** Bytes of a subscription's answers that may wait for its client. */
  readonly queued: number;
  /** The headers that scripts may read, in lower case. */
  readonly scriptHeaders: readonly string[];
}

/** A form of another site can send neither of the last two: with one of them a GET is no forgery. */
const READ_BY_APOLLO = ['content-type', 'x-apollo-operation-name', 'apollo-require-preflight'];

/** Answers GraphQL requests. Rejects with ServiceError for what did not reach GraphQL. */
export function graphqlRoute(options: GraphqlRouteOptions) {
  const { authenticator, serverFor, bodyLimit, metrics, clock, queued, scriptHeaders } = options;
  const forScripts = (headers: IncomingHttpHeaders, body: unknown) => forScriptsOf(body, headers, scriptHeaders);
  /** The same over events, which subscriptions need. */
  const answerWithEvents = async ({ request, response, search, requestId }: Omit<Exchange, 'path'>): Promise<void> => {
    const { caller, expiresAt } = await authenticator.identify(credentialsFromHeaders(request.headersDistinct));
    const isPost = request.method === 'POST';
    const body = isPost ? await readJsonBody(request, bodyLimit) : bodyOfSearch(search);
    const server = await serverFor(caller);
    const key = requestKey(request.headersDistinct['idempotency-key'], body);
    const asked = {
      caller,
      requestId,
      onlyReads: !isPost,
      forScripts: forScripts(request.headers, body),
      ...(key === undefined ? {} : { key }),
    };
    const outcome = await serveOperation(server, body, asked);
    if (response.destroyed) return;
    if (outcome.kind === 'answer') sendOneEvent(response, outcome.text);
    else streamEvents(response, outcome.open, { expiresAt, clock, queued });
  };

  return async ({ request, response, search, requestId }: Exchange): Promise<void> => {
    const { method = 'GET', headers } = request;
    if (method !== 'GET' && method !== 'POST')
      throw new HttpRefusal(405, 'Send GraphQL requests with POST.', { allow: 'GET, POST, OPTIONS' });
    if (wantsEvents(request)) {
      await answerWithEvents({ request, response, search, requestId });
      return;
    }
    // Asked before anything runs: Apollo would find out after a mutation has been carried out.
    const type = answerTypeFor(headers.accept);
    if (!type) throw new HttpRefusal(406, `Answers are ${GRAPHQL_RESPONSE_TYPE} or ${JSON_TYPE}: accept one of them.`);
    const caller = await authenticator.callerFrom(credentialsFromHeaders(request.headersDistinct));
    const body = method === 'POST' ? await readJsonBody(request, bodyLimit) : undefined;
    const { apollo, fastLane } = await serverFor(caller);
    const key = requestKey(request.headersDistinct['idempotency-key'], body);
    const asked: RequestContext = {
      caller,
      requestId,
      forScripts: forScripts(headers, body),
      ...(key === undefined ? {} : { key }),
    };
    const running = fastLane?.(body, asked) ?? null;
    metrics.graphqlRequest(running ? 'fast' : 'apollo');
    const result = await running;
    if (result && !result.errors) {
      send(response, 200, [['content-type', `${type}; charset=utf-8`]], stringifyResult(result));
      return;
    }
    const answer = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method, headers: headersForApollo(headers, type), search, body },
      context: async () => (result ? { ...asked, result } : asked),
    });
    if (answer.body.kind !== 'complete') throw new Error('answers come in one piece');
    const status = answer.status ?? 200;
    const text = status < 400 ? answer.body.string : identified(answer.body.string, requestId);
    send(response, status, answer.headers, text);
  };
}

/** Ends an answer, whichever lane it comes from. */
function send(
  response: ServerResponse,
  status: number,
  headers: Iterable<readonly [string, string]>,
  text: string,
): void {
  for (const [name, value] of headers) response.setHeader(name, value);
  response.setHeader('cache-control', 'no-store');
  response.setHeader('content-length', Buffer.byteLength(text));
  response.writeHead(status).end(text);
}

interface Failure {
  readonly message: string;
  readonly extensions: Readonly<Record<string, unknown>>;
}

/**
 * What Apollo refuses before there is an operation passes no plugin of ours: it gets its request id here. Throws what
 * Apollo could not explain, to be masked like everything unexpected.
 */
function identified(text: string, requestId: string): string {
  const answer = JSON.parse(text) as { errors?: Failure[] };
  if (!answer.errors?.some(({ extensions }) => extensions['requestId'] === undefined)) return text;
  const errors = answer.errors.map(({ message, extensions }) => {
    if (extensions['code'] === 'INTERNAL_SERVER_ERROR') throw new Error(message);
    return { message, extensions: { ...extensions, requestId } };
  });
  return JSON.stringify({ errors });
}

/** Of a request's headers those that Apollo asks about; `accept` as it was settled here. */
function headersForApollo(headers: IncomingHttpHeaders, accept: AnswerType): HeaderMap {
  const map = new HeaderMap([['accept', accept]]);
  for (const name of READ_BY_APOLLO) {
    const value = headers[name];
    if (value !== undefined) map.set(name, typeof value === 'string' ? value : value.join(', '));
  }
  return map;
}
