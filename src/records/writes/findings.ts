// What is in the way of a write, gathered over all of its rows, so that a client hears everything at once.

import { type FieldProblem, ServiceError } from '../../platform/errors.ts';
import type { TableModel } from '../../tables/model.ts';
import { notAllowed, violation } from './refusals.ts';

type Finding =
  | { readonly root: number; readonly kind: 'field' | 'conflict'; readonly problem: FieldProblem }
  /** The rules of the table do not let the row be. */
  | { readonly root: number; readonly kind: 'rules'; readonly table: TableModel }
  | { readonly root: number; readonly kind: 'error'; readonly error: ServiceError };

/** Findings about rows, each with the place of its row among those of the write. */
export class Findings {
  readonly #all: Finding[] = [];

  /** `conflict`: another row has what this one was to have, as an id. */
  add(root: number, problems: readonly FieldProblem[], kind: 'field' | 'conflict' = 'field'): void {
    this.#all.push(...problems.map((problem) => ({ root, kind, problem })));
  }

  bar(root: number, table: TableModel): void {
    this.#all.push({ root, kind: 'rules', table });
  }

  fail(root: number, error: ServiceError): void {
    this.#all.push({ root, kind: 'error', error });
  }

  /** The places of rows about which anything was found. */
  get roots(): ReadonlySet<number> {
    return new Set(this.#all.map(({ root }) => root));
  }

  takeOver({ all }: { readonly all: readonly Finding[] }): void {
    this.#all.push(...all);
  }

  get all(): readonly Finding[] {
    return this.#all;
  }

  /** All of it as one error, of all rows or of one; null where nothing was found. What is wrong with values goes first. */
  error(root?: number): ServiceError | null {
    const all = this.#all
      .filter((finding) => root === undefined || finding.root === root)
      .sort((one, other) => one.root - other.root);
    const told = all.flatMap((finding) => ('problem' in finding ? [finding] : []));
    if (told.length > 0) {
      const code = told.every(({ kind }) => kind === 'conflict') ? 'CONFLICT' : 'CONSTRAINT_VIOLATION';
      return violation(
        told.map(({ problem }) => problem),
        code,
      );
    }
    for (const finding of all) {
      if (finding.kind === 'error') return finding.error;
      if (finding.kind === 'rules') return notAllowed(finding.table);
    }
    return null;
  }
}

/** Whether an error is about the rows of a write, so that it says nothing of others. */
export function isAboutRows(error: unknown): error is ServiceError {
  return error instanceof ServiceError && ABOUT_ROWS.includes(error.code);
}

const ABOUT_ROWS: readonly string[] = ['CONSTRAINT_VIOLATION', 'CONFLICT', 'FORBIDDEN', 'BAD_USER_INPUT', 'NOT_FOUND'];
