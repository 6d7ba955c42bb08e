// The Apollo Server of the admin API; made when the first admin comes, since most processes never see one.

import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import type { Caller } from '../access/caller.ts';
import type { AdminSource } from '../admin/admin-context.ts';
import { ServiceError } from '../platform/errors.ts';
import type { Logger } from '../platform/log.ts';
import { answerPlugin } from './answer-plugin.ts';
import type { Limits } from './limits.ts';
import type { RequestContext } from './run-operation.ts';
import { MAX_TOKENS, ownRules } from './validation-rules.ts';

export interface AdminServer {
  /** The server, for admins; throws UNAUTHENTICATED for everyone else. */
  serverFor(caller: Caller): Promise<ApolloServer<RequestContext>>;
  close(): Promise<void>;
}

export function openAdminServer(source: AdminSource, log: Logger, limits: Limits): AdminServer {
  let started: Promise<ApolloServer<RequestContext>> | undefined;
  return {
    async serverFor(caller) {
      if (caller.kind !== 'admin')
        throw new ServiceError('UNAUTHENTICATED', 'The admin API needs the master key in X-Master-Key.');
      started ??= startServer(source, log, limits);
      return started;
    },
    async close() {
      await (await started)?.stop();
    },
  };
}

async function startServer(source: AdminSource, log: Logger, limits: Limits): Promise<ApolloServer<RequestContext>> {
  const { buildAdminSchema } = await import('../admin/build-admin-schema.ts');
  const server = new ApolloServer<RequestContext>({
    schema: await buildAdminSchema(source),
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    logger: log,
    parseOptions: { maxTokens: MAX_TOKENS },
    validationRules: ownRules(limits),
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      answerPlugin(log, null),
    ],
  });
  await server.start();
  return server;
}
