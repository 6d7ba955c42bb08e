// The columns that every table has. The database keeps them, so that writes from outside (psql, ETL) move them too.

import type { Column } from '../model.ts';
import { plainColumn } from './parse-column.ts';

/** `id` first, then what a trigger sets. `deleted` only with soft delete. */
export function systemColumns(softDelete: boolean): readonly Column[] {
  const system = (name: string, type: 'DateTime' | 'Version' | 'Boolean', description: string) =>
    plainColumn(name, { kind: 'scalar', name: type }, { required: true, system: true, description });
  return [
    plainColumn('id', { kind: 'scalar', name: 'ID' }, { required: true, description: "The row's own key." }),
    system('createdAt', 'DateTime', 'When the row was inserted.'),
    system('updatedAt', 'DateTime', 'When the row was last written.'),
    system('version', 'Version', 'Changes with every write; opaque.'),
    ...(softDelete ? [system('deleted', 'Boolean', 'The row was deleted, and can be undeleted.')] : []),
  ];
}
