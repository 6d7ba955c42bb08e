// Statements of the app's own scripts: past every rule, in the transaction of the operation that they are part of. What they
// write is logged like everything else, under the name of whoever asked for the operation.

import pg from 'pg';
import { actorOf } from '../../access/actor.ts';
import type { PlainRow } from '../../records/row-scripts.ts';
import type { Request } from '../../records/value-source.ts';
import { ACTOR_SETTING, REQUEST_SETTING } from './change-log/settings.ts';

const ORIGIN = `SELECT set_config('${ACTOR_SETTING}', $1, TRUE), set_config('${REQUEST_SETTING}', $2, TRUE)`;

/** Runs one statement on a connection in a transaction. */
export async function runAppStatement(
  client: pg.ClientBase,
  { caller, requestId }: Pick<Request, 'caller' | 'requestId'>,
  text: string,
  values: readonly unknown[],
): Promise<readonly PlainRow[]> {
  await client.query(ORIGIN, [actorOf(caller), requestId]);
  const { rows } = await client.query<Record<string, unknown>>({ text, values: values.map(toParameter), types: TYPES });
  return rows;
}

/** Objects are for columns of JSON; lists are arrays. */
function toParameter(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? JSON.stringify(value) : value;
}

const { builtins } = pg.types;

/** As GraphQL has values: moments and what a JS number would spoil are texts. */
const TYPES: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') => {
    switch (oid) {
      case builtins.TIMESTAMPTZ:
        return (text: string) => text.replace(' ', 'T').replace(/([+-]\d\d)(:?\d\d)?$/, toOffset);
      case builtins.TIMESTAMP:
      case builtins.DATE:
      case builtins.TIME:
      case builtins.INT8:
      case builtins.NUMERIC:
      case builtins.INTERVAL:
        return (text: string) => text;
      case builtins.BYTEA:
        return (text: string) => Buffer.from(text.slice(2), 'hex').toString('base64');
      default:
        return pg.types.getTypeParser(oid, format);
    }
  }) as pg.CustomTypesConfig['getTypeParser'],
};

function toOffset(_: string, hours: string, minutes: string | undefined): string {
  return hours === '+00' && !minutes ? 'Z' : `${hours}:${(minutes ?? '00').replace(':', '')}`;
}
