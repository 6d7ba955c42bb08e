// What a column asks of a value beyond its type, at the edges.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { brokenChecks } from '../../../src/tables/column-checks.ts';
import { columnOf, tableOf } from '../../../src/tables/model.ts';
import { modelOf } from '../../support/model-of.ts';

const LOW = 'must be at least';
const HIGH = 'must be at most';

describe('the checks of a column', () => {
  for (const [written, value, broken] of [
    ['String @length(min: 2, max: 3)', 'a', ['must have a length of at least 2, and has 1']],
    ['String @length(min: 2, max: 3)', 'ab', []],
    ['String @length(min: 2, max: 3)', 'abcd', ['must have a length of at most 3, and has 4']],
    ['String @length(min: 2)', '😀', ['must have a length of at least 2, and has 1']],
    ['Int @range(min: 1, max: 3)', 0, [`${LOW} 1`]],
    ['Int @range(min: 1, max: 3)', 1, []],
    ['Int @range(min: 1, max: 3)', 3, []],
    ['Int @range(min: 1, max: 3)', 4, [`${HIGH} 3`]],
    ['Float @range(max: 0.1)', 0.1, []],
    ['Float @range(max: 0.1)', 0.10000000000000002, [`${HIGH} 0.1`]],
    ['Float @range(min: -1e-7)', -1e-7, []],
    // As JavaScript numbers these would be equal to their bounds.
    ['Decimal @range(max: 0.1)', '0.1000000000000000001', [`${HIGH} 0.1`]],
    ['Decimal @range(min: 0.1)', '0.0999999999999999999999', [`${LOW} 0.1`]],
    ['Decimal @range(min: 0.1)', '1e-1', []],
    ['BigInt @range(max: 9007199254740992)', '9007199254740993', [`${HIGH} 9007199254740992`]],
    ['String @pattern(regex: "^[a-z]+$")', 'A', ['must match ^[a-z]+$']],
    ['String @pattern(regex: "^[a-z]+$", message: "Small letters")', 'A', ['Small letters']],
    ['String @pattern(regex: "^.$")', '😀', []],
    [
      'String @length(max: 1) @pattern(regex: "x")',
      'ab',
      ['must have a length of at most 1, and has 2', 'must match x'],
    ],
  ] as const) {
    test(`${written} of ${JSON.stringify(value)}: ${broken.join('; ') || 'none broken'}`, async () => {
      const model = await modelOf(`type A @table { x: ${written} }`);
      assert.deepEqual(brokenChecks(columnOf(tableOf(model, 'A'), 'x'), value), broken);
    });
  }
});
