// Subscriptions that are open: begun when their face is ready for answers, and taken along when another model is published.
// What the new model has no place for, or the caller no permission, ends with the reason; what it judges in another way begins
// anew; everything else goes on where it was.

import { type DocumentNode, type GraphQLError, getVariableValues, type OperationDefinitionNode } from 'graphql';
import type { Outlet } from '../../changes/batch.ts';
import type { Following } from '../../changes/feed.ts';
import { ServiceError } from '../../platform/errors.ts';
import type { Request } from '../../records/value-source.ts';
import { type OperationResult, type RequestContext, type Runner, requestOf } from '../run-operation.ts';
import { type PlannedRequest, planRequest } from '../scripts/plan-request.ts';
import type { PlannedStream, Resumption } from './plan-stream.ts';
import type { Answer, Sink, Stream } from './stream.ts';

/** A subscription as it was asked for. */
export interface AskedStream {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly context: RequestContext;
}

const HOW =
  'A subscription is answered over time: send it over a WebSocket (graphql-transport-ws), or with "Accept: text/event-stream".';

/** Puts the subscription where the face takes it. Where none does, it is refused. */
export function prepareStream(
  runner: Runner,
  asked: AskedStream,
  planned: PlannedStream,
  request: Request,
): OperationResult {
  const { streams, requestId } = asked.context;
  if (!streams) return { errors: [runner.formatError(new ServiceError('BAD_REQUEST', HOW), { requestId })] };
  streams.open = (sink) => runner.streams.open({ ...asked, sink }, planned, request, runner);
  return {};
}

interface Running {
  readonly asked: AskedStream & { readonly sink: Sink };
  planned: PlannedStream;
  following: Following;
  /** What its rows were judged by. */
  rules: string;
  /** The last answer, where each is all there is to tell. */
  last: Answer | null;
}

/** The runner of a caller's class in the model that is published now, and what is wrong with a document in its schema. */
export type RunnerFor = (
  context: RequestContext,
  document: DocumentNode,
) => { readonly runner: Runner; readonly errors: readonly GraphQLError[] };

export class OpenStreams {
  readonly #running = new Set<Running>();

  get size(): number {
    return this.#running.size;
  }

  /** Begins a subscription. What is wrong with its values ends it at once. */
  open(asked: AskedStream & { readonly sink: Sink }, planned: PlannedStream, request: Request, runner: Runner): Stream {
    const running: Running = { asked, planned, following: NOTHING, rules: planned.rulesOf(request), last: null };
    this.#running.add(running);
    this.#follow(running, request, runner);
    return {
      close: () => {
        this.#running.delete(running);
        running.following.close();
      },
    };
  }

  /** Another model is published: everything that is open moves to it. */
  move(runnerFor: RunnerFor): void {
    for (const running of [...this.#running]) this.#move(running, runnerFor);
  }

  #move(running: Running, runnerFor: RunnerFor): void {
    const { document, operation, inputs, context, sink } = running.asked;
    const since = running.following.cursor();
    running.following.close();
    running.following = NOTHING;
    const { runner, errors } = runnerFor(context, document);
    const end = (reasons: readonly GraphQLError[]) => {
      this.#running.delete(running);
      sink.end(reasons);
    };
    if (errors.length > 0) {
      end(errors);
      return;
    }
    const { requestId } = context;
    const fail = (error: unknown) => end([runner.formatError(error, { requestId, nodes: [operation] })]);
    try {
      const coerced = getVariableValues(runner.schema, operation.variableDefinitions ?? [], inputs);
      if (coerced.errors) throw coerced.errors[0];
      const variables = Object.assign(Object.create(null), coerced.coerced);
      const planned = planRequest(runner, document, operation, requestOf(runner, context, variables));
      const goOn = ({ plan: { stream }, request }: PlannedRequest) => {
        // It may have been closed while scripts were asked.
        if (!this.#running.has(running)) return;
        if (!stream) throw new Error('the plan of a subscription is none');
        const rules = stream.rulesOf(request);
        const anew = rules !== running.rules;
        running.planned = stream;
        running.rules = rules;
        this.#follow(running, request, runner, { since: anew ? null : since, anew });
      };
      if (planned instanceof Promise) planned.then(goOn).catch(fail);
      else goOn(planned);
    } catch (error) {
      fail(error);
    }
  }

  #follow(running: Running, request: Request, runner: Runner, resumption?: Resumption): void {
    const { sink, operation, context } = running.asked;
    const outlet: Outlet = {
      next: (answer) => {
        if (running.last?.equals(answer)) return;
        if (running.planned.answersWhole) running.last = answer;
        sink.next(answer);
      },
      fail: (error) => {
        this.#running.delete(running);
        running.following.close();
        sink.end([runner.formatError(error, { requestId: context.requestId, nodes: [operation] })]);
      },
      get isFull() {
        return sink.isFull;
      },
      onceDrained: (callback) => sink.onceDrained(callback),
    };
    try {
      running.following = running.planned.open(request, outlet, resumption);
    } catch (error) {
      outlet.fail(error);
    }
  }
}

const NOTHING: Following = { close: () => undefined, cursor: () => null };
