// `deleted`: whether soft-deleted rows are among those asked for. Only on tables that keep them.

import { GraphQLEnumType, type GraphQLFieldConfigArgumentMap } from 'graphql';
import type { DeletedRows } from '../../records/plan.ts';
import type { TableModel } from '../../tables/model.ts';
import { type Argument, structuralValues } from '../read-argument.ts';

const DEFAULT: DeletedRows = 'EXCLUDE';

const DELETED_ROWS = new GraphQLEnumType({
  name: 'DeletedRows',
  description: 'Whether deleted rows, which can be undeleted, are among those asked for.',
  values: {
    EXCLUDE: { description: 'Rows that are not deleted.' },
    INCLUDE: { description: 'Both.' },
    ONLY: { description: 'Deleted rows.' },
  } satisfies Record<DeletedRows, object>,
});

/** The argument, for a table that has deleted rows. */
export function deletedArgument({ softDelete }: TableModel): GraphQLFieldConfigArgumentMap {
  if (!softDelete) return {};
  return {
    deleted: { type: DELETED_ROWS, defaultValue: DEFAULT, description: 'Whether to see deleted rows.' },
  };
}

/** What it says; left out and null are the default. */
export function readDeleted(argument: Argument): DeletedRows {
  const [given = DEFAULT] = structuralValues(argument) as readonly DeletedRows[];
  return given;
}
