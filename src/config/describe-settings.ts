// The table of settings in words: for --help, and for the README.

import { SETTING_NAMES, SETTINGS, type Setting, type SettingName } from './settings.ts';

const WIDTH = 110;
const INDENT = '      ';

interface Described {
  readonly name: SettingName;
  readonly group: string;
  readonly about: string;
  readonly form: string;
}

const described: readonly Described[] = SETTING_NAMES.map((name) => {
  const { group, about, kind } = SETTINGS[name];
  return { name, group, about, form: kind.form };
});

function standardOf({ fallback }: Setting<unknown>, quote: string): string {
  if (fallback === null) return '';
  const quoted = (text: string) => `${quote}${text}${quote}`;
  if (typeof fallback === 'string') return quoted(fallback);
  return `${quoted(fallback.development)}; in production ${quoted(fallback.production)}`;
}

/** Every setting for a terminal, by group: name and default, then what it is for and what it may be. */
export function describeSettings(): string {
  const groups = [...new Set(described.map(({ group }) => group))];
  return groups
    .map((title) => {
      const entries = described.filter(({ group }) => group === title).map(describe);
      return `${title}:\n${entries.join('\n')}\n`;
    })
    .join('\n');
}

function describe({ name, about, form }: Described): string {
  const standard = standardOf(SETTINGS[name], '');
  const head = standard === '' ? `  ${name}` : `  ${name}  [${standard}]`;
  return [head, ...wrap(`${about}.`), ...wrap(`Value: ${form}`)].join('\n');
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = INDENT;
  for (const word of text.split(' ')) {
    if (line.length + word.length >= WIDTH && line !== INDENT) {
      lines.push(line.trimEnd());
      line = INDENT;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}

/** The same as one Markdown table. */
export function settingsAsMarkdown(): string {
  const rows = described.map(({ name, about, form }) => [`\`${name}\``, about, form, standardOf(SETTINGS[name], '`')]);
  return [['Variable', 'What for', 'Value', 'Default'], ['---', '---', '---', '---'], ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`)
    .join('');
}
