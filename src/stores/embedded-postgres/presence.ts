// That a service is there, told to the server itself: one open connection holding an advisory lock. The lock is shared
// by the living services and gone with the connection of a dead one, so counting them needs no file and no clock. The
// same connection tells each service at once when the server dies.

import { Socket } from 'node:net';
import pg from 'pg';
import { ROLE } from './cluster.ts';
import type { Endpoint } from './server-settings.ts';

/** In the database `postgres`, so that no lock of the service's own tables can meet it. */
const LOCK = 0x7461_626c;
const ANSWER_TIMEOUT = 5_000;

/** `alone`: no other service is there, and none can enter until `settle`. `refused`: another one is alone right now. */
export type Entry = 'alone' | 'among others' | 'refused';

export class Presence {
  /** Resolves when the connection is over, for whatever reason. */
  readonly ended: Promise<void>;
  /** As the server reports it, e.g. `18.4`. */
  readonly serverVersion: string;
  readonly #client: pg.Client;
  readonly #socket: Socket;

  private constructor(client: pg.Client, socket: Socket, ended: Promise<void>, serverVersion: string) {
    this.#client = client;
    this.#socket = socket;
    this.ended = ended;
    this.serverVersion = serverVersion;
  }

  /** Connects. Rejects with the error of `pg` or of the socket. */
  static async open(endpoint: Endpoint, password: string): Promise<Presence> {
    const socket = new Socket();
    const client = new pg.Client({
      ...endpoint,
      user: ROLE,
      password,
      database: 'postgres',
      ssl: false,
      application_name: 'tablecast presence',
      connectionTimeoutMillis: ANSWER_TIMEOUT,
      query_timeout: ANSWER_TIMEOUT,
      stream: () => socket,
      // Stated, because PGOPTIONS would apply otherwise, and an idle connection must last.
      options: '-c idle_session_timeout=0 -c statement_timeout=0 -c lock_timeout=0',
    });
    const ended = new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
    });
    // A lost connection is news, not a failure: `ended` tells it.
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ version: string }>("SELECT current_setting('server_version') AS version");
      return new Presence(client, socket, ended, rows[0]?.version ?? '');
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  /** Registers this service, and tells whether it is the only one. */
  async enter(): Promise<Entry> {
    if (await this.#ask('pg_try_advisory_lock')) return 'alone';
    return (await this.#ask('pg_try_advisory_lock_shared')) ? 'among others' : 'refused';
  }

  /** After `alone`: lets others in again. */
  async settle(): Promise<void> {
    await this.#ask('pg_try_advisory_lock_shared');
    await this.#ask('pg_advisory_unlock');
  }

  /**
   * Leaves. True when nobody else is there; then nobody can enter either until the connection ends. Of services that
   * leave together exactly one gets true, because each gives up its share before it asks.
   */
  async leave(): Promise<boolean> {
    await this.#ask('pg_advisory_unlock_shared');
    return this.#ask('pg_try_advisory_lock');
  }

  /** Ends the connection, also one to a server that hangs and would never take a farewell. */
  close(): void {
    this.#socket.destroy();
  }

  async #ask(name: string): Promise<boolean> {
    const { rows } = await this.#client.query<{ answer: boolean }>(`SELECT ${name}(${LOCK}) AS answer`);
    return rows[0]?.answer === true;
  }
}
