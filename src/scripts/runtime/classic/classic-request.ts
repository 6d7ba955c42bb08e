// `request` of a classic script: it executes and it responds, each once and in an order that makes sense, and with callbacks
// nothing is answered until it responds. What execution means for an insert or a read is not known here.

import { ServiceCallError } from '../errors.ts';
import { messageOf } from '../places.ts';
import { rejectionOf } from './status-codes.ts';

export interface ClassicOperation {
  /** Carries the operation out. `again`: after a conflict, over the row that the script was shown. */
  execute(again: { readonly version: string | null } | null): Promise<unknown>;
  /** What is answered where `respond` is not given anything. Called once it was executed. */
  result(): unknown;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly warn: (message: string) => void;
}

type Handler = (argument: unknown) => unknown;
type Handlers = Readonly<Partial<Record<'success' | 'error' | 'conflict', Handler>>>;

const HANDLERS = ['success', 'error', 'conflict'];
const OPTIONS = [...HANDLERS, 'systemProperties', 'includeDeleted'];

export class ClassicRequest {
  #phase: 'new' | 'executing' | 'executed' | 'failed' | 'conflict' = 'new';
  #isAnswered = false;
  #error: unknown = null;
  #version: string | null = null;

  constructor(private readonly operation: ClassicOperation) {}

  /** Runs what the script gave; what it throws is the answer. */
  attempt(work: () => unknown): void {
    const fail = (error: unknown) => {
      if (this.#isAnswered) this.operation.warn(`The script went wrong after it had responded: ${messageOf(error)}`);
      else this.#answer(() => this.operation.reject(error));
    };
    try {
      Promise.resolve(work()).catch(fail);
    } catch (error) {
      fail(error);
    }
  }

  execute(options?: unknown): void {
    const handlers = handlersOf(options);
    if (this.#isAnswered) throw new Error('request.execute() was called after request.respond().');
    if (this.#phase !== 'new' && this.#phase !== 'conflict') {
      throw new Error('request.execute() was called twice: that is for handlers of "conflict" only.');
    }
    const again = this.#phase === 'conflict' ? { version: this.#version } : null;
    this.#phase = 'executing';
    this.operation.execute(again).then(
      (result) => this.#succeed(result, handlers),
      (error) => this.#fail(error, handlers),
    );
  }

  respond(status?: unknown, body?: unknown): void {
    if (this.#isAnswered) throw new Error('request.respond() was called twice.');
    if (status === undefined) {
      this.#respondAsItWent();
    } else if (status instanceof Error) {
      // What the service itself said keeps its code; an error of the script's own may name a status.
      const own: unknown = Reflect.get(status, 'statusCode');
      const isOfService = ServiceCallError.refOf(status) !== null;
      const rejection = isOfService ? status : rejectionOf(typeof own === 'number' ? own : 500, status.message);
      this.#answer(() => this.operation.reject(rejection));
    } else if (typeof status !== 'number') {
      throw new TypeError('request.respond() takes a status, which is a number, or an Error.');
    } else if (status < 200 || status > 299) {
      this.#answer(() => this.operation.reject(rejectionOf(status, body)));
    } else {
      const answer = body === undefined && this.#phase === 'executed' ? this.operation.result() : (body ?? null);
      this.#answer(() => this.operation.resolve(answer));
    }
  }

  #respondAsItWent(): void {
    switch (this.#phase) {
      case 'executed':
        this.#answer(() => this.operation.resolve(this.operation.result()));
        return;
      case 'failed':
      case 'conflict':
        this.#answer(() => this.operation.reject(this.#error));
        return;
      case 'new':
      case 'executing':
        throw new Error('request.respond() needs a status before the operation is executed.');
    }
  }

  #succeed(result: unknown, { success }: Handlers): void {
    this.#phase = 'executed';
    if (success) this.attempt(() => success(result));
    // Nobody is left who would answer.
    else if (!this.#isAnswered) this.respond();
  }

  #fail(error: unknown, handlers: Handlers): void {
    this.#error = error;
    const isConflict = error instanceof ServiceCallError && error.code === 'CONFLICT' && error.current !== undefined;
    this.#phase = isConflict ? 'conflict' : 'failed';
    const { conflict, error: failed } = handlers;
    if (isConflict && conflict) {
      const { current } = error;
      this.#version = versionOf(current);
      this.attempt(() => conflict(current));
    } else if (failed) {
      this.#phase = 'failed';
      this.attempt(() => failed(error));
    } else this.#answer(() => this.operation.reject(error));
  }

  #answer(how: () => void): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    how();
  }
}

function handlersOf(options: unknown): Handlers {
  if (options === undefined) return {};
  if (typeof options !== 'object' || options === null)
    throw new TypeError('request.execute() takes an object of handlers.');
  const names = Object.keys(options);
  if (names.length === 0) throw new TypeError('request.execute() was given an empty object: leave it out.');
  for (const name of names) {
    if (!OPTIONS.includes(name)) {
      throw new TypeError(`request.execute() knows no "${name}": it takes ${OPTIONS.join(', ')}.`);
    }
    if (HANDLERS.includes(name) && typeof Reflect.get(options, name) !== 'function') {
      throw new TypeError(`"${name}" of request.execute() must be a function.`);
    }
  }
  return options;
}

function versionOf(row: unknown): string | null {
  const version: unknown = typeof row === 'object' && row !== null ? Reflect.get(row, 'version') : null;
  return typeof version === 'string' ? version : null;
}
