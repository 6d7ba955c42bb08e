// How many groups an aggregate may have. A part of them would be a wrong answer to most questions, so that more is an
// error; it comes from within the statement, because an aggregate may stand deep in an answer.

import { ServiceError } from '../../../platform/errors.ts';
import { quoteText } from '../sql-text.ts';

export const MAX_GROUPS = 1_000;

const MARK = `over ${MAX_GROUPS} groups`;

/** JSON that cannot be made: SQL has no plain way to raise an error, but a text that is no number is refused with its text. */
export const TOO_MANY_GROUPS = `to_json((${quoteText(`${MARK}: `)} || count(*))::integer)`;

/** The error for the client, when that was what the statement failed with. */
export function tooManyGroups(message: string, cause: unknown): ServiceError | null {
  if (!message.includes(MARK)) return null;
  return new ServiceError(
    'BAD_USER_INPUT',
    `There are more than ${MAX_GROUPS} groups. Group by less, or ask for some of them with where or having.`,
    { cause },
  );
}
