// One Apollo Server for each class of callers in use, over that class's schema. A new model has servers of its own: it is
// published by one assignment, and operations that are running finish on the server that they began with.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import type { GatewayExecutionResult, GatewayInterface } from '@apollo/server-gateway-interface';
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  specifiedRules,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Caller } from '../access/caller.ts';
import { type CallerClass, callerClassOf } from '../access/caller-class.ts';
import type { RowPages } from '../changes/row-pages.ts';
import type { Logger } from '../platform/log.ts';
import type { KeptAnswers } from '../records/kept-answers.ts';
import type { RecordStore } from '../records/ports.ts';
import type { RowScripts } from '../records/row-scripts.ts';
import { scriptedReads } from '../records/scripted-reads.ts';
import type { Model } from '../tables/model.ts';
import { answerPlugin } from './answer-plugin.ts';
import { BoundedStore } from './bounded-store.ts';
import { buildClassSchema, buildClassSchemaGently } from './build-schema.ts';
import { type FastLane, openFastLane } from './fast-lane.ts';
import { errorFormatter } from './format-error.ts';
import { KnownDocuments } from './known-documents.ts';
import type { Limits } from './limits.ts';
import { OpenStreams } from './live/open-stream.ts';
import type { Live } from './live/plan-stream.ts';
import { missingCredentials } from './missing-credentials.ts';
import { PlanCache, PlanStore } from './plan-cache.ts';
import { type RequestContext, type Runner, runOperation, stringifyResult } from './run-operation.ts';
import { type AskFilter, ScriptFilters } from './scripts/row-filters.ts';
import { MAX_TOKENS, ownRules } from './validation-rules.ts';

/** What is published: a model, and the store that holds its rows. */
export interface Published {
  readonly model: Model;
  readonly store: RecordStore;
  /** What subscriptions to it begin with; null: there are none. */
  readonly pages: RowPages | null;
  /** What runs around its tables. Left out: nothing. */
  readonly scripts?: { readonly rows: RowScripts; readonly filter: AskFilter };
}

export interface ClassServersOptions {
  readonly log: Logger;
  readonly newId: () => string;
  /** Whether callers without the master key may introspect. */
  readonly introspection: boolean;
  /** Schema details in error messages help developers; in production they stay away. */
  readonly hideSchemaDetails: boolean;
  readonly limits: Limits;
  readonly answers: KeptAnswers;
  /** What subscriptions are served from; null: none are. */
  readonly live: Omit<Live, 'pages'> | null;
}

/** Classes whose schemas are kept, those used last. */
const MAX_CLASSES = 64;
/** Milliseconds after which a class that nobody was of is let go. */
const IDLE_CLASS = 600_000;
/** Texts of persisted queries that all classes keep together. */
const MAX_TEXTS = 2_000;

/** What answers GraphQL requests. */
export interface GraphqlServer {
  readonly apollo: ApolloServer<RequestContext>;
  /** Asked before Apollo is; null: Apollo is asked everything. */
  readonly fastLane: FastLane | null;
}

/** A class in one model. */
interface ClassServer {
  readonly runner: Runner;
  /** Started when it is first needed. */
  server: Promise<GraphqlServer> | null;
}

export class ClassServers {
  readonly #texts = new BoundedStore<string>(MAX_TEXTS);
  readonly #documents = new KnownDocuments();
  readonly #plans = new PlanStore();
  readonly #streams = new OpenStreams();
  #published: Published;
  /** Of the published model. What is let go is not stopped: it holds nothing but memory, and requests finish on it. */
  #classes = newClasses();

  constructor(
    published: Published,
    private readonly options: ClassServersOptions,
  ) {
    this.#published = published;
  }

  get model(): Model {
    return this.#published.model;
  }

  /** The server for a class, of the model that is published now. */
  async serverFor(caller: CallerClass): Promise<GraphqlServer> {
    return this.#started(this.#entryFor(caller));
  }

  /** What runs operations of a caller that come from the service itself. */
  runnerFor(caller: Caller): Runner {
    return this.#entryFor(callerClassOf(caller, this.model.roles)).runner;
  }

  /** The schema of a class. */
  schemaFor(caller: CallerClass): GraphQLSchema {
    return this.#entryFor(caller).runner.schema;
  }

