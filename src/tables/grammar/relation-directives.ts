// Which directives say something on a field of another table's type. One that would say nothing is a problem: whoever
// writes @permission there believes that it guards.

import type { ProblemList } from './problems.ts';
import type { RelationField } from './table-draft.ts';

type Kind = (typeof KINDS)[number];

const KINDS = ['belongsTo', 'has', 'manyToMany'] as const;
/** Beside itself. A field with @belongsTo stands for its key, which is a column. */
const BESIDE: Readonly<Record<Kind, readonly string[]>> = {
  belongsTo: ['permission', 'preset', 'unique', 'index', 'renamedFrom'],
  has: [],
  manyToMany: ['renamedFrom'],
};

/** The one directive that says what the relation is; null, with a problem, where there is none or several. */
export function relationKind(name: string, { node, type, uses }: RelationField, problems: ProblemList): Kind | null {
  const written = node.directives?.map((directive) => directive.name.value) ?? [];
  const [kind, ...others] = KINDS.filter((directive) => written.includes(directive));
  if (kind === undefined || others.length > 0) {
    const choice = `@belongsTo (the key is here), @has(field: "...") (it is on ${type.name}) and @manyToMany`;
    problems.add(node, `${name} leads to the table ${type.name}, and needs one of ${choice}`);
    return null;
  }
  // One with a wrong argument was reported.
  if (!uses.has(kind)) return null;
  for (const [directive, [use]] of uses) {
    if (!use || directive === kind || BESIDE[kind].includes(directive)) continue;
    problems.add(use.node, `@${directive} says nothing beside @${kind}: ${instead(directive, kind, type.name)}`);
  }
  return kind;
}

function instead(directive: string, kind: Kind, target: string): string {
  if (directive === 'permission') return `who may read ${target} is said there`;
  if (kind === 'belongsTo') return 'a key is the id of a row; leave it out';
  if (directive === 'renamedFrom') return 'nothing in the database has this name; leave it out';
  return `there is no column here; say it in ${target}, or leave it out`;
}
