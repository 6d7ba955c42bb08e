// One WebSocket of `graphql-transport-ws` (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md): who it is, what it
// asks, and how it ends. Operations go the way that they go over HTTP.

import { type Message, MessageType, parseMessage } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { Caller } from '../../access/caller.ts';
import type { Authenticator, Identified } from '../../auth/caller-from-credentials.ts';
import { credentialsFromConnection } from '../../auth/credentials.ts';
import type { Clock } from '../../platform/clock.ts';
import { messageOf, ServiceError } from '../../platform/errors.ts';
import { newRequestId } from '../../platform/ids.ts';
import { logFailure, MASKED } from '../format-error.ts';
import { Outgoing } from './outgoing.ts';
import { CLOSE } from './socket-limits.ts';
import { type OperationsOptions, SocketOperations } from './socket-operations.ts';

export interface ConnectionOptions extends OperationsOptions {
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  /** Asked when it is known who it is: whether there may be one more of them. */
  readonly admit: (caller: Caller) => boolean;
}

/** The longest that a timer can be set for. */
const LONGEST_TIMER = 2 ** 31 - 1;

export class Connection {
  readonly #outgoing: Outgoing;
  readonly #operations: SocketOperations;
  readonly #init: NodeJS.Timeout;
  #initialised = false;
  #identified: Identified | null = null;
  #expiry: NodeJS.Timeout | null = null;
  #budget: number;
  #refilled = performance.now();
  #draining = false;

  constructor(
    private readonly socket: WebSocket,
    private readonly options: ConnectionOptions,
  ) {
    const { limits } = options;
    this.#outgoing = new Outgoing(socket, limits.queued);
    this.#operations = new SocketOperations(this.#outgoing, options, () => this.#closeWhenDrained());
    this.#budget = limits.messageBurst;
    this.#init = setTimeout(
      () => this.close(CLOSE.initTimeout, 'Connection initialisation timeout'),
      limits.initTimeout,
    );
    socket.on('message', (data, isBinary) => this.#receive(isBinary ? null : String(data)));
    socket.on('close', () => this.#end());
  }

  /** Subscriptions that are under way. */
  get streams(): number {
    return this.#operations.streams;
  }

  /** Milliseconds for which the client has taken too little of what it was sent. */
  get stalled(): number {
    return this.#outgoing.isFull ? this.#outgoing.stalled : 0;
  }

  /** Tells the client that the service is there: browsers show their pages no other ping than the protocol's. */
  ping(): void {
    if (this.#identified) this.#outgoing.message({ type: MessageType.Ping });
  }

  /** Closes the socket; `reason` has at most 123 bytes. */
  close(code: number, reason: string): void {
    this.socket.close(code, reason);
    // The client's answer has to be read.
    this.socket.resume();
    this.#end();
  }

  /** Lets what is not a subscription come to its end, and closes. */
  drain(): void {
    this.#operations.drain();
    this.#draining = true;
    this.#closeWhenDrained();
  }

  #closeWhenDrained(): void {
    if (this.#draining && this.#operations.areStreams) this.close(CLOSE.goingAway, 'Going away');
  }

  #end(): void {
    clearTimeout(this.#init);
    if (this.#expiry) clearTimeout(this.#expiry);
    this.#operations.end();
  }

  #receive(text: string | null): void {
    // A client is not obliged to hear that it was closed, and goes on talking.
    if (this.socket.readyState !== this.socket.OPEN) return;
    this.#waitForClient();
    if (!this.#mayReceive()) {
      this.close(CLOSE.tryAgainLater, 'Too many messages: send fewer, and come back later');
      return;
    }
    let message: Message;
    try {
      if (text === null) throw new Error('messages are text');
      message = parseMessage(text) as Message;
    } catch (error) {
      this.close(CLOSE.badRequest, shortened(`Invalid message: ${messageOf(error)}`));
      return;
    }
    switch (message.type) {
      case MessageType.ConnectionInit:
        void this.#initialise(message.payload);
        return;
      case MessageType.Ping:
        void this.#pong(message.payload);
        return;
      case MessageType.Pong:
        return;
      case MessageType.Subscribe:
        this.#subscribe(message.id, message.payload);
        return;
      case MessageType.Complete:
        this.#operations.complete(message.id);
        return;
      default:
        this.close(CLOSE.badRequest, `Unexpected message of type ${message.type}`);
    }
  }

  /** Who takes no answers is not asked what else it wants. */
  #waitForClient(): void {
    if (!this.#outgoing.isFull || this.socket.isPaused) return;
    this.socket.pause();
    this.#outgoing.onceDrained(() => this.socket.resume());
  }

  #mayReceive(): boolean {
    const { messageRate, messageBurst } = this.options.limits;
    const now = performance.now();
    this.#budget = Math.min(messageBurst, this.#budget + ((now - this.#refilled) / 1_000) * messageRate);
    this.#refilled = now;
    this.#budget -= 1;
    return this.#budget >= 0;
  }

  async #initialise(payload: unknown): Promise<void> {
    if (this.#initialised) {
      this.close(CLOSE.tooManyInits, 'Too many initialisation requests');
      return;
    }
    this.#initialised = true;
    const identified = await this.#identify(payload);
    if (!identified || this.socket.readyState !== this.socket.OPEN) return;
    clearTimeout(this.#init);
    if (!this.options.admit(identified.caller)) {
      this.close(CLOSE.tryAgainLater, 'Too many connections of this caller');
      return;
    }
    this.#setIdentity(identified);
    this.#outgoing.message({ type: MessageType.ConnectionAck });
  }

  /** Who sends these credentials; closes the socket when they are wrong. */
  async #identify(payload: unknown): Promise<Identified | null> {
    try {
      return await this.options.authenticator.identify(credentialsFromConnection(payload));
    } catch (error) {
      const known = error instanceof ServiceError;
      if (!known) logFailure(this.options.log, error, { requestId: newRequestId() });
      if (known && error.code === 'UNAUTHENTICATED') this.close(CLOSE.forbidden, shortened(error.message));
      else this.close(CLOSE.tryAgainLater, known ? shortened(error.message) : MASKED);
      return null;
    }
  }

