// `tablecast token`: a user token of the service's own, for trying things out and for tests.

import { resolveKeys } from '../config/development-keys.ts';
import { loadEnvironment } from '../config/load-environment.ts';
import { parseConfig } from '../config/parse-config.ts';
import { developmentToken } from './development-identities.ts';

/** A token for a user with some roles, good for a day. Rejects with an Error for people. */
export async function printToken(appDir: string, user: string | undefined, roles: readonly string[]): Promise<string> {
  if (!user) throw new TypeError('Say whose token: tablecast token <user> [--role <role>]...');
  const config = parseConfig(loadEnvironment(appDir, process.env), { dir: appDir });
  const token = developmentToken(config, await resolveKeys(config), user, roles, Date.now());
  if (token === null) throw new Error('The service signs no tokens of its own: set TABLECAST_TOKEN_SECRET.');
  return token;
}
