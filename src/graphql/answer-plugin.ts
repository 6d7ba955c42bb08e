// The last look at every answer before Apollo writes it: errors that nobody meant for callers are masked, all get their
// request id, missing credentials get their words, and HTTP the status that the client's media type wants.

import type { ApolloServerPlugin, GraphQLRequestContextWillSendResponse } from '@apollo/server';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { ERROR_STATUS, type ErrorCode, ServiceError } from '../platform/errors.ts';
import type { Logger } from '../platform/log.ts';
import { errorFormatter, extensionsOf } from './format-error.ts';
import { errorHeaders } from './http/exchange.ts';
import { GRAPHQL_RESPONSE_TYPE } from './http/media-types.ts';
import type { MissingCredentials } from './missing-credentials.ts';
import type { RequestContext } from './run-operation.ts';

type Answering = GraphQLRequestContextWillSendResponse<RequestContext>;

/** The codes of failures that Apollo names, and that fail a request after it reached GraphQL. */
const APOLLO_STATUS: Readonly<Record<string, number>> = {
  GRAPHQL_PARSE_FAILED: 400,
  GRAPHQL_VALIDATION_FAILED: 400,
  OPERATION_RESOLUTION_FAILURE: 400,
};

/** What graphql-js says when it gives up, in words that say what to do. */
const CLEARER: Readonly<Record<string, string>> = {
  'Validation aborted.': 'The document repeats so many fields that they cannot be compared. Ask for less at once.',
  'Maximum call stack size exceeded': 'The document is nested too deeply. Ask for less at once.',
};

/** The plugin of one server. `missing` says what a caller lacks whose document is not valid; null: nobody lacks anything. */
export function answerPlugin(log: Logger, missing: MissingCredentials | null): ApolloServerPlugin<RequestContext> {
  const format = errorFormatter(log);

  /** The error as the caller gets it. Ours have their request id already; the formatted one is Apollo's. */
  const settled = (
    error: GraphQLError,
    formatted: GraphQLFormattedError,
    { response, contextValue: { requestId } }: Answering,
  ): GraphQLFormattedError => {
    const { message, extensions } = formatted;
    if (extensions?.['requestId'] !== undefined) return formatted;
    const cause = error.originalError;
    if (!(cause instanceof ServiceError)) {
      if (extensions?.['code'] !== 'INTERNAL_SERVER_ERROR')
        return { ...formatted, message: CLEARER[message] ?? message, extensions: { ...extensions, requestId } };
      // Apollo gives some refusals a status and no code.
      if (!cause && response.http.status === 400)
        return { ...formatted, extensions: { code: 'BAD_REQUEST', requestId } };
    }
    const { path, nodes } = error;
    return format(cause ?? new Error(error.message), {
      requestId,
      ...(path ? { path } : {}),
      ...(nodes ? { nodes } : {}),
    }).toJSON();
  };

  return {
    async requestDidStart() {
      return {
        async willSendResponse(answering) {
          const { response, contextValue } = answering;
          if (response.body.kind !== 'single') return;
          const result = response.body.singleResult;
          if (!result.errors) return;
          const { requestId } = contextValue;
          const lacking = lackingCredentials(answering, missing);
          result.errors = lacking
            ? [{ message: lacking.message, extensions: extensionsOf(lacking, requestId) }]
            : result.errors.map((formatted, at) =>
                settled(answering.errors?.[at] ?? new GraphQLError(formatted.message), formatted, answering),
              );
          if (result.data === undefined || result.data === null) setHead(answering, result.errors[0]);
        },
      };
    },
  };
}

function lackingCredentials({ document, errors }: Answering, missing: MissingCredentials | null): ServiceError | null {
  if (!missing || !document || errors?.[0]?.extensions['code'] !== 'GRAPHQL_VALIDATION_FAILED') return null;
  return missing(document);
}

/** The status of an answer without data. What Apollo refuses as no proper request, or answers on purpose, stays as it is. */
function setHead({ request, response }: Answering, error: GraphQLFormattedError | undefined): void {
  const { code, retryAfter } = error?.extensions ?? {};
  const status = code === 'BAD_REQUEST' ? undefined : (APOLLO_STATUS[String(code)] ?? ERROR_STATUS[code as ErrorCode]);
  if (status === undefined) return;
  // A client of the old type reads the body of what reached GraphQL, and nothing else.
  const quiet = status < 500 && request.http?.headers.get('accept') !== GRAPHQL_RESPONSE_TYPE;
  response.http.status = quiet ? 200 : status;
  if (quiet) return;
  const headers = errorHeaders({ code: code as ErrorCode, retryAfter: retryAfter as number | undefined });
  for (const [name, value] of Object.entries(headers)) response.http.headers.set(name, value);
}
