// foldCase() in the database, as a function that indexes may use. It is one text for every server version: the table of
// `tables/fold-case.ts` stands in it, and lower() is asked only for ASCII, which it does alike everywhere.

import { caseFolds } from '../../tables/fold-case.ts';
import { quoteName, quoteText, SYSTEM_SCHEMA } from './sql-text.ts';

const FUNCTION = `${quoteName(SYSTEM_SCHEMA)}.${quoteName('fold_case')}`;

/** The call that folds a text. */
export function foldedText(text: string): string {
  return `${FUNCTION}(${text})`;
}

type Fold = readonly [from: string, to: string];

/**
 * translate() looks for each character from the start of its table, through all of it for one that stays. So texts of one
 * script have a table of their own, which begins with what is frequent in them, as it stays: measured, 14 to 26 times
 * faster than the whole table.
 */
const SCRIPTS: readonly { readonly blocks: readonly (readonly [number, number])[]; readonly frequent: string }[] = [
  {
    blocks: [
      [0x80, 0x17f],
      [0x1ea0, 0x1eff],
      [0x180, 0x24f],
      [0x1e00, 0x1e9f],
    ],
    frequent: ' etaoinsrhldcumfpgwybvkxjqz.,-0123456789',
  },
  { blocks: [[0x400, 0x52f]], frequent: 'оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё .,-0123456789etaoinsrhldcumfpgwybvkxjqz' },
  {
    blocks: [
      [0x370, 0x3ff],
      [0x1f00, 0x1fff],
    ],
    frequent: 'αοιετνσηυρπκμλγδθωφχβξζψάέήίόύώ .,-0123456789etaoinsrhldcumfpgwybvkxjqz',
  },
];

/** The statement that makes the function. Indexes keep what it answers: it is never made anew with another table. */
export function foldCaseFunction(): string {
  const folds = [...caseFolds()].filter(([from]) => from > '\u007f');
  const translated = (frequent: string, some: readonly Fold[]) => {
    // What a character becomes stays, and follows it, because small letters are the most of a text.
    const table: Fold[] = [...[...frequent].map((one) => [one, one] as const), ...some.flatMap(withResult)];
    const [from, to] = [0, 1].map((side) => quoteText(table.map((fold) => fold[side]).join('')));
    return `pg_catalog.translate(pg_catalog.lower($1 COLLATE "C"), ${from}, ${to})`;
  };
  const scripts = SCRIPTS.map(({ blocks, frequent }) => {
    const own = blocks.flatMap(([first, last]) =>
      folds.filter(([from]) => first <= pointOf(from) && pointOf(from) <= last),
    );
    const others = folds.filter((fold) => !own.includes(fold)).map(([from]) => pointOf(from));
    return `WHEN $1 COLLATE "C" !~ '[${rangesOf(others, 16)}]' THEN ${translated(frequent, own)}`;
  });
  return `CREATE OR REPLACE FUNCTION ${FUNCTION}(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
WHEN pg_catalog.octet_length($1) = pg_catalog.char_length($1) THEN pg_catalog.lower($1 COLLATE "C")
WHEN $1 COLLATE "C" !~ '[${rangesOf(
    folds.map(([from]) => pointOf(from)),
    0,
  )}]' THEN pg_catalog.lower($1 COLLATE "C")
${scripts.join('\n')}
ELSE ${translated(SCRIPTS[0]?.frequent ?? '', folds)} END $$`;
}

const pointOf = (text: string) => text.codePointAt(0) ?? 0;
const withResult = ([from, to]: Fold): Fold[] => [
  [from, to],
  [to, to],
];

/** Sorted code points as the inside of a bracket expression; those with at most `gap` between them are one range. */
function rangesOf(points: readonly number[], gap: number): string {
  const ranges: [first: number, last: number][] = [];
  for (const point of points) {
    const open = ranges.at(-1);
    if (open && point - open[1] <= gap + 1) open[1] = point;
    else ranges.push([point, point]);
  }
  return ranges
    .map(([first, last]) => String.fromCodePoint(first) + (last > first ? `-${String.fromCodePoint(last)}` : ''))
    .join('');
}
