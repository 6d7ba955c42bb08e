// One Apollo Server for each class of callers in use, over that class's schema. A new model is published by one
// assignment; operations that are running finish on the schema they began with.

import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import type { GatewayExecutionResult, GatewayInterface } from '@apollo/server-gateway-interface';
import { type DocumentNode, GraphQLError, type GraphQLSchema, getOperationAST } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { CallerClass } from '../access/caller-class.ts';
import type { Logger } from '../platform/log.ts';
import type { RecordStore } from '../records/ports.ts';
import type { Model } from '../tables/model.ts';
import { answerPlugin } from './answer-plugin.ts';
import { BoundedStore } from './bounded-store.ts';
import { buildClassSchema } from './build-schema.ts';
import { errorFormatter } from './format-error.ts';
import { missingCredentials } from './missing-credentials.ts';
import { PlanCache } from './plan-cache.ts';
import { type RequestContext, type Runner, runOperation, stringifyResult } from './run-operation.ts';
import { MAX_TOKENS, OWN_RULES } from './validation-rules.ts';

/** What is published: a model, and the store that holds its rows. */
export interface Published {
  readonly model: Model;
  readonly store: RecordStore;
}

export interface ClassServersOptions {
  readonly log: Logger;
  readonly newId: () => string;
  /** Whether callers without the master key may introspect. */
  readonly introspection: boolean;
  /** Schema details in error messages help developers; in production they stay away. */
  readonly hideSchemaDetails: boolean;
}

/** Classes whose schemas are kept. */
const MAX_CLASSES = 64;
/** Parsed documents, and texts of persisted queries, that all classes keep together. */
const MAX_DOCUMENTS = 2_000;

interface ClassServer {
  readonly caller: CallerClass;
  /** Swapped whole when a model is published. */
  runner: Runner;
  /** The runner of each schema that operations may still be running on. */
  readonly runners: WeakMap<GraphQLSchema, Runner>;
  server: Promise<ApolloServer<RequestContext>> | null;
  publish: ((schema: GraphQLSchema) => void) | null;
}

export class ClassServers {
  readonly #classes: LRUCache<string, ClassServer>;
  readonly #documents = new BoundedStore<DocumentNode>(MAX_DOCUMENTS);
  /** Apart: the schema of another class may read the same, and a document that admins may run would count as valid there. */
  readonly #adminDocuments = new BoundedStore<DocumentNode>(MAX_DOCUMENTS);
  readonly #texts = new BoundedStore<string>(MAX_DOCUMENTS);
  #published: Published;

  constructor(
    published: Published,
    private readonly options: ClassServersOptions,
  ) {
    this.#published = published;
    this.#classes = new LRUCache({ max: MAX_CLASSES, dispose: (entry) => void this.#stop(entry) });
  }

  get model(): Model {
    return this.#published.model;
  }

  /** The server for a class, started when it is first needed. */
  async serverFor(caller: CallerClass): Promise<ApolloServer<RequestContext>> {
    const entry = this.#entryFor(caller);
    entry.server ??= this.#start(entry);
    return entry.server;
  }

  /** The schema of a class. */
  schemaFor(caller: CallerClass): GraphQLSchema {
    return this.#entryFor(caller).runner.schema;
  }

  /**
   * Builds every schema in use for another model, so that whatever can fail has failed before anything is changed.
   * Answers what publishes them, all together; until it is called, nothing has happened.
   */
  prepare(published: Published): () => void {
    const built = new Map(
      [...this.#classes.values()].map((entry) => [entry, this.#runnerFor(entry.caller, published)]),
    );
    return () => {
      // Classes that came while the database was changed are built now.
      const next = [...this.#classes.values()].map((entry) => {
        return { entry, runner: built.get(entry) ?? this.#runnerFor(entry.caller, published) };
      });
      this.#published = published;
      for (const { entry, runner } of next) {
        entry.runner = runner;
        entry.runners.set(runner.schema, runner);
        entry.publish?.(runner.schema);
      }
    };
  }

  /** Stops every server, after what is running on it. */
  async close(): Promise<void> {
    const entries = [...this.#classes.values()];
    await Promise.all(entries.map((entry) => this.#stop(entry)));
  }

  #entryFor(caller: CallerClass): ClassServer {
    const known = this.#classes.get(caller.key);
    if (known) return known;
    const runner = this.#runnerFor(caller, this.#published);
    const runners = new WeakMap([[runner.schema, runner]]);
    const entry: ClassServer = { caller, runner, runners, server: null, publish: null };
    this.#classes.set(caller.key, entry);
    return entry;
  }

  #runnerFor(caller: CallerClass, { model, store }: Published): Runner {
    const planner = { schema: buildClassSchema(model, caller), model, caller, store };
    return {
      ...planner,
      plans: new PlanCache(planner),
      newId: this.options.newId,
      formatError: errorFormatter(this.options.log),
      hideSuggestions: this.#hidesSuggestionsFrom(caller),
    };
  }

  async #start(entry: ClassServer): Promise<ApolloServer<RequestContext>> {
    const { log, introspection } = this.options;
    const server = new ApolloServer<RequestContext>({
      gateway: gatewayOf(entry),
      introspection: introspection || entry.caller.admin,
      includeStacktraceInErrorResponses: false,
      stopOnTerminationSignals: false,
      validationRules: [...OWN_RULES],
      validationOptions: { hideSuggestions: this.#hidesSuggestionsFrom(entry.caller) },
      parseOptions: { maxTokens: MAX_TOKENS },
      documentStore: entry.caller.admin ? this.#adminDocuments : this.#documents,
      cache: this.#texts,
      stringifyResult,
      logger: log,
      plugins: [
        ApolloServerPluginCacheControlDisabled(),
        ApolloServerPluginLandingPageDisabled(),
        answerPlugin(log, (document) =>
          missingCredentials(document, entry.caller, this.model.roles, (caller) => this.schemaFor(caller)),
        ),
      ],
    });
    await server.start();
    return server;
  }

  #hidesSuggestionsFrom(caller: CallerClass): boolean {
    return this.options.hideSchemaDetails && !caller.admin;
  }

  async #stop(entry: ClassServer): Promise<void> {
    const server = await entry.server;
    await server?.stop();
  }
}

/** Apollo takes a new schema while it runs only through this hook; operations are run by us. */
function gatewayOf(entry: ClassServer): GatewayInterface {
  return {
    onSchemaLoadOrUpdate(callback) {
      entry.publish = (apiSchema) => callback({ apiSchema, coreSupergraphSdl: '' });
      return () => {
        entry.publish = null;
      };
    },
    async load() {
      entry.publish?.(entry.runner.schema);
      return {
        executor: async ({ schema, document, operationName, request, context }) => {
          const name = operationName ?? request.operationName;
          const operation = getOperationAST(document, name);
          if (!operation) return { errors: [unknownOperation(name)] };
          // The schema it was validated against: another may have been published since.
          const runner = entry.runners.get(schema) ?? entry.runner;
          const result = await runOperation(
            runner,
            document,
            operation,
            request.variables ?? {},
            context as unknown as RequestContext,
          );
          return result as GatewayExecutionResult;
        },
      };
    },
    async stop() {
      entry.publish = null;
    },
  };
}

function unknownOperation(name: string | undefined): GraphQLError {
  const message =
    name === undefined
      ? 'The document has several operations: say which one with operationName.'
      : `The document has no operation "${name}".`;
  return new GraphQLError(message, { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } });
}
