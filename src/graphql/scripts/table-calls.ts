// `ctx.tables.<table>.<method>(...)`: each is an operation of the generated API, carried out inside of the one that the script is
// part of. So a script has the same filters, checks and limits as a client, and there is no other way to a row.

import { type DocumentNode, type GraphQLField, getNamedType, getOperationAST, isObjectType, parse } from 'graphql';
import { serviceCaller } from '../../access/caller.ts';
import { ServiceError } from '../../platform/errors.ts';
import { nearestName } from '../../platform/nearest-name.ts';
import type { Request } from '../../records/value-source.ts';
import type { TableCall } from '../../scripts/run-calls.ts';
import type { TableModel } from '../../tables/model.ts';
import { rootFieldNames } from '../../tables/names.ts';
import { fieldMeaning } from '../field-meaning.ts';
import { type JsonText, type Runner, runOperation } from '../run-operation.ts';

/** The runner for a caller, of the model that is served. */
export type RunnerFor = (caller: Request['caller']) => Runner;

interface Asked {
  readonly kind: 'query' | 'mutation';
  readonly field: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Where in the answer the rows are; null: it is the row, or the list. */
  readonly part: 'nodes' | 'count' | null;
}

const METHODS = ['read', 'get', 'insert', 'update', 'delete', 'undelete', 'count'];
/** Misspellings that are recognised. */
const MOST_CHANGES = 3;

/** Makes the function that carries such calls out. What it throws is for the script. */
export function tableCalls(runnerFor: RunnerFor) {
  const documents = new WeakMap<Runner, Map<string, DocumentNode>>();

  const documentFor = (runner: Runner, { kind, field: name, part }: Asked, table: TableModel): DocumentNode => {
    const known = documents.get(runner) ?? new Map<string, DocumentNode>();
    documents.set(runner, known);
    const key = `${kind} ${name}`;
    const document = known.get(key) ?? parse(textFor(runner, kind, name, part, table), { noLocation: true });
    known.set(key, document);
    return document;
  };

  return async ({ table: name, method, args, as }: TableCall, request: Request): Promise<unknown> => {
    const caller = as === 'user' ? request.caller : serviceCaller('script');
    const runner = runnerFor(caller);
    const { tables } = runner.model;
    const table = tables.get(name);
    if (!table) {
      const nearest = nearestName(name, tables.keys(), MOST_CHANGES);
      throw new Error(`there is no table ${name}${nearest ? `: did you mean ${nearest}?` : ''}`);
    }
    const asked = askedBy(table, method, args);
    const document = documentFor(runner, asked, table);
    const operation = getOperationAST(document);
    if (!operation) throw new Error('a call is one operation');
    const { transaction, leftService, depth, forScripts, requestId } = request;
    const result = await runOperation(runner, document, operation, asked.args, {
      // What the service writes for somebody is said to be by that one.
      caller: as === 'user' ? caller : { ...caller, user: request.caller.user },
      requestId,
      ...(forScripts ? { forScripts } : {}),
      within: { ...(transaction ? { transaction } : {}), ...(leftService ? { leftService } : {}), depth: depth ?? 0 },
    });
    const [error] = result.errors ?? [];
    if (error) throw error.originalError instanceof ServiceError ? error.originalError : error;
    const data = JSON.parse((result.data as JsonText).text) as { readonly answer: unknown };
    const { answer } = data;
    if (asked.part === 'count') return (answer as readonly { readonly count: number }[])[0]?.count ?? 0;
    return asked.part === null ? answer : (answer as { readonly nodes: unknown })[asked.part];
  };
}

function askedBy(table: TableModel, method: string, args: readonly unknown[]): Asked {
  const names = rootFieldNames(table);
  const [first, second, third] = args;
  const options = (value: unknown) => (value ?? {}) as Record<string, unknown>;
  switch (method) {
    case 'read': {
      const { includeDeleted, ...asked } = options(first);
      const deleted = includeDeleted ? { deleted: 'INCLUDE' } : {};
      return { kind: 'query', field: names.many, args: { ...asked, ...deleted }, part: null };
    }
    case 'get':
      return { kind: 'query', field: names.one, args: { by: keyOf(first) }, part: null };
    case 'count':
      return { kind: 'query', field: names.aggregate, args: options(first), part: 'count' };
    case 'insert':
      return Array.isArray(first)
        ? { kind: 'mutation', field: names.insertMany, args: { data: first }, part: 'nodes' }
        : { kind: 'mutation', field: names.insert, args: { data: first }, part: null };
    case 'update': {
      const set = second === undefined || second === null ? {} : { set: second };
      return {
        kind: 'mutation',
        field: names.update,
        args: { by: keyOf(first), ...set, ...options(third) },
        part: null,
      };
    }
    case 'delete':
      return { kind: 'mutation', field: names.delete, args: { by: keyOf(first), ...options(second) }, part: null };
    case 'undelete':
      return { kind: 'mutation', field: names.undelete, args: { by: keyOf(first) }, part: null };
    default:
      throw new Error(`a table has no ${method}: it has ${METHODS.join(', ')}`);
  }
}

/** An id, or a key as the API has it. */
function keyOf(key: unknown): unknown {
  return typeof key === 'string' || typeof key === 'number' ? { id: String(key) } : key;
}

/** The document: every argument of the field is a variable, so that one document serves all calls. */
function textFor(
  { schema }: Runner,
  kind: Asked['kind'],
  name: string,
  part: Asked['part'],
  table: TableModel,
): string {
  const root = kind === 'query' ? schema.getQueryType() : schema.getMutationType();
  const field = root?.getFields()[name];
  if (!field)
    throw new ServiceError('FORBIDDEN', `You may not ${kind === 'query' ? 'read' : 'write'} ${table.name} so.`);
  const variables = field.args.map((argument) => `$${argument.name}: ${argument.type}`);
  const args = field.args.map((argument) => `${argument.name}: $${argument.name}`);
  const list = (members: readonly string[]) => (members.length > 0 ? `(${members.join(', ')})` : '');
  return `${kind} ${list(variables)} { answer: ${name}${list(args)} ${selectionOf(field, part)} }`;
}

/** All columns of the rows. */
function selectionOf(field: GraphQLField<unknown, unknown>, part: Asked['part']): string {
  if (part === 'count') return '{ count }';
  if (part === 'nodes') {
    const type = getNamedType(field.type);
    const nodes = isObjectType(type) ? type.getFields()['nodes'] : undefined;
    return nodes ? `{ nodes ${selectionOf(nodes, null)} }` : '{ count }';
  }
  const type = getNamedType(field.type);
  const columns = isObjectType(type) ? Object.values(type.getFields()) : [];
  return `{ ${columns.flatMap((one) => (fieldMeaning(one)?.kind === 'column' ? one.name : [])).join(' ')} }`;
}
