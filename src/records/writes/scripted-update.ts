// Changing rows that scripts run around. They are found and locked first, so that scripts see them as they are and nobody else
// changes them meanwhile; then they are changed by their ids, all in one statement.

import { decideTable } from '../../access/decide.ts';
import { type FieldProblem, ServiceError } from '../../platform/errors.ts';
import { allOf, type Filter, livingRows } from '../../tables/filter.ts';
import { columnOf, type TableModel } from '../../tables/model.ts';
import type { CompiledWrite } from '../ports.ts';
import type { PlainRow, StepOutcome } from '../row-scripts.ts';
import { type Request, resolveSource, type Slot } from '../value-source.ts';
import type { RowAnswers, RowTexts } from './answer.ts';
import { beginAround, type CarriedOut, carryOut, type WriteTurn, wholeRow } from './around.ts';
import { planChanges } from './changes.ts';
import { CheckedChange } from './checked-change.ts';
import { undoable } from './in-transaction.ts';
import { eachOwn, sameForAll } from './own-changes.ts';
import { mayNot, violation } from './refusals.ts';
import type { GivenChange } from './row-input.ts';
import { givenValue } from './row-values.ts';
import { assertColumns, same } from './script-item.ts';
import { toldTexts } from './told-rows.ts';
import type { JudgedRow, UpdatePlan } from './write-plan.ts';
import type { Writer } from './writer.ts';

/** A row that is locked, and what the client wants of it. */
export interface LockedRow {
  readonly id: string;
  readonly item: PlainRow;
  readonly previous: PlainRow;
  /** Why the client's own words do not let it be written: it has another version. Null: they do. */
  readonly conflict: ServiceError | null;
}

export interface ScriptedRows {
  /** Of the rows that are answered, in their order. */
  readonly texts: readonly RowTexts[];
  /** How many were written. */
  readonly count: number;
}

/** A row that was written: what is answered of it, and what it is now. */
interface Done {
  readonly texts: RowTexts;
  readonly row: PlainRow;
}

/** What a script wants of a row, and what the client asked for. */
interface ChangeTarget {
  readonly id: string;
  readonly own: PlainRow;
  readonly asked: PlainRow;
  readonly previous: PlainRow;
}

export class ScriptedUpdate {
  readonly #statements = new Map<string, CompiledWrite>();

  /** `given` is what the client asks for; `rows` those that it may change. */
  constructor(
    private readonly writer: Writer,
    private readonly table: TableModel,
    private readonly given: readonly GivenChange[],
    private readonly answers: RowAnswers,
    private readonly rows: Filter = livingRows(table),
  ) {}

  /** The values that the client sets, as scripts have them. Throws for those of another type. */
  item(request: Request): PlainRow {
    const problems: FieldProblem[] = [];
    const members = this.given.flatMap(({ column, how, source, path }): [string, unknown][] =>
      how === 'set'
        ? [[column.name, givenValue(column, { value: resolveSource(source, request), path }, problems)]]
        : [],
    );
    if (problems.length > 0) throw violation(problems);
    return Object.fromEntries(members);
  }

  /** `request` is in the transaction that has the rows locked. */
  async run(locked: readonly LockedRow[], batch: boolean, request: Request): Promise<ScriptedRows> {
    const { table, writer, answers } = this;
    const done = new Map<string, Done>();
    const items = locked.map(({ id, item, previous }) => ({ id, item, previous }));
    const running = await beginAround(writer, table, 'UPDATE', items, batch, request);
    const ends = await carryOut(running, async (turns) => {
      const outcomes = new Map<number, StepOutcome>();
      const ready = turns.filter((turn) => {
        const row = locked[turn.at];
        const error = row ? conflictOf(row, turn) : null;
        if (row && error) outcomes.set(turn.at, { error, current: row.previous });
        return !error;
      });
      try {
        const written = await undoable(writer.store, request, (inside) => this.#write(ready, locked, inside));
        for (const [id, one] of written) done.set(id, one);
        for (const { at } of ready) outcomes.set(at, { row: written.get(locked[at]?.id ?? '')?.row ?? {} });
      } catch (error) {
        for (const { at } of ready) outcomes.set(at, { error });
      }
      return outcomes;
    });
    const unwritten = locked.filter(({ id }) => !done.has(id)).map(({ id }) => id);
    const asTheyAre = await answers.byIds(unwritten, request);
    return {
      texts: locked.flatMap(({ id, previous }, at): RowTexts[] => {
        const { told } = ends[at] as CarriedOut;
        const own = done.get(id);
        const texts = own?.texts ?? asTheyAre.get(id);
        if (!texts || told === null) return [];
        return [told ? toldTexts(texts, answers.selections, told, own?.row ?? previous) : texts];
      }),
      count: ends.filter(({ written }) => written).length,
    };
  }

  async #write(
    turns: readonly WriteTurn[],
    locked: readonly LockedRow[],
    request: Request,
  ): Promise<ReadonlyMap<string, Done>> {
    if (turns.length === 0) return new Map();
    const { table, given } = this;
    const targets = turns.flatMap(({ at, item }): ChangeTarget[] => {
      const row = locked[at];
      if (!row) return [];
      const { id, previous, item: asked } = row;
      return [{ id, own: writable(table, item, previous), asked, previous }];
    });
    const groups = sameForAll(targets) ? [targets] : eachOwn(table, targets);
    const done = new Map<string, Done>();
    for (const group of groups) {
      const changes = changesFor(table, given, group);
      if (changes.length === 0) {
        const ids = group.map(({ id }) => id);
        const texts = await this.answers.byIds(ids, request);
        for (const { id, previous } of group) done.set(id, { texts: texts.get(id) ?? [], row: previous });
        continue;
      }
      const written = await this.#change(changes, group, request);
      const texts = await this.answers.texts(written, request);
      for (const [at, row] of written.entries())
        if (row.id !== null) done.set(row.id, { texts: texts[at] ?? [], row: wholeRow(row) });
    }
    for (const { id } of targets) if (!done.has(id)) throw mayNot('update', table);
    return done;
  }