  /**
   * Builds and starts every class in use for another model, one by one with room for requests between, so that whatever can
   * fail has failed before anything is changed. Answers what publishes them, all together, by one assignment; until it is
   * called, nothing has happened.
   */
  async prepare(published: Published): Promise<() => void> {
    const next = newClasses();
    // From the one used longest ago, so that the order stays.
    for (const [key, { runner }] of [...this.#classes.entries()].reverse()) {
      const schema = await buildClassSchemaGently(published.model, runner.caller, this.options.limits);
      await nextTurn();
      const entry: ClassServer = { runner: this.#runnerFor(runner.caller, published, schema), server: null };
      await this.#started(entry);
      next.set(key, entry);
      await nextTurn();
    }
    return () => {
      this.#published = published;
      this.#classes = next;
      this.#streams.move((context, document) => this.#runnerOf(context, document));
    };
  }

  /** How many subscriptions are open. */
  get streams(): number {
    return this.#streams.size;
  }

  /** The runner for a subscription that goes on, and what is wrong with it in the model that is published now. */
  #runnerOf({ caller, requestId }: RequestContext, document: DocumentNode) {
    const { runner } = this.#entryFor(callerClassOf(caller, this.model.roles));
    const { limits } = this.options;
    const hideSuggestions = this.#hidesSuggestionsFrom(runner.caller);
    const errors = validate(runner.schema, document, [...specifiedRules, ...ownRules(limits)], { hideSuggestions });
    if (errors.length === 0) return { runner, errors };
    const missing = missingCredentials(
      document,
      runner.caller,
      this.model.roles,
      (other) => this.schemaFor(other),
      limits,
    );
    if (missing) return { runner, errors: [runner.formatError(missing, { requestId })] };
    const extensions = { code: 'GRAPHQL_VALIDATION_FAILED', requestId };
    return {
      runner,
      errors: errors.map(({ message, nodes = null }) => new GraphQLError(message, { nodes, extensions })),
    };
  }

  /** Stops every server of the published model. */
  async close(): Promise<void> {
    const servers = await Promise.all([...this.#classes.values()].map(({ server }) => server));
    await Promise.all(servers.map((server) => server?.apollo.stop()));
  }

  #entryFor(caller: CallerClass): ClassServer {
    const known = this.#classes.get(caller.key);
    if (known) return known;
    const entry: ClassServer = { runner: this.#runnerFor(caller, this.#published), server: null };
    this.#classes.set(caller.key, entry);
    return entry;
  }

  #started(entry: ClassServer): Promise<GraphqlServer> {
    entry.server ??= this.#start(entry.runner);
    return entry.server;
  }

  #runnerFor(
    caller: CallerClass,
    { model, store, pages, scripts }: Published,
    schema: GraphQLSchema = buildClassSchema(model, caller, this.options.limits),
  ): Runner {
    const { limits, live: openings } = this.options;
    const runs = scripts && caller.scripts !== 'none' ? { scripts: scripts.rows } : {};
    const tables = [...model.tables.values()];
    // The service's own work sees rows as they are.
    const told = scripts && caller.scripts === 'all' ? scripts : null;
    const asTold = told && tables.some((table) => table.scripts?.read) ? scriptedReads(store, told.rows) : store;
    const live = openings && pages && { ...openings, pages };
    const planner = { schema, model, caller, store: asTold, limits, live, ...runs };
    const filtered = tables.some((table) => table.scripts?.filter);
    const filters = told && filtered && new ScriptFilters(model, limits, told.filter);
    return {
      ...(filters ? { filters } : {}),
      ...planner,
      plans: new PlanCache(planner, this.#plans),
      newId: this.options.newId,
      answers: this.options.answers,
      streams: this.#streams,
      formatError: errorFormatter(this.options.log),
      hideSuggestions: this.#hidesSuggestionsFrom(caller),
    };
  }

  async #start(runner: Runner): Promise<GraphqlServer> {
    const { log, introspection, limits } = this.options;
    const documents = this.#documents.ofServer();
    const apollo = new ApolloServer<RequestContext>({
      gateway: gatewayOf(runner),
      introspection: introspection || runner.caller.admin,
      includeStacktraceInErrorResponses: false,
      stopOnTerminationSignals: false,
      validationRules: ownRules(limits),
      validationOptions: { hideSuggestions: this.#hidesSuggestionsFrom(runner.caller) },
      parseOptions: { maxTokens: MAX_TOKENS },
      cache: this.#texts,
      documentStore: null,
      stringifyResult,
      logger: log,
      plugins: [
        ApolloServerPluginCacheControlDisabled(),
        ApolloServerPluginLandingPageDisabled(),
        documents.plugin,
        answerPlugin(log, (document) =>
          missingCredentials(document, runner.caller, this.model.roles, (caller) => this.schemaFor(caller), limits),
        ),
      ],
    });
    await apollo.start();
    return { apollo, fastLane: openFastLane(runner, documents) };
  }

  #hidesSuggestionsFrom(caller: CallerClass): boolean {
    return this.options.hideSchemaDetails && !caller.admin;
  }
}

const newClasses = () => new LRUCache<string, ClassServer>({ max: MAX_CLASSES, ttl: IDLE_CLASS, updateAgeOnGet: true });

/** Apollo hands operations over to be run only through this hook. */
function gatewayOf(runner: Runner): GatewayInterface {
  let loaded: ((context: { apiSchema: GraphQLSchema; coreSupergraphSdl: string }) => void) | null = null;
  return {
    onSchemaLoadOrUpdate(callback) {
      loaded = callback;
      return () => {
        loaded = null;
      };
    },
    async load() {
      loaded?.({ apiSchema: runner.schema, coreSupergraphSdl: '' });
      return {
        executor: async ({ document, operationName, request, context: apolloContext }) => {
          const context = apolloContext as unknown as RequestContext;
          // The fast lane has run it.
          if (context.result) return context.result as GatewayExecutionResult;
          const name = operationName ?? request.operationName;
          const operation = getOperationAST(document, name);
          if (!operation) return { errors: [unknownOperation(name)] };
          const inputs = request.variables ?? {};
          const result = await runOperation(runner, document, operation, inputs, context);
          return result as GatewayExecutionResult;
        },
      };
    },
    stop: () => Promise.resolve(),
  };
}

function unknownOperation(name: string | undefined): GraphQLError {
  const message =
    name === undefined
      ? 'The document has several operations: say which one with operationName.'
      : `The document has no operation "${name}".`;
  return new GraphQLError(message, { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } });
}
