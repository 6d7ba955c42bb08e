// What a started service tells the person who started it.

import { callerClass } from '../access/caller-class.ts';
import { decideTable } from '../access/decide.ts';
import type { Keys } from '../config/development-keys.ts';
import type { ScriptPlace } from '../platform/errors.ts';
import type { ScriptSource } from '../scripts/script-set.ts';
import type { Model, Operation, TableModel } from '../tables/model.ts';
import { DEVELOPMENT_USER } from './development-identities.ts';
import { filesOf, problemLines } from './tell-scripts.ts';

export interface Announcement {
  readonly version: string;
  readonly url: string;
  readonly database: string;
  readonly applied: readonly string[];
  readonly kept: readonly string[];
  readonly model: Model;
  readonly scripts: ScriptSource;
  readonly scriptProblems: readonly ScriptPlace[];
  readonly keys: Keys;
  /** A token of the development user; null: the service makes none, or none may be printed. */
  readonly token: string | null;
  readonly firstQuery: string;
  readonly graphiql: boolean;
  /** Since the process began, in milliseconds. */
  readonly took: number;
}

/** The text. Keys and tokens are in it only when they were made for development. */
export function announcement(told: Announcement): string {
  const { url, keys, token } = told;
  const line = (label: string, value: string) => `  ${label.padEnd(20)} ${value}`;
  const made = keys.madeIn !== null;
  const curl = [
    `curl -s ${url}/graphql`,
    `-H 'Content-Type: application/json'`,
    ...(made && token ? [`-H 'Authorization: Bearer ${token}'`] : []),
    `-d '${JSON.stringify({ query: told.firstQuery })}'`,
  ];
  return [
    `Tablecast ${told.version} is ready after ${(told.took / 1_000).toFixed(2)} s: ${url}/graphql`,
    '',
    line(told.graphiql ? 'GraphQL, GraphiQL' : 'GraphQL', `${url}/graphql`),
    line('Subscriptions', `${url.replace(/^http/, 'ws')}/graphql`),
    line('Admin', `${url}/admin/graphql`),
    line('Metrics', `${url}/metrics`),
    line('Database', told.database),
    ...told.applied.map((step) => line('', step)),
    ...told.kept.map((what) => line('', `kept: ${what}`)),
    ...(told.scripts.modules.length > 0 ? [line('Scripts', filesOf(told.scripts, told.scriptProblems))] : []),
    '',
    ...problemLines(told.scriptProblems).flatMap((text, at, { length }) => (at < length - 1 ? [text] : [text, ''])),
    ...(made
      ? [
          `Development keys, kept in ${keys.madeIn}:`,
          line('X-Application-Key', keys.application),
          line('X-Master-Key', keys.master),
          ...(token ? [line(`Token of ${DEVELOPMENT_USER}, 24 h`, token)] : []),
          '',
        ]
      : []),
    ...openTables(told.model),
    'A first query:',
    '',
    ...curl.map((part, at) => `  ${at > 0 ? '  ' : ''}${part}${at < curl.length - 1 ? ' \\' : ''}`),
    '',
  ].join('\n');
}

/** Tables that everyone with the application key, which every copy of the app carries, may write. */
function openTables(model: Model): string[] {
  const everyone = callerClass({ admin: false, application: true, user: false, roles: [] });
  const writes: readonly Operation[] = ['INSERT', 'UPDATE', 'DELETE'];
  const written = (table: TableModel) => writes.filter((operation) => decideTable(everyone, table, operation));
  const open = [...model.tables.values()].filter((table) => written(table).length > 0);
  if (open.length === 0) return [];
  return [
    'Anyone with the application key may write these tables; say who may with @permission:',
    ...open.map((table) => `  ${table.name}: ${written(table).join(', ')}`),
    '',
  ];
}
