// A subscriber of the live exam: it folds what it is told, loses its connection again and again, and goes on with its last
// cursor at any instance.

import { setTimeout as pass } from 'node:timers/promises';
import type { Dice } from './differential-world.ts';
import { type Connection, overEventStream, overSocket, type Transport } from './live-connection.ts';
import { type Batch, type Counts, count, Fold, type Row } from './live-fold.ts';
import { type Claimant, columnsOf, credentialsOf, markerOf, queryOf, subscriptionOf } from './live-world.ts';

export interface SubscriberOptions extends Claimant {
  readonly transport: 'socket' | 'event stream';
  /** The address of some instance that serves. */
  readonly serving: () => Promise<string>;
  readonly dice: Dice;
  /** Milliseconds, at most, that a connection is left alone. */
  readonly patience: number;
  readonly wrong: (kind: string, what: unknown) => void;
  /** How connections ended, and which events were told. */
  readonly endings: Counts;
  readonly told: Counts;
}

/** How a connection may end that nobody cut: an instance that is killed, a token that expires, a database that is away. */
const EXPECTED =
  /^(cut|left|lost|closed (1001|1012|1013|4403)|error (SERVICE_UNAVAILABLE|STATEMENT_TIMEOUT|UNAUTHENTICATED)|http 503)$/;
const TRACED = 24;
/** Milliseconds without the last row at the end, after which it is taken to be lost. */
const LATE = 60_000;

export class Subscriber {
  connects = 0;
  readonly #options: SubscriberOptions;
  readonly #name: string;
  readonly #query: string;
  #fold: Fold;
  #phase: 'restless' | 'settling' | 'checking' | 'over' = 'restless';
  #connection: Connection | null = null;
  /** What it holds is to be forgotten before it comes back. */
  #lost = false;
  #waiting: { readonly until: () => boolean; readonly resolve: () => void } | null = null;
  #answers = 0;
  #running: Promise<void> = Promise.resolve();
  /** What happened last, for whoever has to find out why something is wrong. */
  readonly #trace: string[] = [];

  constructor(options: SubscriberOptions) {
    this.#options = options;
    this.#name = `${options.user}: ${options.interest.name}, ${options.transport}`;
    this.#query = subscriptionOf(options.interest);
    this.#fold = this.#emptyFold();
  }

