// The history of the tables, as admins see it.

import { Arg, Field, ID, Int, ObjectType, Query, Resolver } from 'type-graphql';
import { ServiceError } from '../platform/errors.ts';
import type { AdminSource, AppliedModelRecord } from './admin-context.ts';

const PAGE_SIZE = 20;
const MAX_PAGE_SIZE = 1_000;

@ObjectType({ description: 'That tables were applied to the database.' })
export class AppliedModel {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { description: 'The version of the tables: a hash of what the table files said.' })
  modelVersion!: string;

  @Field(() => String, { description: 'The version of the Tablecast that applied them.' })
  productVersion!: string;

  @Field(() => [String], { description: 'What was done to the database, in words; empty when nothing had to be.' })
  steps!: readonly string[];

  @Field(() => String, { description: 'When, in UTC.' })
  appliedAt!: string;
}

@Resolver(() => AppliedModel)
export class AppliedModelsResolver {
  constructor(private readonly source: AdminSource) {}

  @Query(() => [AppliedModel], { description: 'The tables that were applied to the database, newest first.' })
  async appliedModels(
    @Arg('first', () => Int, {
      nullable: true,
      defaultValue: PAGE_SIZE,
      description: `How many, at most ${MAX_PAGE_SIZE}.`,
    })
    first: number | null,
  ): Promise<AppliedModel[]> {
    const applied = await this.source.appliedModels(pageSize(first));
    return applied.map((record: AppliedModelRecord) => ({ ...record, appliedAt: record.appliedAt.toISOString() }));
  }
}

/** Null means the default, like leaving out. */
function pageSize(first: number | null): number {
  if (first === null) return PAGE_SIZE;
  if (first >= 0 && first <= MAX_PAGE_SIZE) return first;
  const message = `must be from 0 to ${MAX_PAGE_SIZE}`;
  throw new ServiceError('BAD_USER_INPUT', `first ${message}, and is ${first}`, {
    fields: [{ path: ['first'], message }],
  });
}
