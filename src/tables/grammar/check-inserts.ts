// Who may insert into a table must be able to: a column that they may not set, that is required and that nothing else
// fills, would refuse every row of theirs.

import type { FieldDefinitionNode, ObjectTypeDefinitionNode } from 'graphql';
import type { Column, Permission, TableModel } from '../model.ts';
import type { ProblemList } from './problems.ts';
import type { TableDraft } from './table-draft.ts';

/** Credentials that a permission asks for, and no more: the least that a caller can have who passes it. */
interface Credentials {
  readonly level: Permission['level'];
  /** With level USER: null is a user without a role that matters. */
  readonly role: string | null;
}

/** Adds a problem for every column that keeps somebody who may insert from ever doing so. */
export function checkInserts(
  drafts: ReadonlyMap<string, TableDraft>,
  models: ReadonlyMap<string, TableModel>,
  problems: ProblemList,
): void {
  for (const [name, draft] of drafts) {
    const table = models.get(name);
    if (!table || !areRead(draft.node, draft.uses)) continue;
    for (const column of table.columns.values()) {
      const barred = isNeeded(column) ? inserting(table).find((one) => !maySet(one, column)) : undefined;
      if (!barred) continue;
      const field = draft.fields.find((one) => one.name.value === (column.relation ?? column.name));
      if (!field || !areRead(field, draft.columnUses.get(column.name))) continue;
      const who = `${inWords(barred)} may insert into ${name} and may not set ${column.name}`;
      problems.add(field.name, `${who}, which is required: give it @default or @preset, or ${remedy(column)}`);
    }
  }
}

/** Whether all of the permissions that were written could be read; otherwise nobody knows what was meant. */
function areRead(node: ObjectTypeDefinitionNode | FieldDefinitionNode, uses: TableDraft['uses'] | undefined): boolean {
  const written = node.directives?.filter(({ name }) => name.value === 'permission') ?? [];
  return written.length === (uses?.get('permission')?.length ?? 0);
}

/** Nothing but the caller gives it a value, and not every caller may. A preset on UPDATE gives none, and keeps clients from it. */
function isNeeded({ required, system, defaultValue, preset, permissions, name }: Column): boolean {
  const filled = defaultValue !== undefined || preset?.operations.includes('INSERT') === true;
  return required && !system && name !== 'id' && !filled && (permissions !== null || preset !== null);
}

/** Everyone who may insert. A table without permissions is the application key's. */
function inserting({ permissions }: TableModel): readonly Credentials[] {
  if (permissions === null) return [{ level: 'APPLICATION', role: null }];
  return permissions
    .filter(({ level, operations }) => level !== 'ADMIN' && operations.includes('INSERT'))
    .flatMap(({ level, roles }) => (roles ?? [null]).map((role) => ({ level, role })));
}

function maySet({ level, role }: Credentials, { permissions, preset }: Column): boolean {
  if (preset) return false;
  if (permissions === null) return true;
  return permissions.some(
    (permission) =>
      permission.operations.includes('INSERT') &&
      (permission.level === 'PUBLIC' ||
        (permission.level === level &&
          (permission.roles === null || (role !== null && permission.roles.includes(role))))),
  );
}

function inWords({ level, role }: Credentials): string {
  if (level === 'USER') return role === null ? 'every user' : `a user with the role "${role}"`;
  return level === 'PUBLIC' ? 'everyone' : 'everyone with the application key';
}

function remedy({ preset }: Column): string {
  return preset ? 'set the preset on INSERT too' : 'let the same callers set it (@permission with INSERT)';
}
