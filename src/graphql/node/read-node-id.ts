// `nodeId`: the base64url of a table's name, a colon, and the row's id. The store makes them, here they are read.

import { ServiceError } from '../../platform/errors.ts';

export interface NodeName {
  readonly table: string;
  readonly id: string;
}

/**
 * What a nodeId names; there may be no such table or row. Throws BAD_USER_INPUT for a text that is no nodeId at all: that
 * is a mistake in the client (an `id`, often), which a null would hide.
 */
export function readNodeId(nodeId: unknown): NodeName {
  const bytes = Buffer.from(String(nodeId), 'base64url');
  const text = bytes.toString('utf8');
  const [, table, id] = /^([_A-Za-z]\w*):(.*)$/su.exec(text) ?? [];
  // Other spellings of the same bytes are not ours, nor are bytes that are no text.
  const ours = bytes.toString('base64url') === nodeId && Buffer.from(text).equals(bytes);
  if (table === undefined || id === undefined || !ours) {
    throw new ServiceError(
      'BAD_USER_INPUT',
      'This is no nodeId of this service. Give the nodeId of a row as it was answered; an id is for the field of its table.',
    );
  }
  return { table, id };
}
