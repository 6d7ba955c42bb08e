// Filters that scripts of tables make for a request. What a script answers is read like a client's `where`, with its values as
// variables of the request, so that requests whose filters have the same shape share a plan and its one statement.

import { coerceInputValue, type GraphQLInputType } from 'graphql';
import { serviceCaller } from '../../access/caller.ts';
import { type CallerClass, callerClassOf, type RowFilters } from '../../access/caller-class.ts';
import { ServiceError } from '../../platform/errors.ts';
import { guardFilter } from '../../records/guard-filter.ts';
import type { Request } from '../../records/value-source.ts';
import { EVERY_ROW, type Filter, NO_ROW } from '../../tables/filter.ts';
import { type Model, tableOf } from '../../tables/model.ts';
import { filterBudget } from '../filters/filter-budget.ts';
import { readWhere } from '../filters/read-where.ts';
import type { Limits } from '../limits.ts';
import { argumentOfVariable, shapeOf, type Variables } from '../read-argument.ts';
import { TableTypes } from '../table-types.ts';

/** Asks the script of a table: `where`, or every row (true), or none (false). Throws ServiceError. */
export type AskFilter = (table: string, request: Request) => Promise<unknown>;

/** Thrown while something is planned that touches a table whose script was not asked yet. */
export class UnknownRows extends Error {
  constructor(readonly table: string) {
    super(`the rows of ${table} are not known yet`);
  }
}

/** No variable of a document has a colon in its name. */
const variableOf = (table: string) => `script:${table}`;

/** The filters of one model's scripts. They judge rows as the service sees them. */
export class ScriptFilters {
  readonly #service: CallerClass;
  readonly #types: TableTypes;

  constructor(
    private readonly model: Model,
    private readonly limits: Limits,
    private readonly ask: AskFilter,
  ) {
    this.#service = callerClassOf(serviceCaller('filter'), model.roles);
    this.#types = new TableTypes(model, this.#service, limits);
  }

  /** The variables with the answers of the scripts of these tables. */
  async answer(tables: Iterable<string>, request: Request): Promise<Variables> {
    const { variables } = request;
    const missing = [...tables].filter((table) => variables[variableOf(table)] === undefined);
    const answers = await Promise.all(
      missing.map(async (table) => [variableOf(table), this.#checked(table, await this.ask(table, request))]),
    );
    return Object.assign(Object.create(null), variables, Object.fromEntries(answers));
  }

  /** The class for a request with these variables: its rows are those that the scripts leave. */
  bind(caller: CallerClass, variables: Variables): CallerClass {
    const known = new Map<string, Filter>();
    const rowFilters: RowFilters = {
      of: (table) => {
        const filter = known.get(table) ?? this.#filter(table, variables);
        known.set(table, filter);
        return filter;
      },
    };
    return { ...caller, rowFilters };
  }

  /** What plans depend on of the answers: never a value. */
  shape(tables: Iterable<string>, variables: Variables): string {
    return [...tables]
      .map((table) => {
        const answer = variables[variableOf(table)];
        return `${table} ${typeof answer === 'boolean' ? answer : shapeOf(this.#where(table), answer)}`;
      })
      .join();
  }

  #filter(table: string, variables: Variables): Filter {
    const name = variableOf(table);
    const answer = variables[name];
    if (answer === undefined) throw new UnknownRows(table);
    if (typeof answer === 'boolean') return answer ? EVERY_ROW : NO_ROW;
    const type = this.#where(table);
    const budget = filterBudget(this.limits, [table]);
    const filter = readWhere(type, argumentOfVariable(type, answer, [name]), ['filter'], budget);
    return guardFilter(this.model, this.#service, tableOf(this.model, table), filter);
  }

  #where(table: string): GraphQLInputType {
    const type = this.#types.filters.where(tableOf(this.model, table));
    if (!type) throw new Error(`the service may not read ${table}`);
    return type;
  }

  /** The answer as a variable of its type would be. */
  #checked(table: string, answer: unknown): unknown {
    if (typeof answer === 'boolean') return answer;
    return coerceInputValue(answer, this.#where(table), (path, _, error) => {
      const place = path.length > 0 ? ` at ${path.join('.')}` : '';
      const cause = new Error(`filter of ${table} answered what is no where${place}: ${error.message}`);
      throw new ServiceError('SCRIPT_FAILED', `The script of ${table} failed. The request id names it in the log.`, {
        cause,
      });
    });
  }
}
