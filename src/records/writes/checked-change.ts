// Why a change of rows is refused, in one error with everything that is wrong: with its values, the rows that they name, what
// others have already, and what a sum comes to.

import type { FieldProblem, ServiceError } from '../../platform/errors.ts';
import { type Column, columnOf } from '../../tables/model.ts';
import type { Request } from '../value-source.ts';
import type { PlannedChanges } from './changes.ts';
import { isAboutRows } from './findings.ts';
import { hiddenReference, located, notAllowed, takenKeys, violation } from './refusals.ts';
import type { JudgedRow, UpdatePlan } from './write-plan.ts';
import type { Writer } from './writer.ts';

/** Runs a change whose values are checked; what it throws says all that is wrong. */
export class CheckedChange {
  #examine: ReturnType<Writer['store']['compileWrite']> | null = null;

  constructor(
    private readonly writer: Writer,
    private readonly plan: UpdatePlan,
    private readonly planned: PlannedChanges,
  ) {}

  /** `work` gets the values, and answers or throws. */
  async run<T>(request: Request, work: (request: Request) => Promise<T>): Promise<T> {
    const { values, problems } = this.planned.values(request);
    const within = { ...request, written: values.map((value) => value ?? null) };
    if (problems.length > 0) throw await this.#everything(within, problems, violation(problems));
    try {
      return await work(within);
    } catch (error) {
      if (!isAboutRows(error) || (error.code !== 'CONSTRAINT_VIOLATION' && !error.fields)) throw error;
      throw await this.#everything(within, [], this.#located(error));
    }
  }

  /** Throws for rows that may not be changed so. */
  assertAllowed(rows: readonly JudgedRow[]): void {
    const hidden = this.#hidden(rows);
    if (hidden.length > 0) throw violation(hidden);
    if (rows.some(({ passed }) => !passed)) throw notAllowed(this.plan.table);
  }

  /** In a transaction that an error has ended nothing more can be asked, and what is known is all. */
  async #everything(request: Request, problems: readonly FieldProblem[], known: ServiceError): Promise<ServiceError> {
    if (!this.#asksForRows() || (request.transaction && problems.length === 0)) return known;
    const { table } = this.plan;
    this.#examine ??= this.writer.store.compileWrite({ ...this.plan, kind: 'examine' });
    const rows = await this.#examine.run(request);
    const told = new Set(problems.map(({ path }) => path.join('.')));
    const passing = rows.filter(({ passed }) => passed);
    const taken = new Set(passing.flatMap((row) => row.taken));
    const beyond = new Set(rows.flatMap((row) => row.beyond));
    const found = [
      ...this.#hidden(rows),
      ...takenKeys(table, [...taken], ({ name }) => this.planned.pathOf(name)),
      ...[...beyond].flatMap((name) => this.#beyond(columnOf(table, name))),
    ].filter(({ path }) => !told.has(path.join('.')));
    return problems.length + found.length > 0 ? violation([...problems, ...found]) : known;
  }

  #asksForRows(): boolean {
    const { table, references, changes } = this.plan;
    const keys = new Set(table.keys.flatMap(({ columns }) => columns));
    return references.length > 0 || changes.some(({ column, how }) => how === 'increment' || keys.has(column.name));
  }

  #hidden(rows: readonly JudgedRow[]): readonly FieldProblem[] {
    const { table } = this.plan;
    return [...new Set(rows.flatMap(({ hidden }) => hidden))].flatMap((name) => {
      const relation = table.relations.get(name);
      return relation ? [hiddenReference(this.planned.pathOf(relation.column) ?? ['set', name], relation)] : [];
    });
  }

  #beyond(column: Column): readonly FieldProblem[] {
    const path = this.planned.pathOf(column.name);
    return path ? [{ path, message: `makes a value that ${column.name} does not take${rangeOf(column)}` }] : [];
  }

  #located(error: ServiceError): ServiceError {
    const [sum, ...others] = this.plan.changes.filter(({ how }) => how === 'increment');
    // The server does not say which sum its type does not hold.
    if (error.fields?.length === 0 && sum && others.length === 0) return violation(this.#beyond(sum.column));
    return located(error, (name) => this.planned.pathOf(name) ?? ['set', name]);
  }
}

function rangeOf({ type, checks: { range } }: Column): string {
  const bounds = [
    ...(range?.min == null ? [] : [`at least ${range.min}`]),
    ...(range?.max == null ? [] : [`at most ${range.max}`]),
  ];
  return bounds.length > 0 ? `: it must be ${bounds.join(' and ')}` : `: it must be within the bounds of ${type.name}`;
}
