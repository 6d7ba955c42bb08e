// An operation becomes a plan: one step for each root field, in the order of the answer. A plan holds no value of a client
// and is run for every request of the same shape.

import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { CallerClass } from '../access/caller-class.ts';
import { ServiceError } from '../platform/errors.ts';
import { planInsert } from '../records/insert-record.ts';
import type { RequestedField, RequestedSelection } from '../records/plan.ts';
import type { RecordStore } from '../records/ports.ts';
import { planReadMany, planReadOne } from '../records/read-records.ts';
import type { Request } from '../records/value-source.ts';
import { leadsToMany, type Model, type TableModel } from '../tables/model.ts';
import { collectFields, type Document } from './collect-fields.ts';
import { type FieldMeaning, fieldMeaning } from './field-meaning.ts';
import { introspect } from './introspect.ts';
import { readPage } from './page-arguments.ts';
import { type Argument, readArgument, type Variables, withDefault } from './read-argument.ts';
import { readGivenValues, readKey } from './read-inputs.ts';
import { viewerJson } from './viewer.ts';

/** What planning needs; one for each class and model. */
export interface Planner {
  readonly schema: GraphQLSchema;
  readonly model: Model;
  readonly caller: CallerClass;
  readonly store: RecordStore;
}

/** One root field. `run` answers its JSON text, or throws. */
export interface PlannedField {
  readonly key: string;
  readonly nodes: readonly FieldNode[];
  /** A failure leaves null here; where the schema says it cannot be null, the whole answer is. */
  readonly nullable: boolean;
  readonly run: (request: Request) => Promise<string>;
}

export interface OperationPlan {
  /** Mutations run one after the other. */
  readonly serial: boolean;
  readonly fields: readonly PlannedField[];
}

/** Plans an operation that is valid in the planner's schema. `variables` are coerced; only their shape is used. */
export function planOperation(
  planner: Planner,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  variables: Variables,
): OperationPlan {
  const { schema } = planner;
  const root = schema.getRootType(operation.operation);
  if (!root) throw new Error(`no ${operation.operation} type`);
  const document: Document = { schema, fragments, variables };
  const collected = collectFields(root, [operation.selectionSet], document);
  const fields = [...collected].map(([key, nodes]) => planRootField(planner, document, operation, root, key, nodes));
  return { serial: operation.operation === 'mutation', fields };
}

function planRootField(
  planner: Planner,
  document: Document,
  operation: OperationDefinitionNode,
  root: GraphQLObjectType,
  key: string,
  nodes: readonly FieldNode[],
): PlannedField {
  const name = nodes[0]?.name.value ?? '';
  const planned = (run: PlannedField['run'], nullable = true): PlannedField => ({ key, nodes, nullable, run });
  if (name === '__typename') return planned(async () => JSON.stringify(root.name), false);
  if (name.startsWith('__')) {
    return planned(
      async ({ variables }) => introspect({ ...document, variables }, operation, nodes),
      name === '__type',
    );
  }
  const field = root.getFields()[name];
  const meaning = field && fieldMeaning(field);
  if (!field || !meaning) throw new Error(`no meaning for ${root.name}.${name}`);
  if (meaning.kind === 'viewer') {
    const viewer = getNamedType(field.type);
    const asked = isObjectType(viewer) ? collectFields(viewer, selectionSetsOf(nodes), document) : new Map();
    return planned(async (request) => viewerJson(asked, request.caller), false);
  }
  try {
    const compiled = planTableField(planner, document, field, meaning, nodes);
    return planned((request) => compiled.run(request));
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    // What is wrong with one field fails that field, each time, and leaves its siblings alone.
    return planned(() => Promise.reject(error));
  }
}

function planTableField(
  { store, model, caller }: Planner,
  document: Document,
  field: GraphQLField<unknown, unknown>,
  meaning: FieldMeaning,
  nodes: readonly FieldNode[],
): { run(request: Request): Promise<string> } {
  if (!('table' in meaning)) throw new Error(`${field.name} is no root field`);
  const selection = requestSelection(meaning.table, field, nodes, document);
  const argumentOf = argumentsOf(field.args, nodes, document.variables);
  const input = getNamedType(field.args[0]?.type);
  switch (meaning.kind) {
    case 'readOne':
      return planReadOne(store, model, caller, { selection, by: readKey(input, argumentOf('by')) });
    case 'readMany':
      return planReadMany(store, model, caller, { selection, page: readPage(argumentOf) });
    case 'insert':
      return planInsert(store, model, caller, {
        selection,
        given: readGivenValues(input, argumentOf('data'), ['data']),
      });
  }
}

function argumentsOf(
  definitions: readonly { name: string; type: Parameters<typeof readArgument>[0]; defaultValue?: unknown }[],
  nodes: readonly FieldNode[],
  variables: Variables,
) {
  return (name: string): Argument => {
    const definition = definitions.find((argument) => argument.name === name);
    if (!definition) throw new Error(`no argument ${name}`);
    const node = nodes[0]?.arguments?.find((argument) => argument.name.value === name);
    return withDefault(readArgument(definition.type, node?.value, variables), definition.defaultValue);
  };
}

function selectionSetsOf(nodes: readonly FieldNode[]): SelectionSetNode[] {
  return nodes.flatMap(({ selectionSet }) => (selectionSet ? [selectionSet] : []));
}

/** What is asked of the rows of a table, in the words of records. */
function requestSelection(
  table: TableModel,
  field: { readonly type: Parameters<typeof getNamedType>[0] },
  nodes: readonly FieldNode[],
  document: Document,
): RequestedSelection {
  const type = getNamedType(field.type);
  if (!isObjectType(type)) throw new Error(`${table.name} is no object type`);
  const collected = collectFields(type, selectionSetsOf(nodes), document);
  return { table, fields: [...collected].map(([key, asked]) => requestField(type, key, asked, document)) };
}

function requestField(
  type: GraphQLObjectType,
  key: string,
  nodes: readonly FieldNode[],
  document: Document,
): RequestedField {
  const name = nodes[0]?.name.value ?? '';
  if (name === '__typename') return { kind: 'constant', key, value: type.name };
  const field = type.getFields()[name];
  const meaning = field && fieldMeaning(field);
  if (meaning?.kind === 'column') return { kind: 'column', key, column: meaning.column };
  if (!field || meaning?.kind !== 'related') throw new Error(`no meaning for ${type.name}.${name}`);
  const { relation, target } = meaning;
  const page = leadsToMany(relation) ? readPage(argumentsOf(field.args, nodes, document.variables)) : null;
  return { kind: 'related', key, relation, page, selection: requestSelection(target, field, nodes, document) };
}
