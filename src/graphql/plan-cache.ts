// Plans, kept: an operation of a document is planned once for each shape of its variables. Documents are held by Apollo's
// bounded store, and a plan lives no longer than its document.

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
import { type OperationPlan, type Planner, planOperation } from './plan-operation.ts';
import { shapeOf, type Variables } from './read-argument.ts';

/** Shapes of one operation that are kept; a client that makes more of them plans anew. */
const MAX_SHAPES = 64;

interface KnownOperation {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Types of the variables, and the names of those that @include or @skip ask. */
  readonly variables: readonly {
    readonly name: string;
    readonly type: GraphQLInputType;
    readonly condition: boolean;
  }[];
  readonly plans: LRUCache<string, OperationPlan>;
}

/** The plans of one class of callers. */
export class PlanCache {
  readonly #operations = new WeakMap<OperationDefinitionNode, KnownOperation>();

  constructor(private readonly planner: Planner) {}

  /** The plan for an operation of a validated document, with coerced variables. */
  planFor(document: DocumentNode, operation: OperationDefinitionNode, variables: Variables): OperationPlan {
    const known = this.#operations.get(operation) ?? this.#learn(document, operation);
    const shape = known.variables
      .map(({ name, type, condition }) => (condition ? String(variables[name]) : shapeOf(type, variables[name])))
      .join();
    const plan = known.plans.get(shape) ?? planOperation(this.planner, operation, known.fragments, variables);
    known.plans.set(shape, plan);
    return plan;
  }

  #learn(document: DocumentNode, operation: OperationDefinitionNode): KnownOperation {
    const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
    const conditions = conditionVariables(document);
    const variables = (operation.variableDefinitions ?? []).map((definition) => {
      const name = definition.variable.name.value;
      const type = typeFromAST(this.planner.schema, definition.type as never) as GraphQLInputType;
      return { name, type, condition: conditions.has(name) };
    });
    const known: KnownOperation = {
      fragments: new Map(fragments.map((fragment) => [fragment.name.value, fragment])),
      variables,
      plans: new LRUCache({ max: MAX_SHAPES }),
    };
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