  #setIdentity(identified: Identified): void {
    this.#identified = identified;
    if (this.#expiry) clearTimeout(this.#expiry);
    this.#expiry = null;
    const { expiresAt } = identified;
    if (expiresAt === null) return;
    const left = Math.max(0, expiresAt - this.options.clock());
    this.#expiry = setTimeout(
      () => this.close(CLOSE.forbidden, 'The token has expired'),
      Math.min(left, LONGEST_TIMER),
    );
  }

  /** Answers a ping. One that brings another token renews the socket. */
  async #pong(payload: unknown): Promise<void> {
    const before = this.#identified;
    const isRenewal = before !== null && typeof payload === 'object' && payload !== null && 'authorization' in payload;
    if (!isRenewal) {
      this.#outgoing.message({ type: MessageType.Pong, ...(payload === undefined ? {} : { payload }) });
      return;
    }
    const renewed = await this.#identify({ authorization: payload.authorization });
    if (!renewed || this.socket.readyState !== this.socket.OPEN) return;
    // The keys of the socket stay; what it may do must stay as well, since its subscriptions were judged by it.
    if (JSON.stringify(renewed.caller.user) !== JSON.stringify(before.caller.user)) {
      this.close(CLOSE.forbidden, 'The new token is of another user, or of other roles or claims: connect anew');
      return;
    }
    this.#setIdentity({ caller: before.caller, expiresAt: renewed.expiresAt });
    this.#outgoing.message({ type: MessageType.Pong, payload: { expiresAt: renewed.expiresAt } });
  }

  #subscribe(id: string, payload: unknown): void {
    const identified = this.#identified;
    if (!identified) this.close(CLOSE.unauthorized, 'Unauthorized');
    else if (!this.#operations.start(id, payload, identified.caller))
      this.close(CLOSE.subscriberExists, shortened(`Subscriber for ${id} already exists`));
  }
}

/** The reason of a close frame has at most 123 bytes. */
function shortened(text: string): string {
  return Buffer.from(text).subarray(0, 120).toString('utf8').replace(/�+$/, '');
}
