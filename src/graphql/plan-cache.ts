// Plans, kept: an operation of a document is planned once for each shape of its variables. All classes keep theirs in one
// store, which lets go of those used longest ago.

import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLInputType,
  Kind,
  type OperationDefinitionNode,
  typeFromAST,
  visit,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { Measure } from './document-size.ts';
import { type OperationPlan, type Planner, planOperation } from './plan-operation.ts';
import { shapeOf, type Variables } from './read-argument.ts';
import type { ScriptFilters } from './scripts/row-filters.ts';

/** Fields of all plans together that are kept; some 40 MB. */
const MAX_FIELDS = 50_000;
/** Characters of a document that take as much as a field: a plan holds the document that it was made from. */
const FIELD_CHARACTERS = 8;

/** Where plans are kept. A key is of one operation and one shape of its variables. */
export class PlanStore {
  readonly #plans: LRUCache<string, OperationPlan>;
  #operations = 0;

  constructor(maxFields: number = MAX_FIELDS) {
    this.#plans = new LRUCache({ maxSize: maxFields });
  }

  /** A number for the keys of an operation. */
  newOperation(): number {
    this.#operations += 1;
    return this.#operations;
  }

  get(key: string): OperationPlan | undefined {
    return this.#plans.get(key);
  }

  /** `size` is in fields. What is larger than the store is not kept. */
  set(key: string, plan: OperationPlan, size: number): void {
    this.#plans.set(key, plan, { size });
  }
}

interface KnownOperation {
  readonly id: number;
  readonly size: number;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Types of the variables, and the names of those that @include or @skip ask. */
  readonly variables: readonly {
    readonly name: string;
    readonly type: GraphQLInputType;
    readonly condition: boolean;
  }[];
}

/** The plans of one class of callers. */
export class PlanCache {
  readonly #operations = new WeakMap<OperationDefinitionNode, KnownOperation>();
  readonly #asked = new WeakMap<OperationDefinitionNode, Set<string>>();

  constructor(
    private readonly planner: Planner,
    private readonly store: PlanStore,
  ) {}

  /** The plan for an operation of a validated document, with coerced variables. Throws UnknownRows where a script is to be asked. */
  planFor(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Variables,
    scripts: { readonly filters: ScriptFilters; readonly tables: ReadonlySet<string> } | null = null,
  ): OperationPlan {
    const known = this.#operations.get(operation) ?? this.#learn(document, operation);
    const shapes = known.variables.map(({ name, type, condition }) =>
      condition ? String(variables[name]) : shapeOf(type, variables[name]),
    );
    const filtered = scripts ? ` ${scripts.filters.shape(scripts.tables, variables)}` : '';
    const key = `${known.id} ${shapes.join()}${filtered}`;
    const kept = this.store.get(key);
    if (kept) return kept;
    const { caller } = this.planner;
    const planner = scripts ? { ...this.planner, caller: scripts.filters.bind(caller, variables) } : this.planner;
    const plan = planOperation(planner, operation, known.fragments, variables);
    this.store.set(key, plan, known.size + Math.ceil(key.length / FIELD_CHARACTERS));
    return plan;
  }

  /** The tables whose scripts are asked for an operation, as far as it is known; for whoever finds out. */
  askedBy(operation: OperationDefinitionNode): Set<string> {
    const tables = this.#asked.get(operation) ?? new Set();
    this.#asked.set(operation, tables);
    return tables;
  }

  #learn(document: DocumentNode, operation: OperationDefinitionNode): KnownOperation {
    const definitions = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
    const fragments = new Map(definitions.map((fragment) => [fragment.name.value, fragment]));
    const conditions = conditionVariables(document);
    const variables = (operation.variableDefinitions ?? []).map((definition) => {
      const name = definition.variable.name.value;
      const type = typeFromAST(this.planner.schema, definition.type as never) as GraphQLInputType;
      return { name, type, condition: conditions.has(name) };
    });
    const { fields } = new Measure((name) => fragments.get(name)).operation(operation);
    const size = fields + Math.ceil((document.loc?.end ?? 0) / FIELD_CHARACTERS);
    const known: KnownOperation = { id: this.store.newOperation(), size, fragments, variables };
    this.#operations.set(operation, known);
    return known;
  }
}

function conditionVariables(document: DocumentNode): Set<string> {
  const names = new Set<string>();
  visit(document, {
    Directive(node) {
      for (const { value } of node.arguments ?? []) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return names;
}
