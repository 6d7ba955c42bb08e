// The media types of GraphQL over HTTP: which bodies are taken, and in which of two types an answer goes out.

import { LRUCache } from 'lru-cache';

/** The old type: every answer of GraphQL is 200, because clients that ask for it read the body only. */
export const JSON_TYPE = 'application/json';
/** The type whose status code means something. */
export const GRAPHQL_RESPONSE_TYPE = 'application/graphql-response+json';

export type AnswerType = typeof JSON_TYPE | typeof GRAPHQL_RESPONSE_TYPE;

interface Wish {
  readonly type: AnswerType;
  readonly weight: number;
  /** Whether the type was named; a wildcard covers it otherwise. */
  readonly named: boolean;
  readonly position: number;
}

/** Whether a body of this `Content-Type` is taken, whatever its parameters. */
export function isJson(contentType: string | undefined): boolean {
  return essenceOf(contentType ?? '') === JSON_TYPE;
}

/** A client sends the same header with every request, and reading it costs as much as finding out who is asking. */
const answered = new LRUCache<string, { readonly type: AnswerType | null }>({ max: 100 });

/**
 * The type that an `Accept` header likes best: by weight, then by name before wildcard, then by place. JSON when nothing
 * was sent, or both are covered by a wildcard alone. Null when it takes neither.
 */
export function answerTypeFor(accept: string | undefined): AnswerType | null {
  if (!accept) return JSON_TYPE;
  const known = answered.get(accept);
  if (known) return known.type;
  const type = bestTypeOf(accept);
  answered.set(accept, { type });
  return type;
}

function bestTypeOf(accept: string): AnswerType | null {
  const ranges = accept.split(',').map((text) => ({ range: essenceOf(text), weight: weightOf(text) }));
  const wishes = [JSON_TYPE, GRAPHQL_RESPONSE_TYPE].flatMap((type): Wish[] => {
    const position = [type, 'application/*', '*/*']
      .map((range) => ranges.findIndex((candidate) => candidate.range === range))
      .find((at) => at >= 0);
    const found = position === undefined ? undefined : ranges[position];
    if (position === undefined || !found || found.weight === 0) return [];
    return [{ type: type as AnswerType, weight: found.weight, named: found.range === type, position }];
  });
  const [best] = wishes.sort(
    (a, b) => b.weight - a.weight || Number(b.named) - Number(a.named) || a.position - b.position,
  );
  return best?.type ?? null;
}

function essenceOf(text: string): string {
  return (text.split(';')[0] ?? '').trim().toLowerCase();
}

/** The `q` of a range: 1 when there is none, 0 when it is no number. */
function weightOf(range: string): number {
  const text = /;\s*q\s*=\s*([^;,\s]*)/i.exec(range)?.[1];
  if (text === undefined) return 1;
  return /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(text) ? Number(text) : 0;
}
