// What writes would do, over rows in memory: the oracle says who may, and this what becomes of the rows then. A refused
// write leaves everything as it was.

import { type Oracle, oracle } from './oracle.ts';
import { HUBS, type Operation, POINTERS, ROWS, type Row, type Who } from './world.ts';

export class Refused {
  constructor(readonly code: string) {}
}

export type Change = Partial<Omit<Row, 'id' | 'deleted'>>;

/** The tables of one kind. */
export interface State {
  readonly rows: Readonly<Record<string, Row>>;
  readonly hubs: Readonly<Record<string, string | null>>;
  readonly pointers: Readonly<Record<string, string | null>>;
  /** `pointer row`. */
  readonly many: readonly string[];
}

export const FIRST: State = {
  rows: Object.fromEntries(ROWS.map((row) => [row.id, row])),
  hubs: HUBS,
  pointers: POINTERS,
  many: Object.entries(POINTERS).flatMap(([pointer, row]) => (row === null ? [] : [`${pointer} ${row}`])),
};

export class Simulation {
  state: State = FIRST;

  constructor(
    readonly who: Who,
    readonly kind: string,
  ) {}

  /** What the step answers, or the code that it is refused with. */
  attempt(step: (simulation: Simulation) => unknown): { readonly data: unknown; readonly code: string | null } {
    const before = this.state;
    try {
      return { data: step(this), code: null };
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      this.state = before;
      return { data: null, code: refused.code };
    }
  }

  get rules(): Oracle {
    return oracle(this.who, this.kind, this.state.hubs);
  }

  /** In the order of ids, which is that of all answers. */
  get rows(): readonly Row[] {
    return Object.values(this.state.rows).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  living(id: string): Row | null {
    const row = this.state.rows[id];
    return row && !row.deleted ? row : null;
  }

  visible(row: Row | null): row is Row {
    return row !== null && !row.deleted && this.rules.may('READ', row);
  }

  /** What a write answers of a row: who reads nothing at all is told the id of what it wrote. */
  answer(row: Row, of: (row: Row) => unknown = ({ id }) => ({ id })): unknown {
    return !this.rules.offered('READ') || this.rules.may('READ', row) ? of(row) : null;
  }

  batch(rows: readonly Row[], rest: object = {}): unknown {
    return { count: rows.length, nodes: rows.map((row) => this.answer(row)).filter((row) => row !== null), ...rest };
  }

  put(row: Row): Row {
    this.state = { ...this.state, rows: { ...this.state.rows, [row.id]: row } };
    return row;
  }

  insert(row: Row): Row {
    if (!this.rules.becomes('INSERT', row)) throw new Refused('FORBIDDEN');
    if (this.state.rows[row.id]) throw new Refused('CONFLICT');
    return this.put(row);
  }

  change(row: Row, change: Change | { readonly deleted: boolean }, on: Operation): Row {
    const next = { ...row, ...change };
    if (!this.rules.becomes(on, next)) throw new Refused('FORBIDDEN');
    return this.put(next);
  }

  update(id: string, change: Change): Row {
    const row = this.living(id);
    if (!row || !this.rules.may('UPDATE', row)) throw new Refused('NOT_FOUND');
    return this.change(row, change, 'UPDATE');
  }

  /** The rows that a filter of the caller's can be about. */
  among(on: Operation, ids?: readonly string[]): readonly Row[] {
    return this.rows.filter((row) => this.visible(row) && this.rules.may(on, row) && (!ids || ids.includes(row.id)));
  }

  updateMany(rows: readonly Row[], change: Change): readonly Row[] {
    return rows.map((row) => this.change(row, change, 'UPDATE'));
  }

  /** `taken`: the code for a row that has the key, and is not the caller's to change. */
  upsert(
    id: string,
    change: Change,
    fresh: Row,
    taken: string | null,
  ): { readonly row: Row; readonly inserted: boolean } {
    const row = this.living(id);
    if (row && this.rules.may('UPDATE', row)) return { row: this.change(row, change, 'UPDATE'), inserted: false };
    if (!this.rules.becomes('INSERT', fresh)) throw new Refused('FORBIDDEN');
    if (taken !== null) throw new Refused(taken);
    return { row: this.put(fresh), inserted: true };
  }

  /** Pointers at it point at nothing then, whoever may see them. */
  delete(row: Row): Row {
    const pointers = Object.entries(this.state.pointers).map(([id, at]) => [id, at === row.id ? null : at] as const);
    this.state = { ...this.state, pointers: Object.fromEntries(pointers) };
    return this.put({ ...row, deleted: true });
  }

  deleteOne(id: string): Row {
    const row = this.living(id);
    if (!row || !this.rules.may('DELETE', row)) throw new Refused('NOT_FOUND');
    return this.delete(row);
  }

  undelete(id: string): Row {
    const row = this.state.rows[id];
    if (!row || !this.rules.may('UNDELETE', row)) throw new Refused('NOT_FOUND');
    return this.change(row, { deleted: false }, 'UNDELETE');
  }

  /** The row that a pointer or hub is to be tied to: one that may be read, or the same words whatever it is. */
  tie(id: string): Row {
    const row = this.living(id);
    if (!this.visible(row)) throw new Refused('CONSTRAINT_VIOLATION');
    return row;
  }

  point(pointer: string, row: string | null): void {
    this.state = { ...this.state, pointers: { ...this.state.pointers, [pointer]: row } };
  }

  pair(pointer: string, row: string): void {
    this.state = { ...this.state, many: [...this.state.many, `${pointer} ${row}`] };
  }

  open(hub: string, owner: string | null): void {
    this.state = { ...this.state, hubs: { ...this.state.hubs, [hub]: owner } };
  }

  /** A row that is there comes to belong to a hub: an update of it. */
  adopt(id: string, hub: string): Row {
    const row = this.tie(id);
    if (!this.rules.may('UPDATE', row)) throw new Refused('CONSTRAINT_VIOLATION');
    return this.change(row, { hub }, 'UPDATE');
  }
}