  /** Subscribes, and resolves with the first answer. */
  async start(): Promise<void> {
    this.#running = this.#run();
    await Promise.race([this.#reached(() => this.#answers > 0), this.#running]);
  }

  /**
   * Stays connected until the last row has come, comes back once more, and holds what it has against a query. With `anew` it
   * loses what it holds first, if its interest is in all rows.
   */
  async finish(anew: boolean): Promise<void> {
    const marker = markerOf(this.#options.interest.table, this.#options.user);
    this.#phase = 'settling';
    if (anew && this.#options.interest.initial === 'ALL') {
      this.#lost = true;
      this.#connection?.cut();
      await this.#inTime(() => !this.#lost);
    }
    const came = await this.#inTime(() => this.#fold.rows.has(marker));
    if (!came) this.#wrong('gap: the last row did not come', { connects: this.connects, cursor: this.#fold.cursor });
    // Who comes back has nothing to be told.
    this.#phase = 'checking';
    const before = this.#answers;
    this.#connection?.cut();
    if (!(await this.#inTime(() => this.#answers > before))) this.#wrong('no answer at the end', {});
    this.#phase = 'over';
    this.#connection?.cut();
    await this.#running;
    this.#fold.compare(await this.#ask(), columnsOf(this.#options.interest));
  }

  /** Leaves everything where it is. */
  abandon(): void {
    this.#phase = 'over';
    this.#connection?.cut();
  }

  async #run(): Promise<void> {
    const { dice, serving, endings, interest, transport } = this.#options;
    while (this.#phase !== 'over') {
      // Somebody who lost what was held begins anew.
      const restless = this.#phase === 'restless';
      if (this.#lost || (restless && interest.initial === 'ALL' && dice.chance(0.03))) this.#fold = this.#emptyFold();
      this.#lost = false;
      const open: Transport = transport === 'socket' ? overSocket : overEventStream;
      const connection = open({
        url: await serving(),
        // Some tokens expire while they are in use.
        credentials: credentialsOf(this.#options, restless && dice.chance(0.1) ? 1_500 : 600_000),
        query: this.#query,
        variables: this.#variables(),
        take: (data) => this.#take(data),
      });
      this.#connection = connection;
      this.connects += 1;
      this.#note(`connection ${this.connects} since ${placeOf(this.#fold.cursor)}`);
      const timer = restless
        ? setTimeout(() => this.#disturb(connection), dice.below(this.#options.patience))
        : undefined;
      const how = await connection.ended;
      clearTimeout(timer);
      this.#note(how);
      count(endings, how);
      if (!EXPECTED.test(how)) this.#wrong(`ended: ${how}`, {});
      if (how !== 'cut' && how !== 'left') await pass(20 + dice.below(100));
    }
  }

  #variables(): Record<string, unknown> {
    const { initial, where } = this.#options.interest;
    const { cursor } = this.#fold;
    return { initial, ...(where ? { where } : {}), ...(cursor === null ? {} : { since: cursor }) };
  }

  /** What happens to connections. */
  #disturb(connection: Connection): void {
    const { dice } = this.#options;
    if (this.#phase !== 'restless') return;
    const chance = dice.below(5);
    if (chance === 0) connection.leave();
    else if (chance === 1) {
      // Takes nothing for a while, and is cut after that.
      const milliseconds = dice.below(this.#options.patience);
      connection.pause(milliseconds);
      setTimeout(() => this.#phase === 'restless' && connection.cut(), milliseconds + dice.below(50));
    } else connection.cut();
  }

  #take(data: Readonly<Record<string, unknown>>): void {
    const batch = data[`${this.#options.interest.table}Changes`] as Batch;
    const { dice } = this.#options;
    if (this.#phase === 'checking' && batch.events.length > 0) this.#wrong('duplicate: told again at the end', batch);
    if (this.#phase === 'restless' && batch.events.length > 1 && dice.chance(0.1)) {
      this.#fold.take(batch, 1 + dice.below(batch.events.length - 1));
      this.#connection?.cut();
    } else this.#fold.take(batch);
    this.#note(`${batch.events.length} events, at ${placeOf(this.#fold.cursor)}`);
    this.#answers += 1;
    if (this.#waiting?.until()) this.#waiting.resolve();
  }

  #reached(until: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = { until, resolve };
      if (until()) resolve();
    });
  }

  async #inTime(until: () => boolean): Promise<boolean> {
    const late = new AbortController();
    const reached = this.#reached(until).then(() => true);
    const answer = await Promise.race([reached, pass(LATE, false, { signal: late.signal })]);
    late.abort();
    return answer;
  }

  #emptyFold(): Fold {
    return new Fold({ wrong: (kind, what) => this.#wrong(kind, what), told: this.#options.told });
  }

  #wrong(kind: string, what: unknown): void {
    this.#options.wrong(kind, { who: this.#name, what, trace: [...this.#trace] });
  }

  #note(words: string): void {
    this.#trace.push(`${new Date().toISOString().slice(17)} ${words}`);
    if (this.#trace.length > TRACED) this.#trace.shift();
  }

  async #ask(): Promise<Row[]> {
    const { serving, interest } = this.#options;
    const response = await fetch(`${await serving()}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...credentialsOf(this.#options) },
      body: JSON.stringify({ query: queryOf(interest), variables: interest.where ? { where: interest.where } : {} }),
    });
    const { data, errors } = (await response.json()) as { data?: { rows: Row[] }; errors?: unknown };
    if (!data) throw new Error(`the query at the end was answered ${JSON.stringify(errors)}`);
    return data.rows;
  }
}

/** A cursor, which is nobody's to look into, for the eyes of whoever looks for a mistake. */
function placeOf(cursor: string | null): string {
  return cursor === null
    ? 'the beginning'
    : Buffer.from(cursor, 'base64url')
        .toString()
        .replace(/^\["[^"]*",/, '[');
}
