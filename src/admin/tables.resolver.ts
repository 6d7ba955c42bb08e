// The tables that are served, as admins see them.

import { Arg, Field, ObjectType, Query, Resolver } from 'type-graphql';
import type { Column, Relation, TableModel } from '../tables/model.ts';
import type { AdminSource } from './admin-context.ts';

@ObjectType({ description: 'A column of a table.' })
export class TableColumn {
  @Field(() => String)
  name!: string;

  @Field(() => String, { description: 'The name in the database.' })
  sqlName!: string;

  @Field(() => String, { description: 'As a table file writes it: `[String!]!`.' })
  type!: string;

  @Field(() => Boolean, { description: 'Kept by the service; no client can set it.' })
  system!: boolean;
}

@ObjectType({ description: 'A relation of a table to another.' })
export class TableRelation {
  @Field(() => String)
  name!: string;

  @Field(() => String, { description: 'belongsTo, hasOne, hasMany or manyToMany.' })
  kind!: string;

  @Field(() => String)
  target!: string;
}

@ObjectType({ description: 'A table.' })
export class Table {
  @Field(() => String)
  name!: string;

  @Field(() => String)
  plural!: string;

  @Field(() => String, { description: 'The name in the database.' })
  sqlName!: string;

  @Field(() => Boolean)
  softDelete!: boolean;

  @Field(() => [TableColumn])
  columns!: TableColumn[];

  @Field(() => [TableRelation])
  relations!: TableRelation[];
}

@Resolver(() => Table)
export class TablesResolver {
  constructor(private readonly source: AdminSource) {}

  @Query(() => [Table], { description: 'All tables, by name.' })
  tables(): Table[] {
    return [...this.source.model().tables.values()].map(toTable).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  @Query(() => Table, { nullable: true, description: 'The table of that name, or null.' })
  table(@Arg('name', () => String) name: string): Table | null {
    const table = this.source.model().tables.get(name);
    return table ? toTable(table) : null;
  }
}

function toTable({ name, plural, sqlName, softDelete, columns, relations }: TableModel): Table {
  return {
    name,
    plural,
    sqlName,
    softDelete,
    columns: [...columns.values()].map(toColumn),
    relations: [...relations.values()].map(({ name: relation, kind, target }: Relation) => ({
      name: relation,
      kind,
      target,
    })),
  };
}

function toColumn({ name, sqlName, type, list, required, system }: Column): TableColumn {
  const item = list ? `[${type.name}!]` : type.name;
  return { name, sqlName, type: required ? `${item}!` : item, system };
}
