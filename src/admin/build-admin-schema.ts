// The admin schema: classes made once, at the first need. Who may ask is decided before it, at the door.

import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import { buildSchema } from 'type-graphql';
import type { AdminSource } from './admin-context.ts';
import { AppliedModelsResolver } from './applied-models.resolver.ts';
import { ServiceResolver } from './service.resolver.ts';
import { TablesResolver } from './tables.resolver.ts';

/** Builds the admin schema over a source. */
export function buildAdminSchema(source: AdminSource): Promise<GraphQLSchema> {
  const instances = new Map<unknown, object>([
    [ServiceResolver, new ServiceResolver(source)],
    [TablesResolver, new TablesResolver(source)],
    [AppliedModelsResolver, new AppliedModelsResolver(source)],
  ]);
  return buildSchema({
    resolvers: [ServiceResolver, TablesResolver, AppliedModelsResolver],
    validate: false,
    container: {
      get(resolver) {
        const instance = instances.get(resolver);
        if (!instance) throw new Error('a resolver class was not wired');
        return instance;
      },
    },
  });
}
