// Opaque texts that the database makes: the base64url of a text.

import { columnOf, type TableModel } from '../../../tables/model.ts';
import { columnRef, quoteText } from '../sql-text.ts';

/** The nodeId of a row of `table` under `alias`. `graphql/node/read-node-id.ts` reads it. */
export function compileNodeId(table: TableModel, alias: string): string {
  return base64url(`${quoteText(`${table.name}:`)} || ${columnRef(alias, columnOf(table, 'id'))}`);
}

/** The base64url (RFC 4648 section 5, without padding) of a text. */
export function base64url(text: string): string {
  return `translate(encode(convert_to(${text}, 'UTF8'), 'base64'), E'+/=\\n', '-_')`;
}
