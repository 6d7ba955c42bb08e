// Running a plan: every face (HTTP now, sockets later) comes through here. The answer is JSON text, made of what the store
// answered; one root field that fails leaves null and an error, and does not blank its siblings.

import { type DocumentNode, GraphQLError, getVariableValues, type OperationDefinitionNode } from 'graphql';
import type { Caller } from '../access/caller.ts';
import { ServiceError } from '../platform/errors.ts';
import type { KeptAnswers, KeyedRequest } from '../records/kept-answers.ts';
import type { ForScripts, Request } from '../records/value-source.ts';
import { checkPrice } from './cost/check-price.ts';
import type { ErrorFormatter } from './format-error.ts';
import { keyedRequest } from './keyed-request.ts';
import { type OpenStreams, prepareStream } from './live/open-stream.ts';
import type { OpenStream } from './live/stream.ts';
import type { PlanCache } from './plan-cache.ts';
import type { OperationPlan, PlannedField, Planner } from './plan-operation.ts';
import type { Variables } from './read-argument.ts';
import { runTogether, TogetherFailure } from './run-together.ts';
import { planRequest } from './scripts/plan-request.ts';
import type { ScriptFilters } from './scripts/row-filters.ts';

/** What comes with every request. */
export interface RequestContext {
  readonly caller: Caller;
  readonly requestId: string;
  /** The client's own name for what it asks, under which it is done once. */
  readonly key?: string;
  /** What came of running it, where that was done already (`fast-lane.ts`) and Apollo has only to write the answer. */
  readonly result?: OperationResult;
  /** Where a subscription is put; without it none can be begun. */
  readonly streams?: { open: OpenStream | null };
  /** Whether it came in a way that must change nothing. */
  readonly onlyReads?: boolean;
  readonly forScripts?: ForScripts;
  /** What it is a part of, where a script asks it. */
  readonly within?: Pick<Request, 'transaction' | 'leftService' | 'depth'>;
}

/** JSON text that goes into an answer as it is. */
export class JsonText {
  constructor(readonly text: string) {}
}

export interface OperationResult {
  /** Null when the answer as a whole failed; absent when nothing was run. */
  readonly data?: JsonText | null;
  readonly errors?: readonly GraphQLError[];
}

export interface Runner extends Planner {
  readonly plans: PlanCache;
  readonly streams: OpenStreams;
  readonly newId: () => string;
  readonly formatError: ErrorFormatter;
  /** Whether messages name nothing that is like what was asked. */
  readonly hideSuggestions: boolean;
  readonly answers: KeptAnswers;
  /** Scripts that say which rows there are. Left out: none do. */
  readonly filters?: ScriptFilters;
}

/** Wrong variables that are reported at once. */
const MAX_VARIABLE_ERRORS = 10;

/** Runs a validated operation. Never throws for what a client can cause. */
export async function runOperation(
  runner: Runner,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  inputs: Readonly<Record<string, unknown>>,
  context: RequestContext,
): Promise<OperationResult> {
  const { caller, requestId, key } = context;
  if (context.onlyReads && operation.operation === 'mutation') {
    const refusal = new ServiceError('BAD_REQUEST', 'Send mutations with POST.');
    return { errors: [runner.formatError(refusal, { requestId, nodes: [operation] })] };
  }
  const coerced = getVariableValues(runner.schema, operation.variableDefinitions ?? [], inputs, {
    maxErrors: MAX_VARIABLE_ERRORS,
    hideSuggestions: runner.hideSuggestions,
  });
  if (coerced.errors) return { errors: coerced.errors.map(badInput) };
  // Without a prototype, so that a variable named like a member of every object is absent when it is not given.
  const variables: Variables = Object.assign(Object.create(null), coerced.coerced);
  const asked = requestOf(runner, context, variables);
  let plan: OperationPlan;
  let request: Request;
  try {
    const planned = planRequest(runner, document, operation, asked);
    ({ plan, request } = planned instanceof Promise ? await planned : planned);
    const prices = plan.fields.flatMap((field) => field.price(request) ?? []);
    if (plan.stream) prices.push(...[plan.stream.price(request) ?? []].flat());
    checkPrice(prices, request, runner.limits);
  } catch (error) {
    return { errors: [runner.formatError(error, { requestId, nodes: [operation] })] };
  }
  if (plan.stream) return prepareStream(runner, { document, operation, inputs, context }, plan.stream, request);
  if (!plan.serial || !(plan.together || key)) return runPlan(runner, plan, request);
  const keyed = key === undefined ? null : keyedRequest(key, caller, runner.caller.key, operation, inputs);
  return runAsOne(runner, plan, request, keyed);
}

/** The request of a context, with coerced variables. */
export function requestOf({ newId }: Pick<Runner, 'newId'>, context: RequestContext, variables: Variables): Request {
  const { caller, requestId, forScripts, within } = context;
  return { caller, requestId, variables, newId, ...(forScripts ? { forScripts } : {}), ...within };
}

async function runAsOne(
  runner: Runner,
  plan: OperationPlan,
  request: Request,
  keyed: KeyedRequest | null,
): Promise<OperationResult> {
  try {
    return { data: new JsonText(await runTogether(plan.fields, request, { ...runner, keyed })) };
  } catch (failure) {
    if (!(failure instanceof TogetherFailure)) throw failure;
    const { error, field } = failure;
    const place = field ? { path: [field.key], nodes: field.nodes } : {};
    return { data: null, errors: [runner.formatError(error, { requestId: request.requestId, ...place })] };
  }
}

async function runPlan(runner: Runner, plan: OperationPlan, request: Request): Promise<OperationResult> {
  const errors: GraphQLError[] = [];
  let failed = false;
  const runField = async (field: PlannedField): Promise<string> => {
    try {
      return await field.run(request);
    } catch (error) {
      errors.push(runner.formatError(error, { requestId: request.requestId, path: [field.key], nodes: field.nodes }));
      if (!field.nullable) failed = true;
      return 'null';
    }
  };
  const answers: string[] = [];
  if (plan.serial) for (const field of plan.fields) answers.push(await runField(field));
  else answers.push(...(await Promise.all(plan.fields.map(runField))));
  const members = plan.fields.map((field, at) => `${JSON.stringify(field.key)}:${answers[at]}`);
  // Nothing was done, and nothing can be: the answer as a whole says so, and may be asked for again.
  const unserved = errors.length > 0 && errors.length === plan.fields.length && errors.every(isUnavailable);
  const data = failed || unserved ? null : new JsonText(`{${members.join(',')}}`);
  return errors.length > 0 ? { data, errors } : { data };
}

/** The JSON of a result, whichever lane it was made in. */
export function stringifyResult(result: { data?: unknown; errors?: unknown; extensions?: unknown }): string {
  const { data, errors, extensions } = result;
  if (!(data instanceof JsonText)) return JSON.stringify({ errors, data, extensions });
  if (errors === undefined && extensions === undefined) return `{"data":${data.text}}`;
  return `${JSON.stringify({ errors, extensions }).slice(0, -1)},"data":${data.text}}`;
}

function isUnavailable({ originalError }: GraphQLError): boolean {
  return originalError instanceof ServiceError && originalError.code === 'SERVICE_UNAVAILABLE';
}

function badInput({ message, nodes, originalError }: GraphQLError): GraphQLError {
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    originalError: originalError ?? null,
    extensions: { code: 'BAD_USER_INPUT' },
  });
}
