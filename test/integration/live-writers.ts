// Who writes in the live exam: some over HTTP, some as psql does, in transactions that are slow, that overlap, that are rolled
// back as a whole or to a savepoint. Whatever becomes of a write, it goes on: what counts is what is there at the end.

import { setTimeout as pass } from 'node:timers/promises';
import pg from 'pg';
import type { Dice } from './differential-world.ts';
import { type Counts, count } from './live-fold.ts';
import { MASTER_KEY, PEOPLE, ROWS, TEAMS, USERS } from './live-world.ts';

export interface WritersOptions {
  readonly database: string;
  /** The address of some instance that serves. */
  readonly serving: () => Promise<string>;
  readonly sessions: number;
  readonly clients: number;
  readonly dice: Dice;
  /** Milliseconds, at most, between two statements of a transaction, and between two writes over HTTP. */
  readonly pause: number;
  /** What became of transactions and requests. */
  readonly done: Counts;
}

export interface Writers {
  /** Ends when each has brought what it is at to its end. Rejects when one failed in a way that it must not. */
  stop(): Promise<void>;
}

export function startWriters(options: WritersOptions): Writers {
  let stopping = false;
  const isStopping = () => stopping;
  const all = [
    ...Array.from({ length: options.sessions }, () => writeAsPsql(options, isStopping)),
    ...Array.from({ length: options.clients }, () => writeOverHttp(options, isStopping)),
  ];
  const ended = Promise.all(all);
  ended.catch(() => undefined);
  return {
    async stop() {
      stopping = true;
      await ended;
    },
  };
}

let marks = 0;

/** A statement about few rows, of which each that stays has one change more. */
function statement(dice: Dice): [text: string, values: unknown[]] {
  const mark = `m${++marks}`;
  const id = dice.pick(ROWS);
  const [user, team, size] = [dice.pick(USERS), dice.pick(TEAMS), dice.below(100)];
  const table = dice.pick(['note', 'task', 'doc', 'branch']);
  const from = '(SELECT coalesce(max(n), 0) + 1 FROM ';
  switch (dice.below(24)) {
    case 0:
    case 1:
    case 2:
      return [
        `INSERT INTO note (id, owner_id, size, mark, n) VALUES ($1, $2, $3, $4, 1) ON CONFLICT (id) DO UPDATE SET mark = $4, n = note.n + 1, deleted = FALSE`,
        [id, user, size, mark],
      ];
    case 3:
    case 4:
      return [
        `INSERT INTO task (id, team_id, size, mark, n) SELECT $1, (SELECT id FROM team WHERE id = $2), $3, $4, 1 ON CONFLICT (id) DO UPDATE SET mark = $4, n = task.n + 1`,
        [id, team, size, mark],
      ];
    case 5:
      return [
        `INSERT INTO doc (id, size, mark, n) VALUES ($1, $2, $3, 1) ON CONFLICT (id) DO UPDATE SET size = $2, mark = $3, n = doc.n + 1`,
        [id, size, mark],
      ];
    case 6:
    case 7:
      return [`UPDATE ${table} SET size = $2, mark = $3, n = n + 1 WHERE id = $1`, [id, size, mark]];
    case 8:
      // Many rows at once.
      return [`UPDATE ${table} SET mark = $2, n = n + 1 WHERE size % 7 = $1`, [dice.below(7), mark]];
    case 9:
      return [`UPDATE note SET owner_id = $2, mark = $3, n = n + 1 WHERE id = $1`, [id, user, mark]];
    case 10:
      return [`UPDATE note SET deleted = NOT deleted, mark = $2, n = n + 1 WHERE id = $1`, [id, mark]];
    case 11:
      return [
        `UPDATE task SET team_id = (SELECT id FROM team WHERE id = $2), mark = $3, n = n + 1 WHERE id = $1`,
        [id, team, mark],
      ];
    case 12:
      return [`DELETE FROM ${table} WHERE id = $1`, [id]];
    case 13:
      return [
        `INSERT INTO member (team_id, user_id, n) SELECT id, $2, ${from} member) FROM team WHERE id = $1`,
        [team, user],
      ];
    case 14:
      return [`DELETE FROM member WHERE team_id = $1 AND user_id = $2`, [team, user]];
    case 15:
      return [`UPDATE member SET user_id = $2, n = n + 1 WHERE team_id = $1 AND n % 2 = 0`, [team, user]];
    case 16:
      return [`UPDATE team SET name = $2, n = n + 1 WHERE id = $1`, [team, `${dice.pick(['a', 'b'])} ${mark}`]];
    case 17:
      return dice.below(4) > 0
        ? [`INSERT INTO team (id, name, n) VALUES ($1, $2, 1) ON CONFLICT DO NOTHING`, [team, `a ${mark}`]]
        : [`DELETE FROM team WHERE id = $1`, [team]];
    case 18:
      return [
        `INSERT INTO doc_readers (doc_id, person_id) SELECT doc.id, person.id FROM doc, person WHERE doc.id = $1 AND person.id = $2 ON CONFLICT DO NOTHING`,
        [id, dice.pick(PEOPLE)],
      ];
    case 19:
    case 20:
      return [
        `INSERT INTO branch (id, owner_id, parent_id, size, mark, n) SELECT $1, $2, (SELECT id FROM branch WHERE id = $5), $3, $4, 1 ON CONFLICT (id) DO UPDATE SET mark = $4, n = branch.n + 1`,
        [id, user, size, mark, dice.pick(ROWS)],
      ];
    case 21:
      // Moves those that are on it as well.
      return [`UPDATE branch SET owner_id = $2, mark = $3, n = n + 1 WHERE id = $1`, [id, user, mark]];
    case 22:
      // Round in a circle, too, and onto itself.
      return [
        `UPDATE branch SET parent_id = (SELECT id FROM branch WHERE id = $2), mark = $3, n = n + 1 WHERE id = $1`,
        [id, dice.pick(ROWS), mark],
      ];
    default:
      return dice.below(2) > 0
        ? [`DELETE FROM doc_readers WHERE doc_id = $1`, [id]]
        : [`UPDATE person SET user_id = $2, n = n + 1 WHERE id = $1`, [dice.pick(PEOPLE), user]];
  }
}

