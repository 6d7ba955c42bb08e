// Before anything is timed: all servers answer the same, whatever words they use for it.

import { deepStrictEqual } from 'node:assert/strict';
import { type Case, requestBody, SERVERS, type ServerName, type Variables } from './cases.ts';
import type { RunningServer } from './start-server.ts';

/** Asks every server with every set of variables. Rejects with what differs first. */
export async function compareAnswers(
  one: Case,
  servers: ReadonlyMap<ServerName, RunningServer>,
  sets: readonly Variables[],
): Promise<void> {
  for (const variables of sets) {
    const answers = new Map<ServerName, unknown>();
    for (const [name, server] of servers) answers.set(name, await answerOf(one, server, variables));
    const expected = answers.get(SERVERS[0]);
    for (const [name, answer] of answers) {
      deepStrictEqual(answer, expected, `${name} answers ${one.name} ${JSON.stringify(variables)} differently`);
    }
  }
}

async function answerOf(one: Case, { name, url }: RunningServer, variables: Variables): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: requestBody(one, name, variables),
  });
  const { data, errors } = (await response.json()) as { data?: Record<string, unknown>; errors?: unknown };
  if (!data || errors) throw new Error(`${name} fails ${one.name}: ${JSON.stringify(errors)}`);
  return name === 'postgraphile' ? one.postgraphile.toAnswer(data) : data;
}
