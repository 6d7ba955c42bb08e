// The operations of one WebSocket: queries and mutations, which are answered once, and subscriptions.

import { MessageType } from 'graphql-ws';
import type { Caller } from '../../access/caller.ts';
import { ServiceError } from '../../platform/errors.ts';
import { newRequestId } from '../../platform/ids.ts';
import type { Logger } from '../../platform/log.ts';
import type { GraphqlServer } from '../class-servers.ts';
import { extensionsOf, logFailure, MASKED } from '../format-error.ts';
import { requestKey } from '../keyed-request.ts';
import type { Sink, Stream } from '../live/stream.ts';
import { forScriptsOf } from '../scripts/for-scripts.ts';
import { serveOperation } from '../serve-operation.ts';
import { nextHead, type Outgoing } from './outgoing.ts';
import type { SocketLimits } from './socket-limits.ts';

interface Operation {
  stream: Stream | null;
  isStream: boolean;
}

export interface OperationsOptions {
  /** The server for a caller. Throws ServiceError when there is none for it. */
  readonly serverFor: (caller: Caller) => Promise<GraphqlServer>;
  readonly limits: SocketLimits;
  readonly log: Logger;
}

export class SocketOperations {
  readonly #operations = new Map<string, Operation>();
  #draining = false;

  constructor(
    private readonly outgoing: Outgoing,
    private readonly options: OperationsOptions,
    /** Is told when one has ended. */
    private readonly changed: () => void,
  ) {}

  /** How many of them are subscriptions. */
  get streams(): number {
    let streams = 0;
    for (const { isStream } of this.#operations.values()) streams += Number(isStream);
    return streams;
  }

  /** Whether nothing is left that would come to an end by itself. */
  get areStreams(): boolean {
    return this.streams === this.#operations.size;
  }

  /** Nothing more is begun. */
  drain(): void {
    this.#draining = true;
  }

  /** Ends all of them. */
  end(): void {
    const operations = [...this.#operations.values()];
    this.#operations.clear();
    for (const { stream } of operations) stream?.close();
  }

  /** Starts one; false: another one has the id. */
  start(id: string, payload: unknown, caller: Caller): boolean {
    if (this.#operations.has(id)) return false;
    // The client asks the next service.
    if (this.#draining) return true;
    const requestId = newRequestId();
    const { operations } = this.options.limits;
    if (this.#operations.size >= operations) {
      const message = `This socket has ${operations} operations under way, which is the most: end one, or open another socket.`;
      this.#fail(id, new ServiceError('RATE_LIMITED', message), requestId);
      return true;
    }
    const operation: Operation = { stream: null, isStream: false };
    this.#operations.set(id, operation);
    void this.#run(id, operation, payload, { caller, requestId });
    return true;
  }

  async #run(
    id: string,
    operation: Operation,
    body: unknown,
    asked: { readonly caller: Caller; readonly requestId: string },
  ): Promise<void> {
    const isOurs = () => this.#operations.get(id) === operation;
    try {
      const server = await this.options.serverFor(asked.caller);
      const key = requestKey(undefined, body);
      const outcome = await serveOperation(server, body, {
        ...asked,
        forScripts: forScriptsOf(body, {}, []),
        ...(key === undefined ? {} : { key }),
      });
      if (!isOurs()) return;
      if (outcome.kind === 'stream') {
        operation.isStream = true;
        const sink = this.#sink(id, operation);
        if (this.#draining) this.changed();
        else operation.stream = outcome.open(sink);
        // It ended while it was opened.
        if (!isOurs()) operation.stream?.close();
        return;
      }
      this.#operations.delete(id);
      this.#answer(id, outcome.text);
    } catch (error) {
      if (!isOurs()) return;
      this.#operations.delete(id);
      logFailure(this.options.log, error, asked);
      const known = error instanceof ServiceError ? error : new ServiceError('INTERNAL_SERVER_ERROR', MASKED);
      this.#fail(id, known, asked.requestId);
    }
    this.changed();
  }

  /** An answer that is all errors is an `error`, which ends the operation. */
  #answer(id: string, text: string): void {
    const { data, errors } = text.startsWith('{"data":{') ? { data: true, errors: undefined } : JSON.parse(text);
    if (data === undefined && errors) {
      this.outgoing.message({ id, type: MessageType.Error, payload: errors });
      return;
    }
    this.outgoing.next(nextHead(id), Buffer.from(text));
    this.outgoing.message({ id, type: MessageType.Complete });
  }

  #fail(id: string, error: ServiceError, requestId: string): void {
    const payload = [{ message: error.message, extensions: extensionsOf(error, requestId) }];
    this.outgoing.message({ id, type: MessageType.Error, payload });
  }

  #sink(id: string, operation: Operation): Sink {
    const head = nextHead(id);
    const outgoing = this.outgoing;
    const isOurs = () => this.#operations.get(id) === operation;
    return {
      next: (answer) => {
        if (isOurs()) outgoing.next(head, answer);
      },
      end: (errors) => {
        if (!isOurs()) return;
        this.#operations.delete(id);
        if (errors) outgoing.message({ id, type: MessageType.Error, payload: errors });
        else outgoing.message({ id, type: MessageType.Complete });
      },
      get isFull() {
        return outgoing.isFull;
      },
      onceDrained: (callback) => {
        outgoing.onceDrained(() => {
          if (isOurs()) callback();
        });
      },
    };
  }

  /** The client wants no more of one. */
  complete(id: string): void {
    const operation = this.#operations.get(id);
    this.#operations.delete(id);
    operation?.stream?.close();
    this.changed();
  }
}