  async #change(
    changes: readonly GivenChange[],
    group: readonly { readonly id: string }[],
    request: Request,
  ): Promise<readonly JudgedRow[]> {
    const { table, writer, rows, answers } = this;
    const grant = decideTable(writer.caller, table, 'UPDATE');
    if (!grant) throw mayNot('update', table);
    const planned = planChanges(writer, table, changes);
    const ids: Slot = {
      source: { from: 'write', at: planned.changes.length },
      type: columnOf(table, 'id').type,
      list: true,
    };
    const plan: UpdatePlan = {
      kind: 'update',
      table,
      target: { kind: 'ids', ids },
      rows: allOf([grant.rows, rows]),
      version: null,
      ceiling: null,
      changes: planned.changes,
      check: grant.check,
      references: planned.references,
      ...answers.answered,
      whole: true,
    };
    const key = changes.map(({ column, how, byService, each }) => `${column.name} ${how} ${byService} ${each}`).join();
    const compiled = this.#statements.get(key) ?? writer.store.compileWrite(plan);
    this.#statements.set(key, compiled);
    const checked = new CheckedChange(writer, plan, planned);
    return checked.run(request, async (within) => {
      const judged = await compiled.run({ ...within, written: [...(within.written ?? []), group.map(({ id }) => id)] });
      checked.assertAllowed(judged);
      return judged;
    });
  }
}

function conflictOf(row: LockedRow, { version }: WriteTurn): ServiceError | null {
  if (version === undefined) return row.conflict;
  if (version === null || version === row.previous['version']) return null;
  return (
    row.conflict ?? new ServiceError('CONFLICT', 'The row has another version than the one that the script named.')
  );
}

/** What a script wants set: of a column of the system nothing can be but what is there. */
function writable(table: TableModel, item: PlainRow, previous: PlainRow): PlainRow {
  assertColumns(table, item);
  const members = Object.entries(item).filter(([name, value]) => {
    const column = columnOf(table, name);
    if (!column.system && name !== 'id') return true;
    if (same(value, previous[name])) return false;
    throw new ServiceError('SCRIPT_FAILED', `The script of ${table.name} set ${name}, which it cannot change.`);
  });
  return Object.fromEntries(members);
}

/** The changes of rows that have the same columns set: what the client asked for and a script left as it was stays the client's. */
function changesFor(
  table: TableModel,
  given: readonly GivenChange[],
  group: readonly ChangeTarget[],
): readonly GivenChange[] {
  const [first] = group;
  if (!first) return [];
  const uniform = group.every(({ own }) => same(own, first.own));
  const names = [...new Set(group.flatMap(({ own }) => Object.keys(own)))];
  const set = names.map((name): GivenChange => {
    const column = columnOf(table, name);
    const asked = given.find((change) => change.how === 'set' && change.column === column);
    const kept = asked && group.every(({ own, asked: its }) => same(own[name], its[name]));
    const value = uniform
      ? (first.own[name] ?? null)
      : group.map(({ own, previous }) => (name in own ? own[name] : previous[name]) ?? null);
    return {
      column,
      how: 'set',
      source: { from: 'constant', value },
      path: asked?.path ?? ['set', name],
      ...(kept ? {} : { byService: true }),
      ...(uniform ? {} : { each: true }),
    };
  });
  const others = given.filter(({ how, column }) => how !== 'set' && !names.includes(column.name));
  return [...set, ...others];
}
