// The Apollo Server of the admin API; made when the first admin comes, since most processes never see one.

import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { GraphQLError } from 'graphql';
import type { Caller } from '../access/caller.ts';
import type { AdminSource } from '../admin/admin-context.ts';
import { ServiceError } from '../platform/errors.ts';
import type { Logger } from '../platform/log.ts';
import { MASKED } from './format-error.ts';
import type { RequestContext } from './run-operation.ts';

export interface AdminServer {
  /** The server, for admins; throws UNAUTHENTICATED for everyone else. */
  serverFor(caller: Caller): Promise<ApolloServer<RequestContext>>;
  close(): Promise<void>;
}

export function openAdminServer(source: AdminSource, log: Logger): AdminServer {
  let started: Promise<ApolloServer<RequestContext>> | undefined;
  return {
    async serverFor(caller) {
      if (caller.kind !== 'admin')
        throw new ServiceError('UNAUTHENTICATED', 'The admin API needs the master key in X-Master-Key.');
      started ??= startServer(source, log);
      return started;
    },
    async close() {
      await (await started)?.stop();
    },
  };
}

async function startServer(source: AdminSource, log: Logger): Promise<ApolloServer<RequestContext>> {
  const { buildAdminSchema } = await import('../admin/build-admin-schema.ts');
  const server = new ApolloServer<RequestContext>({
    schema: await buildAdminSchema(source),
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    logger: log,
    formatError(formatted, error) {
      if (formatted.extensions?.['code'] !== 'INTERNAL_SERVER_ERROR') return formatted;
      const cause = error instanceof GraphQLError ? error.originalError : error;
      log.error({ error: cause instanceof Error ? cause.stack : String(cause) }, 'unexpected error');
      return { ...formatted, message: MASKED };
    },
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      {
        async requestDidStart() {
          return {
            async willSendResponse({ response, contextValue }) {
              if (response.body.kind !== 'single' || !response.body.singleResult.errors) return;
              const { requestId } = contextValue;
              const errors = response.body.singleResult.errors;
              response.body.singleResult.errors = errors.map((error) => ({
                ...error,
                extensions: { ...error.extensions, requestId },
              }));
            },
          };
        },
      },
    ],
  });
  await server.start();
  return server;
}
