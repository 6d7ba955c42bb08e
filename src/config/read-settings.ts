// From the environment to values, setting by setting. What holds between settings is check-settings.ts.

import { nearestName } from '../platform/nearest-name.ts';
import type { ConfigProblem } from './config-error.ts';
import {
  fallbackOf,
  type Mode,
  SETTING_NAMES,
  SETTINGS,
  type Setting,
  type SettingName,
  type Values,
} from './settings.ts';
import { type App, WrongValue } from './value-kinds.ts';

/** Changes that still count as a setting's name misspelt. */
const MOST_CHANGES = 3;

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

const LONGEST_SHOWN = 60;

/** Reads settings, and the mode they depend on; a blank one counts as not set. One whose value is wrong is missing from `values`. */
export function readSettings(
  env: Environment,
  app: App,
  names: readonly SettingName[] = SETTING_NAMES,
): { values: Partial<Values>; problems: ConfigProblem[] } {
  const values: Partial<Record<SettingName, unknown>> = {};
  const problems: ConfigProblem[] = [];
  const read = (name: SettingName, mode: Mode) => {
    try {
      values[name] = valueFor(name, env[name], mode, app);
    } catch (error) {
      if (!(error instanceof WrongValue)) throw error;
      problems.push(problemWith(name, env[name] ?? '', error));
    }
  };
  read('NODE_ENV', 'development');
  const mode = (values.NODE_ENV as Mode | undefined) ?? 'development';
  for (const name of names) if (name !== 'NODE_ENV') read(name, mode);
  // Each value came from the kind that gives the setting its type.
  return { values: values as Partial<Values>, problems };
}

function valueFor(name: SettingName, written: string | undefined, mode: Mode, app: App): unknown {
  const { kind } = SETTINGS[name] as Setting<unknown>;
  const set = written !== undefined && written.trim() !== '';
  const text = set ? (kind.verbatim ? written : written.trim()) : fallbackOf(name, mode);
  return text === null ? null : kind.parse(text, app);
}

function problemWith(name: SettingName, written: string, error: WrongValue): ConfigProblem {
  const { kind, secret } = SETTINGS[name] as Setting<unknown>;
  return {
    variable: name,
    wrong: secret ? error.message : `${error.message}: ${shown(written)}`,
    fix: `Set it to ${kind.form}.`,
  };
}

/** The value in quotes, cut short, and without the login that somebody may have left in a URL. */
function shown(written: string): string {
  const text = written.replace(/\/\/[^/?#]*@/g, '//(login hidden)@');
  return JSON.stringify(text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}...` : text);
}

/** One sentence for every variable that looks like a setting and is none. */
export function unknownNames(env: Environment): string[] {
  return Object.keys(env)
    .filter((name) => /^TABLECAST_/i.test(name) && env[name] !== undefined && !Object.hasOwn(SETTINGS, name))
    .sort()
    .map((name) => {
      const nearest = nearestName(name.toUpperCase(), SETTING_NAMES, MOST_CHANGES);
      return `${name} is no setting and does nothing. ${nearest ? `Did you mean ${nearest}?` : 'Remove it, or see --help for the settings.'}`;
    });
}
