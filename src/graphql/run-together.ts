// Running a mutation as one transaction, and once: all of its fields or none, and under a key the answer that was given the
// first time. Nothing is kept of what failed, so that it may be sent again under the same key.

import { ServiceError } from '../platform/errors.ts';
import type { KeptAnswers, KeyedRequest } from '../records/kept-answers.ts';
import type { RecordStore } from '../records/ports.ts';
import type { Request } from '../records/value-source.ts';
import { newScriptTransaction } from '../records/writes/around.ts';
import { newTransaction } from '../records/writes/in-transaction.ts';
import type { PlannedField } from './plan-operation.ts';

/** What failed, and at which field; null: none of them. */
export class TogetherFailure {
  constructor(
    readonly error: unknown,
    readonly field: PlannedField | null,
  ) {}
}

/** The members of the answer's data as JSON text. Throws {@link TogetherFailure}: nothing was done then. */
export async function runTogether(
  fields: readonly PlannedField[],
  request: Request,
  {
    store,
    answers,
    keyed,
  }: { readonly store: RecordStore; readonly answers: KeptAnswers; readonly keyed: KeyedRequest | null },
): Promise<string> {
  let failing: PlannedField | null = null;
  const begin = fields.some(({ scripted }) => scripted) ? newScriptTransaction : newTransaction;
  try {
    return await begin(store, request, async (within) => {
      failing = null;
      if (keyed) {
        const claim = await answers.claim(keyed, within.transaction);
        if (claim.kind === 'answered') return replayed(claim, keyed);
      }
      const members: string[] = [];
      for (const field of fields) {
        failing = field;
        members.push(`${JSON.stringify(field.key)}:${await field.run(within)}`);
      }
      failing = null;
      const text = `{${members.join(',')}}`;
      if (keyed) await answers.keep(keyed, text, within.transaction);
      return text;
    });
  } catch (error) {
    throw new TogetherFailure(error, failing);
  }
}

function replayed({ fingerprint, answer }: { fingerprint: string; answer: string }, keyed: KeyedRequest): string {
  if (fingerprint === keyed.fingerprint) return answer;
  throw new ServiceError(
    'BAD_USER_INPUT',
    'This Idempotency-Key was used for another request. Use a new key for each thing to do, and the same one only to repeat it.',
  );
}
