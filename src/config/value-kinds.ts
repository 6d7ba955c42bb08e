// How the text of a setting becomes a value. One kind per shape of value; which setting has which kind, and which
// settings belong together, is said in settings.ts and check-settings.ts.

import { isIP } from 'node:net';
import { resolve } from 'node:path';

/** The app that the settings are for. `dir` is its folder; relative paths in settings start there. */
export interface App {
  readonly dir: string;
}

/** A shape of value. */
export interface Kind<T> {
  /** What a right value is, to be read after "Set it to". */
  readonly form: string;
  /** The value of a text that is neither blank nor, unless the kind is verbatim, padded. Throws a WrongValue. */
  readonly parse: (text: string, app: App) => T;
  /** The text counts as it is: space around it is not cut off, because it would change a secret. */
  readonly verbatim?: true;
}

/** The text is not a value of its kind. The message is read after the setting's name and never repeats the text. */
export class WrongValue extends Error {}

function wrong(message: string): never {
  throw new WrongValue(message);
}

/** One of some words. */
export function oneOf<Word extends string>(words: readonly Word[]): Kind<Word> {
  return {
    form: words.join(', ').replace(/, (?=\S+$)/, ' or '),
    parse: (text) => words.find((word) => word === text) ?? wrong('is not one of the words it may be'),
  };
}

/** on or off, also written true/false, yes/no and 1/0. */
export const flag: Kind<boolean> = {
  form: 'on or off',
  parse: (text) => {
    if (/^(on|true|yes|1)$/i.test(text)) return true;
    if (/^(off|false|no|0)$/i.test(text)) return false;
    return wrong('is neither on nor off');
  },
};

/** A whole number within bounds, both included. */
export function wholeNumber(least: number, most: number): Kind<number> {
  return {
    form: `a whole number from ${least} to ${most}`,
    parse: (text) => {
      if (!/^\d{1,15}$/.test(text)) wrong('is not a whole number');
      return within(Number(text), least, most);
    },
  };
}

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000 };
const BYTES: Readonly<Record<string, number>> = { b: 1, kb: 1e3, mb: 1e6, kib: 1_024, mib: 1_048_576 };

/** A length of time, in milliseconds: `500ms`, `10s`, `2m`, `1h`, or a plain number of milliseconds. */
export function duration(least: string, most: string): Kind<number> {
  return {
    form: `a time from ${least} to ${most}, like 500ms, 10s or 2m; a plain number is milliseconds`,
    parse: (text) => within(quantity(text, MILLISECONDS), quantity(least, MILLISECONDS), quantity(most, MILLISECONDS)),
  };
}

/** A number of bytes: `512kB`, `1MB` (a million), `1MiB` (1,048,576), or a plain number. */
export function size(least: string, most: string): Kind<number> {
  return {
    form: `a size from ${least} to ${most}, like 512kB, 1MB or 1MiB; a plain number is bytes`,
    parse: (text) => within(quantity(text, BYTES), quantity(least, BYTES), quantity(most, BYTES)),
  };
}

function quantity(text: string, units: Readonly<Record<string, number>>): number {
  const [, digits, unit = ''] =
    /^(\d{1,12}(?:\.\d{1,6})?) ?([a-z]*)$/i.exec(text) ?? wrong('is not a number and a unit');
  const factor = unit === '' ? 1 : units[unit.toLowerCase()];
  return factor === undefined ? wrong('has a unit that does not exist here') : Math.round(Number(digits) * factor);
}

function within(value: number, least: number, most: number): number {
  if (value < least) wrong('is too small');
  if (value > most) wrong('is too large');
  return value;
}

/** A folder; a relative one starts at the app's. The path comes out absolute. */
export const folder: Kind<string> = {
  form: 'a folder; a relative path starts at the app folder',
  parse: (text, app) => resolve(app.dir, text),
};

/** An address or host name to listen on, without a port. */
export const host: Kind<string> = {
  form: 'an IP address or a host name without a port, like 127.0.0.1, 0.0.0.0 or localhost',
  parse: (text) => {
    const named = /^(?=.{1,253}$)[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)*$/i.test(text);
    // A name of digits and dots that is no address is a misspelt address.
    return isIP(text) || (named && !/^[\d.]+$/.test(text)) ? text : wrong('is not an IP address or host name');
  },
};

/** Any text without control characters. */
export const text: Kind<string> = {
  form: 'a text',
  parse: (value) => (/\p{Cc}/u.test(value) ? wrong('has control characters') : value),
};

/** One or more values of a kind, with commas between them; twice the same counts once. */
export function listOf<T>(kind: Kind<T>, form = `a comma-separated list, each ${kind.form}`): Kind<readonly T[]> {
  return {
    form,
    parse: (value, app) => {
      const parts = value.split(',').map((part) => part.trim());
      return [...new Set(parts.map((part) => (part === '' ? wrong('has an empty entry') : kind.parse(part, app))))];
    },
  };
}
