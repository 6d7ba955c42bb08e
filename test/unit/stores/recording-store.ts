// A record store that compiles for PostgreSQL and runs nothing: it keeps the statements, and answers with what it would
// have sent. And operations planned over it, without HTTP.

import assert from 'node:assert/strict';
import {
  type DocumentNode,
  getVariableValues,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import type { Caller } from '../../../src/access/caller.ts';
import { type CallerClass, callerClass, callerClassOf } from '../../../src/access/caller-class.ts';
import { buildClassSchema } from '../../../src/graphql/build-schema.ts';
import { LIMITS } from '../../../src/graphql/limits.ts';
import { type Planner, planOperation } from '../../../src/graphql/plan-operation.ts';
import type { RecordStore } from '../../../src/records/ports.ts';
import { bindSlot, type Request } from '../../../src/records/value-source.ts';
import { compileRead, type Statement } from '../../../src/stores/postgres/compile/compile-read.ts';
import { encodeParameter } from '../../../src/stores/postgres/encode-parameter.ts';
import { RowShapes } from '../../../src/stores/postgres/statements/row-shapes.ts';
import { compileFind, compileLink, compileReadBack } from '../../../src/stores/postgres/write/compile-find.ts';
import { compileWrite } from '../../../src/stores/postgres/write/compile-write.ts';
import type { Model } from '../../../src/tables/model.ts';

export interface RecordingStore extends RecordStore {
  readonly statements: readonly Statement[];
}

/** The JSON of a statement's text and of the values that a request gives it. */
function sent({ text, parameters }: Statement, request: Request): string {
  return JSON.stringify([text, parameters.slots.map((slot) => encodeParameter(slot, bindSlot(slot, request)))]);
}

export function recordingStore(model: Model): RecordingStore {
  const rowShapes = new RowShapes();
  const statements: Statement[] = [];
  const kept = (statement: Statement) => {
    statements.push(statement);
    return statement;
  };
  return {
    statements,
    compileRead(plan) {
      const statement = kept(compileRead(plan, model, undefined, rowShapes));
      return { run: async (request) => sent(statement, request) };
    },
    compileWrite(plan) {
      const statement = kept(compileWrite(plan, model));
      return {
        run: async (request) => [
          {
            id: 'new',
            answers: [sent(statement, request)],
            whole: null,
            passed: true,
            hidden: [],
            current: true,
            inserted: true,
            target: null,
            taken: [],
            beyond: [],
          },
        ],
      };
    },
    compileFind(plan) {
      const statement = kept(compileFind(plan, model));
      return { run: async (request) => [sent(statement, request)] };
    },
    compileReadBack(plan) {
      const statement = kept(compileReadBack(plan, model));
      return { run: async (request) => [[sent(statement, request)]] };
    },
    compileLink(plan) {
      kept(compileLink(plan, model));
      return { run: () => Promise.resolve() };
    },
    transaction: (work) =>
      work({
        open: true,
        apart: false,
        used: true,
        expired: new AbortController().signal,
        onceEnded: (effect) => effect(true),
      }),
    savepoint: (_, work) => work(),
    query: () => Promise.resolve([]),
  };
}

/** What planning needs, for a class. */
export function plannerOf(model: Model, caller: CallerClass, store: RecordStore = recordingStore(model)): Planner {
  return { schema: buildClassSchema(model, caller), model, caller, store, limits: LIMITS, live: null };
}

/** A user with the application key, and the roles. */
export function userClass(...roles: string[]): CallerClass {
  return callerClass({ admin: false, application: true, user: true, roles });
}

/** The class of a caller, of every role that the model names. */
export const classOf = (caller: Caller, model: Model) => callerClassOf(caller, model.roles);

/** A document's only operation, checked as it would be before it is planned. */
export function operationOf(
  { schema }: Planner,
  text: string,
): { document: DocumentNode; operation: OperationDefinitionNode } {
  const document = parse(text);
  assert.deepEqual(validate(schema, document, specifiedRules), [], text);
  const operation = document.definitions.find((node) => node.kind === 'OperationDefinition');
  assert.ok(operation);
  return { document, operation };
}

/** The variables of a request, coerced. */
export function coerce({ schema }: Planner, operation: OperationDefinitionNode, inputs: Record<string, unknown>) {
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], inputs);
  assert.equal(errors, undefined, String(errors));
  return coerced ?? {};
}

/** The statements that an operation is planned as. */
export function statementsOf(
  model: Model,
  caller: CallerClass,
  text: string,
  inputs: Record<string, unknown> = {},
): readonly Statement[] {
  return planned(model, caller, text, inputs).store.statements;
}

/** The same, with those that are compiled when a request brings new rows. */
export async function statementsOfWrite(
  model: Model,
  caller: CallerClass,
  text: string,
  inputs: Record<string, unknown> = {},
): Promise<readonly Statement[]> {
  const { store, fields, variables } = planned(model, caller, text, inputs);
  const user = { id: 'u', roles: [], claims: {} };
  let ids = 0;
  const newId = () => `new-${ids++}`;
  const request = { caller: { kind: 'client', application: true, user }, variables, requestId: 'test', newId } as const;
  for (const field of fields) await field.run(request);
  return store.statements;
}

function planned(model: Model, caller: CallerClass, text: string, inputs: Record<string, unknown>) {
  const store = recordingStore(model);
  const planner = plannerOf(model, caller, store);
  const { document, operation } = operationOf(planner, text);
  const fragments = document.definitions.filter((node) => node.kind === 'FragmentDefinition');
  const named = new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
  const variables = coerce(planner, operation, inputs);
  const { fields } = planOperation(planner, operation, named, variables);
  return { store, fields, variables };
}