/** Rows are taken in any order: of two transactions that wait for each other one is ended, which is one more rollback. */
const SESSION = '-c lock_timeout=400 -c idle_in_transaction_session_timeout=20000';

async function writeAsPsql(options: WritersOptions, isStopping: () => boolean): Promise<void> {
  const { dice, done } = options;
  while (!isStopping()) {
    const client = new pg.Client({ connectionString: options.database, options: SESSION });
    // The end of a connection fails its query, too.
    client.on('error', () => undefined);
    try {
      await client.connect();
      while (!isStopping()) await transaction(client, options);
    } catch (error) {
      count(done, `psql: ${lossOf(error)}`);
      await pass(50 + dice.below(100));
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

async function transaction(client: pg.Client, { dice, pause, done }: WritersOptions): Promise<void> {
  await client.query('BEGIN');
  try {
    // A few stay open for long, and what they wrote is committed after what others began later.
    const slow = dice.below(30) === 0 ? 20 : 1;
    for (let steps = 1 + dice.below(4); steps > 0; steps--) {
      const undone = dice.below(8) === 0;
      if (undone || dice.below(8) === 0) await client.query('SAVEPOINT here');
      await client.query(...statement(dice));
      if (undone) await client.query('ROLLBACK TO SAVEPOINT here');
      await pass(dice.below(pause) * slow);
    }
    const commits = dice.below(8) > 0;
    await client.query(commits ? 'COMMIT' : 'ROLLBACK');
    count(done, commits ? 'psql: committed' : 'psql: rolled back');
  } catch (error) {
    const { code = '' } = error as { code?: string };
    if (!ROLLED_BACK.includes(code)) throw error;
    await client.query('ROLLBACK');
    count(done, 'psql: rolled back by the database');
  }
}

/** A lock that was not had in time, a deadlock, a key that somebody else took or deleted. */
const ROLLED_BACK = ['55P03', '40P01', '23505', '23503'];
/** The server is going, gone or coming, or ended the session. */
const GONE = /^(57P0[123]|08\w{3}|25P03|ECONN\w+|ENOENT|EPIPE)$/;

/** The code of an error that a database in trouble gives; throws any other. */
function lossOf(error: unknown): string {
  const { code = '', message } = error as { code?: string; message: string };
  if (GONE.test(code)) return code;
  if (code === '' && /Connection terminated|not queryable/.test(message)) return 'the connection was lost';
  throw error;
}

const WRITES = [
  'mutation ($id: ID!, $user: ID!, $size: Int!, $mark: String!) { insertNote(data: { id: $id, ownerId: $user, size: $size, mark: $mark, n: 1 }) { id } }',
  'mutation ($id: ID!, $size: Int!, $mark: String!) { updateNote(by: { id: $id }, set: { size: $size, mark: $mark }, increment: { n: 1 }) { id } }',
  'mutation ($id: ID!) { deleteNote(by: { id: $id }) { id } }',
  'mutation ($id: ID!) { undeleteNote(by: { id: $id }) { id } }',
  'mutation ($id: ID!, $size: Int!, $mark: String!) { updateTask(by: { id: $id }, set: { size: $size, mark: $mark }, increment: { n: 1 }) { id } }',
  'mutation ($id: ID!, $team: ID!, $size: Int!, $mark: String!) { insertTask(data: { id: $id, teamId: $team, size: $size, mark: $mark, n: 1 }) { id } }',
  'mutation ($id: ID!) { deleteTask(by: { id: $id }) { id } }',
  'mutation ($team: ID!, $user: ID!) { insertMember(data: { teamId: $team, userId: $user, n: 1 }) { id } }',
  'mutation ($team: ID!, $user: ID!) { deleteMembers(where: { teamId: { eq: $team }, userId: { eq: $user } }) { count } }',
  'mutation ($id: ID!, $person: ID!, $size: Int!, $mark: String!) { insertDoc(data: { id: $id, size: $size, mark: $mark, n: 1, readers: { connect: [{ id: $person }] } }) { id } }',
  'mutation ($id: ID!) @transaction { updateNotes(where: { size: { lt: 30 } }, increment: { n: 1, size: 1 }) { count } deleteDoc(by: { id: $id }) { id } }',
];

/** What a write may be answered: rows come and go under it. */
const REFUSALS = /^(NOT_FOUND|CONFLICT|CONSTRAINT_VIOLATION|SERVICE_UNAVAILABLE|UNKNOWN_RESULT|STATEMENT_TIMEOUT)$/;

async function writeOverHttp({ serving, dice, pause, done }: WritersOptions, isStopping: () => boolean): Promise<void> {
  while (!isStopping()) {
    const query = dice.pick(WRITES);
    const values = {
      id: dice.pick(ROWS),
      user: dice.pick(USERS),
      team: dice.pick(TEAMS),
      person: dice.pick(PEOPLE),
      size: dice.below(100),
      mark: `m${++marks}`,
    };
    const variables = Object.fromEntries(Object.entries(values).filter(([name]) => query.includes(`$${name}:`)));
    const codes = await send(await serving(), { query, variables });
    for (const code of codes) {
      if (code !== 'lost' && !REFUSALS.test(code)) throw new Error(`${query} was answered ${code}`);
      count(done, `HTTP: ${code}`);
    }
    if (codes.length === 0) count(done, 'HTTP: done');
    await pass(dice.below(pause));
  }
}

async function send(url: string, body: object): Promise<readonly string[]> {
  try {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-master-key': MASTER_KEY },
      body: JSON.stringify(body),
    });
    const { errors = [] } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
    return errors.map(({ extensions }) => extensions.code);
  } catch {
    // It was killed, or is not there yet.
    return ['lost'];
  }
}
