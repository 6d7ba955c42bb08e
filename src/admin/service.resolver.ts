// The service itself, as admins see it.

import { Field, ObjectType, Query, Resolver } from 'type-graphql';
import type { AdminSource } from './admin-context.ts';

@ObjectType({ description: 'The running service.' })
export class ServiceInfo {
  @Field(() => String, { description: "Tablecast's version." })
  version!: string;

  @Field(() => String, { description: 'When this process began to serve, in UTC.' })
  startedAt!: string;

  @Field(() => String, { description: 'The version of the PostgreSQL server.' })
  databaseVersion!: string;

  @Field(() => String, { description: 'The version of the tables: a hash of what the table files say.' })
  modelVersion!: string;
}

@Resolver(() => ServiceInfo)
export class ServiceResolver {
  constructor(private readonly source: AdminSource) {}

  @Query(() => ServiceInfo, { description: 'The running service.' })
  service(): ServiceInfo {
    const { version, startedAt, databaseVersion, model } = this.source;
    return { version, startedAt: startedAt.toISOString(), databaseVersion, modelVersion: model().version };
  }
}
