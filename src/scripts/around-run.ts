// A run around a write. The script asks for its rows to be written, and waits in that call until they are, with everything else
// of the operation: until then the run is between two turns.

import type { PlainRow, RunningScripts, Step, StepOutcome } from '../records/row-scripts.ts';
import type { RunCalls } from './run-calls.ts';
import type { CallError, ExecuteCall, ExecuteReply, FunctionFailure, WriteResult } from './script-input.ts';

/** What a script comes to: it wants something written, or it has ended. */
type Turn =
  | { readonly kind: 'execute'; readonly call: ExecuteCall; readonly reply: (reply: ExecuteReply) => void }
  | { readonly kind: 'ended'; readonly result: WriteResult }
  | { readonly kind: 'failed'; readonly error: unknown };

/** A turn that is still to come. */
class NextTurn {
  resolve: (turn: Turn) => void = () => undefined;
  readonly promise = new Promise<Turn>((resolve) => {
    this.resolve = resolve;
  });
}

export class AroundRun implements RunningScripts {
  steps: readonly Step[] = [];
  #next = new NextTurn();
  #reply: ((reply: ExecuteReply) => void) | null = null;

  constructor(
    private readonly count: number,
    private readonly calls: RunCalls,
    private readonly errorOf: (failure: FunctionFailure) => unknown,
    /** Gives the run up. */
    private readonly cancel: () => void,
  ) {}

  /** The script wants rows written: answered once it is known what came of them. */
  execute(call: ExecuteCall): Promise<ExecuteReply> {
    return new Promise((reply) => this.#next.resolve({ kind: 'execute', call, reply }));
  }

  ended(result: WriteResult): void {
    this.#next.resolve({ kind: 'ended', result });
  }

  failed(error: unknown): void {
    this.#next.resolve({ kind: 'failed', error });
  }

  /** Waits for the first turn. */
  async begin(): Promise<this> {
    this.steps = await this.#turn();
    return this;
  }

  async resume(outcomes: ReadonlyMap<number, StepOutcome>): Promise<readonly Step[]> {
    const reply = this.#reply;
    this.#reply = null;
    if (!reply) return this.steps;
    const told = [...outcomes].map(([at, outcome]) =>
      'row' in outcome ? { at, row: outcome.row } : { at, error: this.#callError(outcome) },
    );
    reply({ outcomes: told });
    this.steps = await this.#turn();
    return this.steps;
  }

  abandon(): void {
    if (this.#reply) this.cancel();
    this.#reply = null;
  }

  #callError({ error, current }: { readonly error: unknown; readonly current?: PlainRow }): CallError {
    return this.calls.toCallError(error, current);
  }

  async #turn(): Promise<readonly Step[]> {
    const turn = await this.#next.promise;
    this.#next = new NextTurn();
    if (turn.kind === 'failed') throw turn.error;
    const steps: Step[] = Array.from({ length: this.count }, () => ({ kind: 'answered', row: undefined }));
    for (const result of turn.kind === 'ended' ? turn.result.results : turn.call.ended) {
      steps[result.at] =
        'failure' in result
          ? { kind: 'failed', error: this.errorOf(result.failure) }
          : { kind: 'answered', row: result.row };
    }
    if (turn.kind === 'execute') {
      this.#reply = turn.reply;
      for (const { at, item, ifVersion } of turn.call.steps) {
        steps[at] = { kind: 'write', item, ...(ifVersion === undefined ? {} : { version: ifVersion }) };
      }
    }
    return steps;
  }
}
