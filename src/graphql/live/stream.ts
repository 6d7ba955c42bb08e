// A subscription that is under way, between the face that a client is on (a WebSocket, an event stream) and what makes its
// answers. Answers are pushed; how many wait for the client is the face's to know.

import type { GraphQLError } from 'graphql';

/** An answer: the JSON text of an execution result, in UTF-8. Equal subscriptions get the same bytes. */
export type Answer = Buffer;

/** Where a face takes answers for one client. Nothing is called after `end`, nor after the stream was closed. */
export interface Sink {
  next(answer: Answer): void;
  /** Nothing comes any more: for these reasons, or (null) because everything was said. */
  end(errors: readonly GraphQLError[] | null): void;
  /** Whether so much waits for the client that it is to be left alone: answers that come nevertheless are still taken. */
  readonly isFull: boolean;
  /** Calls back once, when room is again; at most one waits. Not called after the stream was closed. */
  onceDrained(callback: () => void): void;
}

/** What the face holds on to. */
export interface Stream {
  /** The client wants no more, or is gone. Safe to call again. */
  close(): void;
}

/** A validated subscription that nothing was done for yet. */
export type OpenStream =
  /** Registers it before it returns: a change that is committed after that is seen. */
  (sink: Sink) => Stream;
