// Fields of another table's type become relations, when all tables have their columns: `@belongsTo` where the key is, and
// `@has` on the other side. Many to many is `many-to-many.ts`.

import type { OnDelete } from '../model.ts';
import { foreignKeyName } from '../names.ts';
import type { Use } from './directives.ts';
import { type ProblemList, suggest } from './problems.ts';
import { relationKind } from './relation-directives.ts';
import type { RelationField, TableDraft } from './table-draft.ts';

/** As people call the stores. */
const STORES = { SQL: 'PostgreSQL', MONGODB: 'MongoDB' } as const;

type Drafts = ReadonlyMap<string, TableDraft>;

/** Gives every table its relations with a key on one side; the others are left. */
export function resolveRelations(drafts: Drafts, problems: ProblemList): void {
  for (const draft of drafts.values()) {
    for (const [name, field] of draft.relationFields) resolveRelation(name, field, draft, drafts, problems);
  }
  for (const draft of drafts.values()) checkRequiredCycle(draft, drafts, problems);
}

function resolveRelation(
  name: string,
  field: RelationField,
  draft: TableDraft,
  drafts: Drafts,
  problems: ProblemList,
): void {
  const { node, type, uses } = field;
  const target = drafts.get(type.name);
  const kind = relationKind(name, field, problems);
  if (kind === null || !target) return;
  if (target.store !== draft.store) {
    const places = `${draft.name} is kept in ${STORES[draft.store]} and ${target.name} in ${STORES[target.store]}`;
    problems.add(
      node,
      `${places}: no relation leads from one store to another; keep the id, and ask for the row by it`,
    );
  }
  const base = {
    name,
    description: node.description?.value ?? null,
    target: type.name,
    required: type.required,
    link: null,
  };
  const belongsTo = uses.get('belongsTo')?.[0];
  if (belongsTo) {
    const onDelete = belongsTo.values['onDelete'] as OnDelete;
    if (type.list) problems.add(node.type, `a row belongs to one ${type.name}: drop the brackets`);
    if (onDelete === 'SET_NULL' && type.required)
      problems.add(
        belongsTo.valueNode('onDelete') ?? belongsTo.node,
        `${name} is required and cannot be set to null: write ${type.name} without !, or another onDelete`,
      );
    draft.relations.set(name, { kind: 'belongsTo', column: keyColumn(name, field), onDelete, ...base });
    return;
  }
  const has = uses.get('has')?.[0];
  if (!has) return;
  const column = otherSide(target, draft, has, problems);
  if (column === undefined) return;
  if (!type.list && !target.isUnique(column)) {
    problems.add(
      has.node,
      `${draft.name} has one ${type.name} only if ${type.name}.${String(has.values['field'])} is @unique: write that there, or [${type.name}!]! here`,
    );
  }
  if (!type.list && type.required)
    problems.add(node.type, `a ${draft.name} may have no ${type.name} yet: write ${type.name} without !`);
  draft.relations.set(name, { kind: type.list ? 'hasMany' : 'hasOne', column, onDelete: 'RESTRICT', ...base });
}

/** The column of a `@belongsTo` field. */
export function keyColumn(name: string, { uses }: RelationField): string {
  return (uses.get('belongsTo')?.[0]?.values['column'] as string | null | undefined) ?? foreignKeyName(name);
}

/** The `@belongsTo` fields of a draft that lead to `target`. */
export function fieldsTo(draft: TableDraft, target: string): readonly [name: string, field: RelationField][] {
  return [...draft.relationFields].filter(([, { type, uses }]) => type.name === target && uses.has('belongsTo'));
}

function otherSide(target: TableDraft, owner: TableDraft, has: Use, problems: ProblemList): string | undefined {
  const wanted = String(has.values['field']);
  const pointing = fieldsTo(target, owner.name);
  const found = pointing.find(([name]) => name === wanted);
  if (found) return keyColumn(...found);
  const names = pointing.map(([name]) => name);
  const hint = suggest(wanted, names) || `; add there "${wanted}: ${owner.name} @belongsTo"`;
  problems.add(
    has.valueNode('field') ?? has.node,
    `${target.name} has no @belongsTo field "${wanted}" of type ${owner.name}${hint}`,
  );
  return undefined;
}

/** Tables that require each other can never have a first row. Reported once, at the table whose name comes first. */
function checkRequiredCycle(start: TableDraft, drafts: Drafts, problems: ProblemList): void {
  const seen = new Set<string>();
  const queue = requiredBy(start).map(([field, target]) => ({ field, target, path: `${start.name}.${field}` }));
  for (const { field, target, path } of queue) {
    if (target === start.name) {
      const node = start.relationFields.get(path.split(' ')[0]?.split('.')[1] ?? field)?.node;
      if (node)
        problems.add(
          node,
          `${path} is a circle of required relations, so that no first row can be: make one of them optional`,
        );
      return;
    }
    const next = drafts.get(target);
    if (!next || seen.has(target) || target < start.name) continue;
    seen.add(target);
    queue.push(...requiredBy(next).map(([more, to]) => ({ field, target: to, path: `${path} -> ${target}.${more}` })));
  }
}

function requiredBy(draft: TableDraft): (readonly [field: string, target: string])[] {
  return [...draft.relations.values()]
    .filter(({ kind, required }) => kind === 'belongsTo' && required)
    .map(({ name, target }) => [name, target] as const);
}
