// Who a developer can act as at once: the callers of GraphiQL's switch, and the token that the start prints.

import { signToken } from '../auth/own-token.ts';
import type { Keys } from '../config/development-keys.ts';
import type { Config } from '../config/parse-config.ts';
import type { GraphiqlIdentity } from '../graphql/graphiql/open-graphiql.ts';
import type { Model } from '../tables/model.ts';

/** Milliseconds that a development token lasts. */
const LIFETIME = 24 * 60 * 60_000;

/** The user that the printed token is for. */
export const DEVELOPMENT_USER = 'alice';

/** A token of the service's own for a user; null when it makes none. */
export function developmentToken(
  config: Config,
  keys: Keys,
  id: string,
  roles: readonly string[],
  now: number,
): string | null {
  if (keys.tokenSecret === null) return null;
  const own = { secret: keys.tokenSecret, issuer: config.ownTokens.issuer, audience: config.ownTokens.audience };
  return signToken({ ...own, now, lifetime: LIFETIME, user: { id, roles, claims: {} } });
}

/** The callers of the switch: nobody, the app, a user, another one, one with every role that the model names, the admin. */
export function developmentIdentities(config: Config, keys: Keys, model: Model, now: number): GraphiqlIdentity[] {
  const user = (id: string, roles: readonly string[], description: string): GraphiqlIdentity[] => {
    const token = developmentToken(config, keys, id, roles, now);
    return token === null ? [] : [{ name: id, description, headers: { authorization: `Bearer ${token}` } }];
  };
  const withRoles =
    model.roles.length > 0
      ? user(model.roles.join('-'), model.roles, `A user with the role ${model.roles.join(', ')}`)
      : [];
  return [
    { name: 'public', description: 'No credentials', headers: {} },
    { name: 'app', description: 'The application key', headers: { 'x-application-key': keys.application } },
    ...user(DEVELOPMENT_USER, [], 'A signed-in user'),
    ...user('bob', [], 'Another signed-in user'),
    ...withRoles,
    { name: 'admin', description: 'The master key', headers: { 'x-master-key': keys.master } },
  ];
}
