// What an app's own scripts are configured with: variables of the environment under two prefixes. Settings are there to read;
// a secret is asked for by its name.

import type { Environment } from './read-settings.ts';

export interface AppSettings {
  /** `APP_GREETING` is `GREETING`. */
  readonly settings: Readonly<Record<string, string>>;
  /** `SECRET_STRIPE` is `STRIPE`. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Those of an environment. */
export function appSettings(environment: Environment): AppSettings {
  return { settings: withPrefix(environment, 'APP_'), secrets: withPrefix(environment, 'SECRET_') };
}

function withPrefix(environment: Environment, prefix: string): Readonly<Record<string, string>> {
  const members = Object.entries(environment).flatMap(([name, value]): [string, string][] =>
    name.startsWith(prefix) && name.length > prefix.length && value !== undefined
      ? [[name.slice(prefix.length), value]]
      : [],
  );
  return Object.freeze(Object.fromEntries(members));
}
