// What happens to the rows that point at rows which are soft-deleted: what their foreign keys say, carried out here because no
// row goes away. One statement for each relation and level, however many rows; no rule of the caller's is asked, as with a
// foreign key of the database.

import { EVERY_ROW, type Filter, livingRows } from '../../tables/filter.ts';
import {
  type Column,
  columnOf,
  type Model,
  type OnDelete,
  type Relation,
  type TableModel,
} from '../../tables/model.ts';
import type { CompiledWrite, RecordStore } from '../ports.ts';
import type { Request, Slot } from '../value-source.ts';
import { stillUsed } from './refusals.ts';
import { UNJUDGED } from './update-records.ts';
import type { Change, WritePlan } from './write-plan.ts';

interface Incoming {
  readonly table: TableModel;
  readonly relation: Relation;
}

export class SoftDeleteCascade {
  readonly #compiled = new Map<Relation, CompiledWrite>();
  readonly #incoming = new Map<string, readonly Incoming[]>();

  constructor(
    private readonly store: RecordStore,
    private readonly model: Model,
  ) {}

  /** Whether rows of any table point at rows of this one. */
  concerns(table: TableModel): boolean {
    return this.#incomingOf(table).length > 0;
  }

  /** Does what is due for the rows of `table` with these ids. Throws CONSTRAINT_VIOLATION when rows that are there hold them. */
  async run(table: TableModel, ids: readonly string[], request: Request): Promise<void> {
    if (ids.length === 0) return;
    const incoming = this.#incomingOf(table);
    for (const { table: child, relation } of ofKind(incoming, 'RESTRICT')) {
      const held = await this.#statement(child, relation).run({ ...request, written: [ids] });
      if (held.length > 0) throw stillUsed(table, child, relation);
    }
    for (const { table: child, relation } of ofKind(incoming, 'SET_NULL')) {
      await this.#statement(child, relation).run({ ...request, written: [ids] });
    }
    for (const { table: child, relation } of ofKind(incoming, 'CASCADE')) {
      const gone = await this.#statement(child, relation).run({ ...request, written: [ids] });
      if (child.softDelete) {
        await this.run(
          child,
          gone.flatMap(({ id }) => id ?? []),
          request,
        );
      }
    }
  }

  #incomingOf(table: TableModel): readonly Incoming[] {
    const known = this.#incoming.get(table.name);
    if (known) return known;
    const found = [...this.model.tables.values()].flatMap((other) =>
      [...other.relations.values()]
        .filter(({ kind, target }) => kind === 'belongsTo' && target === table.name)
        .map((relation) => ({ table: other, relation })),
    );
    this.#incoming.set(table.name, found);
    return found;
  }

  #statement(table: TableModel, relation: Relation): CompiledWrite {
    const known = this.#compiled.get(relation);
    if (known) return known;
    const compiled = this.store.compileWrite(planFor(table, relation));
    this.#compiled.set(relation, compiled);
    return compiled;
  }
}

function planFor(table: TableModel, relation: Relation): WritePlan {
  const key = columnOf(table, relation.column);
  const where: Filter = { kind: 'compare', column: key.name, operator: 'in', operand: { from: 'write', at: 0 } };
  const targeted = { table, rows: livingRows(table), version: null, ceiling: null } as const;
  const all = { kind: 'filter', where, most: null } as const;
  const nothing = { selections: [], shown: EVERY_ROW };
  const change = (column: Column, value: unknown): readonly Change[] => [
    { column, how: 'set', slot: own(column, value) },
  ];
  switch (relation.onDelete) {
    case 'RESTRICT':
      return { kind: 'lock', ...targeted, target: { ...all, most: own(columnOf(table, 'version'), 1) } };
    case 'SET_NULL':
      return { kind: 'update', ...targeted, target: all, changes: change(key, null), ...UNJUDGED, ...nothing };
    case 'CASCADE': {
      if (!table.softDelete) return { kind: 'delete', ...targeted, target: all, ...nothing };
      const changes = change(columnOf(table, 'deleted'), true);
      return { kind: 'update', ...targeted, target: all, changes, ...UNJUDGED, ...nothing };
    }
  }
}

const own = ({ type, list }: Column, value: unknown): Slot => ({ source: { from: 'model', value }, type, list });

const ofKind = (incoming: readonly Incoming[], kind: OnDelete) =>
  incoming.filter(({ relation }) => relation.onDelete === kind);
