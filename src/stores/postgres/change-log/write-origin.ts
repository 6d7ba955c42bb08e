// What a write says of itself to the change log: who does it, and in which request. It is said by the statement that writes,
// for its transaction only, so that a session which a pooler lends to somebody else keeps nothing of it.

import type { ColumnType } from '../../../tables/model.ts';
import type { Parameters } from '../sql-text.ts';
import { ACTOR_SETTING, REQUEST_SETTING } from './settings.ts';

/** The name of the CTE. */
export const ORIGIN = 'origin';

const TEXT: ColumnType = { kind: 'scalar', name: 'String' };

/**
 * A CTE of one row, to be one of the CTEs of every statement that writes. The writing part has to take it into its FROM:
 * nothing runs a CTE that nothing refers to, while no row of a join with it is written before it has run. The log is
 * written when the statement ends.
 */
export function originCte(parameters: Parameters): string {
  const actor = parameters.add({ source: { from: 'actor' }, type: TEXT, list: false });
  const request = parameters.add({ source: { from: 'requestId' }, type: TEXT, list: false });
  return `${ORIGIN} AS MATERIALIZED (SELECT set_config('${ACTOR_SETTING}', ${actor}, TRUE), set_config('${REQUEST_SETTING}', ${request}, TRUE))`;
}
