// How much one WebSocket, and all of them, may take of a service.

export interface SocketLimits {
  /** Operations that are under way on one socket; nearly all are subscriptions. */
  readonly operations: number;
  /** Bytes that wait for the client before it is left alone. */
  readonly queued: number;
  /** Bytes of one message of a client. */
  readonly message: number;
  /** Messages in a second, over time, and at once. */
  readonly messageRate: number;
  readonly messageBurst: number;
  /** Milliseconds in which a socket has to say who it is. */
  readonly initTimeout: number;
  /** Milliseconds between two pings; who has not answered one by the next is gone. */
  readonly pingEvery: number;
  /** Milliseconds that a client may take nothing while something waits for it. */
  readonly stalled: number;
  /** Sockets of one user; and of one address, of those who are nobody. */
  readonly perUser: number;
  readonly perAddress: number;
  readonly all: number;
}

/**
 * The limits of design section 11. A user has several devices with several tabs; behind one address there may be an office.
 */
export const SOCKET_LIMITS: SocketLimits = Object.freeze({
  operations: 100,
  queued: 1024 * 1024,
  message: 64 * 1024,
  messageRate: 30,
  messageBurst: 200,
  initTimeout: 3_000,
  pingEvery: 12_000,
  stalled: 300_000,
  perUser: 100,
  perAddress: 200,
  all: 20_000,
});

/**
 * Why a socket is closed. Clients of the protocol come back after 1001, 1013 and 4403 and not after the others, which are
 * their own mistakes.
 */
export const CLOSE = Object.freeze({
  goingAway: 1001,
  tryAgainLater: 1013,
  badRequest: 4400,
  unauthorized: 4401,
  forbidden: 4403,
  badSubprotocol: 4406,
  initTimeout: 4408,
  subscriberExists: 4409,
  tooManyInits: 4429,
});
