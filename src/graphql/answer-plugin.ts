// The last look at every answer before Apollo writes it: request ids on errors, the words for missing credentials, and
// the status that the client's media type wants.

import type { ApolloServerPlugin, GraphQLRequestContextWillSendResponse } from '@apollo/server';
import type { GraphQLFormattedError } from 'graphql';
import type { CallerClass } from '../access/caller-class.ts';
import { ERROR_STATUS } from '../platform/errors.ts';
import type { Logger } from '../platform/log.ts';
import type { Model } from '../tables/model.ts';
import { extensionsOf, MASKED } from './format-error.ts';
import { missingCredentials, type SchemaOf } from './missing-credentials.ts';
import { isUnavailable, type RequestContext } from './run-operation.ts';

export interface AnswerPluginOptions {
  readonly log: Logger;
  readonly caller: CallerClass;
  readonly model: () => Model;
  readonly schemaOf: SchemaOf;
}

type Answering = GraphQLRequestContextWillSendResponse<RequestContext>;

/** Failures that reached GraphQL: `application/json` clients read the body, and get 200 (GraphQL over HTTP, 6.4.1). */
const REACHED_GRAPHQL = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'OPERATION_RESOLUTION_FAILURE',
];

/** The plugin for the servers of one class. */
export function answerPlugin(options: AnswerPluginOptions): ApolloServerPlugin<RequestContext> {
  return {
    async requestDidStart() {
      return {
        async willSendResponse(answering) {
          const { response } = answering;
          if (response.body.kind !== 'single') return;
          const result = response.body.singleResult;
          if (!result.errors) return;
          const identified = result.errors.map((error) => withRequestId(error, answering, options.log));
          result.errors = namedErrors(answering, options) ?? identified;
          setStatus(answering);
        },
      };
    },
  };
}

/** The error that says which credential is missing, in place of "cannot query field". */
function namedErrors(
  answering: Answering,
  { caller, model, schemaOf }: AnswerPluginOptions,
): GraphQLFormattedError[] | null {
  const { document, errors, contextValue, response } = answering;
  if (!document || errors?.[0]?.extensions['code'] !== 'GRAPHQL_VALIDATION_FAILED') return null;
  const missing = missingCredentials(document, caller, model().roles, schemaOf);
  if (!missing) return null;
  response.http.status = acceptsGraphqlResponse(answering) ? ERROR_STATUS[missing.code] : 200;
  return [{ message: missing.message, extensions: extensionsOf(missing, contextValue.requestId) }];
}

function withRequestId(error: GraphQLFormattedError, { contextValue }: Answering, log: Logger): GraphQLFormattedError {
  const { requestId } = contextValue;
  if (error.extensions?.['requestId'] !== undefined) return error;
  if (error.extensions?.['code'] === 'INTERNAL_SERVER_ERROR') {
    log.error({ requestId, error: error.message }, 'unexpected error');
    return { message: MASKED, extensions: { code: 'INTERNAL_SERVER_ERROR', requestId } };
  }
  return { ...error, extensions: { ...error.extensions, requestId } };
}

function setStatus(answering: Answering): void {
  const { errors, response } = answering;
  if (isUnavailable(errors)) {
    response.http.status = ERROR_STATUS.SERVICE_UNAVAILABLE;
    response.http.headers.set('retry-after', String(errors?.[0]?.extensions['retryAfter'] ?? 1));
    return;
  }
  const code = String(errors?.[0]?.extensions['code']);
  const { status } = response.http;
  if (status === 400 && REACHED_GRAPHQL.includes(code) && !acceptsGraphqlResponse(answering))
    response.http.status = 200;
  else if (status === 400 && code === 'GRAPHQL_VALIDATION_FAILED') response.http.status = 422;
}

function acceptsGraphqlResponse({ request }: Answering): boolean {
  return request.http?.headers.get('accept')?.includes('application/graphql-response+json') ?? false;
}
