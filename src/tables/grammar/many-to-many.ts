// `@manyToMany`: two tables and one between them. The one between is a table of the model (`through`), or it is made for
// the relation, and then holds the two keys and nothing else.

import type { Link, LinkTable } from '../model.ts';
import { toSqlName } from '../names.ts';
import { readRenamedFrom } from './parse-column.ts';
import { type Located, type ProblemList, suggest } from './problems.ts';
import { fieldsTo, keyColumn } from './resolve-relations.ts';
import type { RelationField, TableDraft } from './table-draft.ts';

type Drafts = ReadonlyMap<string, TableDraft>;

interface Side {
  readonly name: string;
  readonly field: RelationField;
  readonly owner: TableDraft;
  readonly target: TableDraft;
}

/** Gives every table its many-to-many relations. Answers the link tables that are to be made, by database name. */
export function resolveManyToMany(drafts: Drafts, problems: ProblemList): Map<string, LinkTable> {
  const links = new Map<string, LinkTable>();
  const sides = [...drafts.values()].flatMap((owner) =>
    [...owner.relationFields].flatMap(([name, field]): Side[] => {
      const target = drafts.get(field.type.name);
      return target && field.uses.has('manyToMany') && target.store === owner.store
        ? [{ name, field, owner, target }]
        : [];
    }),
  );
  for (const side of sides) {
    const { name, field, owner, target } = side;
    if (!field.type.list) problems.add(field.node.type, `${name} is many ${target.name}: write [${target.name}!]!`);
    const link =
      argument(side, 'through') === undefined
        ? madeLink(side, sides, links, problems)
        : throughLink(side, drafts, problems);
    if (!link) continue;
    const description = field.node.description?.value ?? null;
    owner.relations.set(name, {
      kind: 'manyToMany',
      name,
      description,
      target: target.name,
      column: '',
      link,
      required: true,
      onDelete: 'CASCADE',
    });
  }
  return links;
}

function argument({ field }: Side, name: 'through' | 'field'): string | undefined {
  return (field.uses.get('manyToMany')?.[0]?.values[name] as string | null | undefined) ?? undefined;
}

/** Where an argument was written. */
function place({ field }: Side, name: 'through' | 'field'): Located {
  return field.uses.get('manyToMany')?.[0]?.valueNode(name) ?? field.node;
}

/** A table of the model between: it belongs to both. `field` says which of its fields leads on, where that is not plain. */
function throughLink(side: Side, drafts: Drafts, problems: ProblemList): Link | undefined {
  const { owner, target } = side;
  const through = argument(side, 'through') ?? '';
  const table = drafts.get(through);
  if (!table) {
    problems.add(
      place(side, 'through'),
      `there is no table ${through} to go through${suggest(through, drafts.keys())}`,
    );
    return undefined;
  }
  const onward = argument(side, 'field');
  const leading = fieldsTo(table, target.name).filter(([name]) => onward === undefined || name === onward);
  const back = fieldsTo(table, owner.name).filter(([name]) => leading.length !== 1 || name !== leading[0]?.[0]);
  const [toTarget] = leading;
  const [toOwner] = back;
  if (leading.length !== 1 || back.length !== 1 || !toTarget || !toOwner) {
    const wanted = `one @belongsTo field to ${owner.name} and one to ${target.name}`;
    problems.add(
      place(side, onward === undefined ? 'through' : 'field'),
      `${through} needs ${wanted}; where there are more, say with field: which one leads to ${target.name}`,
    );
    return undefined;
  }
  const sqlColumn = (key: string) => table.columns.get(key)?.sqlName ?? toSqlName(key);
  return {
    table: through,
    sqlName: table.sqlName,
    ownerColumn: sqlColumn(keyColumn(...toOwner)),
    targetColumn: sqlColumn(keyColumn(...toTarget)),
  };
}

/** A table made for the relation. The side with `field` is the other side of the relation that it names. */
function madeLink(
  side: Side,
  sides: readonly Side[],
  links: Map<string, LinkTable>,
  problems: ProblemList,
): Link | undefined {
  const { owner, target } = side;
  const opposite = argument(side, 'field');
  if (opposite === undefined) {
    const link = linkOf(side);
    const columns = [
      { table: owner.name, sqlColumn: link.ownerColumn },
      { table: target.name, sqlColumn: link.targetColumn },
    ];
    links.set(
      link.sqlName,
      Object.freeze({ sqlName: link.sqlName, sides: columns, formerNames: formerNames(side, link) }),
    );
    return link;
  }
  const other = sides.find(
    (candidate) => candidate.owner === target && candidate.name === opposite && candidate.target === owner,
  );
  if (!other || !makesTable(other)) {
    const wanted = `@manyToMany field "${opposite}" without arguments, of type [${owner.name}!]!`;
    problems.add(place(side, 'field'), `${target.name} has no ${wanted}${hint(side, other, sides)}`);
    return undefined;
  }
  const { sqlName, ownerColumn, targetColumn } = linkOf(other);
  return { table: null, sqlName, ownerColumn: targetColumn, targetColumn: ownerColumn };
}

/** Whether a table is made by this side, which the other side can name. */
function makesTable(side: Side): boolean {
  return argument(side, 'field') === undefined && argument(side, 'through') === undefined;
}

/** What to write where `other`, the field that `side` names, makes no table, or is none. */
function hint(side: Side, other: Side | undefined, sides: readonly Side[]): string {
  const { owner, target } = side;
  const through = other && argument(other, 'through');
  if (through !== undefined) return `: write @manyToMany(through: "${through}") here too`;
  if (other) return ': leave out its field:, so that it makes the table between';
  const names = sides.filter((one) => one.owner === target && one.target === owner && makesTable(one));
  return suggest(
    argument(side, 'field') ?? '',
    names.map(({ name }) => name),
  );
}

function linkOf({ name, owner, target }: Side): Link {
  const { sqlName, sqlColumns } = linkNames(owner.sqlName, toSqlName(name), target.sqlName);
  const [ownerColumn = '', targetColumn = ''] = sqlColumns;
  return { table: null, sqlName, ownerColumn, targetColumn };
}

/** The names of a link table, from those of the tables and of the relation in the database. */
function linkNames(owner: string, relation: string, target: string) {
  const ownerColumn = `${owner}_id`;
  const plain = `${target}_id`;
  return {
    sqlName: `${owner}_${relation}`,
    sqlColumns: [ownerColumn, plain === ownerColumn ? `${relation}_id` : plain],
  };
}

/** With every part by its name of before, or of now. */
function formerNames({ name, field, owner, target }: Side, now: Link): LinkTable['formerNames'] {
  const both = (current: string, uses: TableDraft['uses']) => {
    const former = readRenamedFrom(uses);
    return former === null ? [current] : [current, former];
  };
  const named = both(owner.sqlName, owner.uses).flatMap((ownerName) =>
    both(toSqlName(name), field.uses).flatMap((relation) =>
      both(target.sqlName, target.uses).map((targetName) => linkNames(ownerName, relation, targetName)),
    ),
  );
  const current = [now.sqlName, now.ownerColumn, now.targetColumn].join();
  return named.filter(({ sqlName, sqlColumns }) => [sqlName, ...sqlColumns].join() !== current);
}
