// What goes out on a socket. Answers are bytes already; around them goes what the protocol needs, and nothing is parsed again.

import type { WebSocket } from 'ws';
import type { Answer } from '../live/stream.ts';

const CLOSING_BRACE = Buffer.from('}');

export class Outgoing {
  readonly #waiting = new Set<() => void>();
  /** Since when so much waits that nothing more is sent, in milliseconds of the process; null: it is not so. */
  #fullSince: number | null = null;

  constructor(
    private readonly socket: WebSocket,
    /** Bytes that may wait. */
    private readonly most: number,
  ) {}

  /** Whether the client is to be left alone. */
  get isFull(): boolean {
    const full = this.socket.bufferedAmount > this.most;
    if (full) this.#fullSince ??= performance.now();
    return full;
  }

  /** Milliseconds for which the client has taken too little. */
  get stalled(): number {
    return this.#fullSince === null ? 0 : performance.now() - this.#fullSince;
  }

  /** Calls back when half of what may wait is free again. */
  onceDrained(callback: () => void): void {
    if (this.socket.bufferedAmount <= this.most / 2) queueMicrotask(callback);
    else this.#waiting.add(callback);
  }

  message(message: object): void {
    this.#send(JSON.stringify(message));
  }

  /** `head` is what {@link nextHead} made. */
  next(head: Buffer, answer: Answer): void {
    this.#send(Buffer.concat([head, answer, CLOSING_BRACE]));
  }

  #send(data: string | Buffer): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    this.socket.send(data, { binary: false }, () => this.#drained());
  }

  #drained(): void {
    const isIdle = this.#fullSince === null && this.#waiting.size === 0;
    if (isIdle || this.socket.bufferedAmount > this.most / 2) return;
    this.#fullSince = null;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const callback of waiting) callback();
  }
}

/** What stands before every answer of an operation. */
export function nextHead(id: string): Buffer {
  return Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);
}
