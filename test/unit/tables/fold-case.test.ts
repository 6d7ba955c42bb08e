// The folding table against the case folding that this Node's regular expressions know, and what folding must keep.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { caseFolds, foldCase } from '../../../src/tables/fold-case.ts';

/** The Unicode version of the table. */
const TABLE_VERSION = 17;
const nodeVersion = Number.parseInt(process.versions.unicode ?? '0', 10);

const point = (code: number) => String.fromCodePoint(code);
const isSurrogate = (code: number) => code >= 0xd800 && code <= 0xdfff;

/** Every code point that has to do with case, in this Node. */
const CASED = Array.from({ length: 0x110000 }, (_, code) => code)
  .filter((code) => !isSurrogate(code))
  .map(point)
  .filter((one) => /[\p{Changes_When_Casemapped}\p{Changes_When_Casefolded}]/u.test(one));

describe('folding case', () => {
  test('joins exactly what a regular expression without case joins', () => {
    const all = CASED.join('');
    for (const one of CASED) {
      const alike = new Set(all.match(new RegExp(one, 'giu')));
      const folded = foldCase(one);
      for (const other of alike) {
        // A newer Node may know letters that the table does not; it is frozen.
        if (nodeVersion <= TABLE_VERSION) assert.equal(foldCase(other), folded, `${one} and ${other}`);
      }
      for (const other of [folded, folded.toUpperCase(), folded.toLowerCase()]) {
        if (foldCase(other) === folded && CASED.includes(other)) assert.ok(alike.has(other), `${one} is not ${other}`);
      }
    }
  });

  test('joins nothing that this Node knows and keeps apart', () => {
    for (const [from, to] of caseFolds()) {
      if (/\p{Assigned}/u.test(from)) assert.match(to, new RegExp(`^${from}$`, 'iu'), `${from} to ${to}`);
    }
  });

  for (const [text, folded] of [
    ['ÄÖÜ ẞ', 'äöü ß'],
    ['Straße', 'straße'],
    ['STRASSE', 'strasse'],
    ['ΣΊΣΥΦΟΣ', 'σίσυφοσ'],
    ['ς', 'σ'],
    ['\u212a\u017f', 'ks'],
    ['İIı', 'İiı'],
    ['МОСКВА', 'москва'],
    ['ǄǅǆÅ\u212b', 'ǆǆǆåå'],
    ['\u{10400}\u{1F95B}', '\u{10428}\u{1F95B}'],
    ['いろは 漢字 %_\\', 'いろは 漢字 %_\\'],
  ] as const) {
    test(`${text} becomes ${folded}`, () => assert.equal(foldCase(text), folded));
  }

  test('is the same done twice, keeps the number of code points, and goes point by point', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.constantFrom(...CASED)).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(text, text, (a, b) => {
        assert.equal(foldCase(foldCase(a)), foldCase(a));
        assert.equal([...foldCase(a)].length, [...a].length);
        assert.equal(foldCase(a + b), foldCase(a) + foldCase(b));
      }),
    );
  });
});
