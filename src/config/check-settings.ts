// What must hold between settings, and in production. Judges only what could be read: a setting that is missing from
// the values has been reported already.

import type { ConfigProblem } from './config-error.ts';
import { isLoopbackHost } from './loopback.ts';
import { weaknessOf } from './secret-kinds.ts';
import { SETTINGS, type SettingName, type Values } from './settings.ts';

type Check = (values: Partial<Values>) => ConfigProblem[];

const SECRETS = ['TABLECAST_APPLICATION_KEY', 'TABLECAST_MASTER_KEY', 'TABLECAST_TOKEN_SECRET'] as const;
const KEYS: readonly SettingName[] = ['TABLECAST_APPLICATION_KEY', 'TABLECAST_MASTER_KEY'];

const keysInProduction: Check = (values) => {
  if (values.NODE_ENV !== 'production') return [];
  return SECRETS.flatMap((name) => {
    const value = values[name];
    const fix = `Set it to ${SETTINGS[name].kind.form}.`;
    if (value === null) {
      return KEYS.includes(name) ? [{ variable: name, wrong: 'is not set, and production makes no keys', fix }] : [];
    }
    const weakness = value === undefined ? undefined : weaknessOf(value);
    return weakness === undefined ? [] : [{ variable: name, wrong: weakness, fix }];
  });
};

/** Two equal secrets are one: whoever holds the app's key would hold the other. */
export function equalSecrets(values: Partial<Pick<Values, (typeof SECRETS)[number]>>): ConfigProblem[] {
  return SECRETS.flatMap((name, at) =>
    SECRETS.slice(0, at)
      .filter((other) => values[name] && values[name] === values[other])
      .map((other) => ({
        variable: name,
        wrong: `is equal to ${other}`,
        fix: 'Set each to a random value of its own.',
      })),
  );
}

const directNeedsDatabase: Check = (values) =>
  values.DATABASE_DIRECT_URL && values.DATABASE_URL === null
    ? [{ variable: 'DATABASE_DIRECT_URL', wrong: 'is set without DATABASE_URL', fix: 'Set both, or neither.' }]
    : [];

const jwksComplete: Check = (values) => {
  const pinned = ['TABLECAST_JWKS_ISSUER', 'TABLECAST_JWKS_AUDIENCE'] as const;
  if (values.TABLECAST_JWKS_URL === undefined) return [];
  if (values.TABLECAST_JWKS_URL !== null) {
    return pinned
      .filter((name) => values[name] === null)
      .map((variable) => ({
        variable,
        wrong: "is not set, so that the issuer's tokens for any other app would be accepted",
        fix: `Set it to ${SETTINGS[variable].kind.form}, as the issuer writes it into the tokens for this app.`,
      }));
  }
  return pinned
    .filter((name) => values[name] != null)
    .map((variable) => ({
      variable,
      wrong: 'is set without TABLECAST_JWKS_URL and would do nothing',
      fix: "Set TABLECAST_JWKS_URL to the address of the issuer's keys, or remove it.",
    }));
};

const pageWithinLimit: Check = ({ TABLECAST_PAGE_SIZE: size, TABLECAST_PAGE_LIMIT: limit }) =>
  size !== undefined && limit !== undefined && size > limit
    ? [
        {
          variable: 'TABLECAST_PAGE_SIZE',
          wrong: `is ${size}, and more than a page may have: TABLECAST_PAGE_LIMIT is ${limit}`,
          fix: `Set it to ${limit} or less, or set TABLECAST_PAGE_LIMIT higher.`,
        },
      ]
    : [];

/** Everything that is wrong between settings. */
export function checkSettings(values: Partial<Values>): ConfigProblem[] {
  return [keysInProduction, equalSecrets, directNeedsDatabase, jwksComplete, pageWithinLimit].flatMap((check) =>
    check(values),
  );
}

/** What may be meant, and is worth a sentence at start. */
export function doubtfulSettings(values: Values): string[] {
  const production = values.NODE_ENV === 'production';
  const warnings: string[] = [];
  if (production && values.DATABASE_URL === null) {
    warnings.push(
      `DATABASE_URL is not set: production data is kept by the service's own PostgreSQL in ${values.TABLECAST_DATA_DIR}, on this machine only.`,
    );
  }
  if (production && values.TABLECAST_TOKEN_SECRET === null && values.TABLECAST_JWKS_URL === null) {
    warnings.push('Neither TABLECAST_TOKEN_SECRET nor TABLECAST_JWKS_URL is set: no user can sign in.');
  }
  if (values.NODE_ENV === 'development' && !isLoopbackHost(values.HOST)) {
    warnings.push(`HOST is ${values.HOST} in development: other machines can reach a service with its tools open.`);
  }
  return warnings;
}
