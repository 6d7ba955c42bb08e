// An operation becomes a plan: one step for each root field, in the order of the answer. A plan holds no value of a client
// and is run for every request of the same shape.

import type {
  FieldNode,
  FragmentDefinitionNode,
  GraphQLObjectType,
  GraphQLSchema,
  OperationDefinitionNode,
} from 'graphql';
import type { CallerClass } from '../access/caller-class.ts';
import { ServiceError } from '../platform/errors.ts';
import type { RecordStore } from '../records/ports.ts';
import type { RowScripts } from '../records/row-scripts.ts';
import type { Request } from '../records/value-source.ts';
import type { Model } from '../tables/model.ts';
import { AskedField } from './asked-field.ts';
import { collectFields, type Document } from './collect-fields.ts';
import type { Price } from './cost/price.ts';
import { introspect } from './introspect.ts';
import type { Limits } from './limits.ts';
import { type Live, type PlannedStream, planStream } from './live/plan-stream.ts';
import { planRootField } from './plan-root-field.ts';
import type { Variables } from './read-argument.ts';
import { isTransaction } from './transaction-directive.ts';
import { viewerJson } from './viewer.ts';

/** What planning needs; one for each class and model. */
export interface Planner {
  readonly schema: GraphQLSchema;
  readonly model: Model;
  readonly caller: CallerClass;
  readonly store: RecordStore;
  readonly limits: Limits;
  /** What subscriptions are served from; null: none are. */
  readonly live: Live | null;
  /** What scripts run for the class. Left out: none. */
  readonly scripts?: RowScripts;
}

/** One root field. `run` answers its JSON text, or throws. */
export interface PlannedField {
  readonly key: string;
  readonly nodes: readonly FieldNode[];
  /** A failure leaves null here; where the schema says it cannot be null, the whole answer is. */
  readonly nullable: boolean;
  readonly run: (request: Request) => Promise<string>;
  /** What it costs; null for what is not weighed, or is wrong: running it says what. */
  readonly price: (request: Request) => Price | null;
  /** Whether scripts may run around what it writes. Left out: none. */
  readonly scripted?: boolean;
}

export interface OperationPlan {
  /** Mutations run one after the other. */
  readonly serial: boolean;
  /** All of them are one transaction. */
  readonly together: boolean;
  readonly fields: readonly PlannedField[];
  /** Of a subscription, which has no other field. */
  readonly stream?: PlannedStream;
}

/**
 * Plans an operation that is valid in the planner's schema. `variables` are coerced; only their shape is used. Throws
 * QUERY_TOO_COMPLEX where a filter or an order asks for too much.
 */
export function planOperation(
  planner: Planner,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  variables: Variables,
): OperationPlan {
  const { schema, limits } = planner;
  const root = schema.getRootType(operation.operation);
  if (!root) throw new Error(`no ${operation.operation} type`);
  const document: Document = { schema, fragments, variables, limits };
  const collected = collectFields(root, [operation.selectionSet], document);
  if (operation.operation === 'subscription') {
    const [[key, nodes] = ['', []]] = collected;
    const asked = new AskedField(root, key, nodes, document);
    return { serial: false, together: false, fields: [], stream: planStream(planner, asked, operation, fragments) };
  }
  const fields = [...collected].map(([key, nodes]) =>
    planField(planner, operation, root, new AskedField(root, key, nodes, document)),
  );
  return { serial: operation.operation === 'mutation', together: isTransaction(operation), fields };
}

function planField(
  planner: Planner,
  operation: OperationDefinitionNode,
  root: GraphQLObjectType,
  asked: AskedField,
): PlannedField {
  const { key, nodes, name, document } = asked;
  const planned = (run: PlannedField['run'], nullable = true): PlannedField => {
    return { key, nodes, nullable, run, price: () => null };
  };
  if (name === '__typename') return planned(async () => JSON.stringify(root.name), false);
  if (name.startsWith('__')) {
    return planned(
      async ({ variables }) => introspect({ ...document, variables }, operation, nodes),
      name === '__type',
    );
  }
  if (asked.meaning.kind === 'viewer') {
    const fields = new Map(asked.under().map((field) => [field.key, field.nodes]));
    return planned(async (request) => viewerJson(fields, request.caller), false);
  }
  try {
    return { key, nodes, nullable: true, ...planRootField(planner, asked) };
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code === 'QUERY_TOO_COMPLEX') throw error;
    // What is wrong with one field fails that field, each time, and leaves its siblings alone.
    return planned(() => Promise.reject(error));
  }
}
