// What a developer is told who saved a change of the table files.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tellDifference } from '../../../src/commands/tell-difference.ts';
import { modelOf } from '../../support/open-test-service.ts';

const BEFORE = `
  "Notes."
  type Note @table @permission(level: USER) {
    text: String! @pattern(regex: "^a")
    "How it is."
    mood: Mood
    by: ID @preset(on: [INSERT], value: "$user.id")
    list: List @belongsTo
  }
  enum Mood {
    "Not good."
    SAD
    HAPPY
  }
  type List @table { name: String }`;

const CASES: readonly (readonly [name: string, change: readonly (readonly [string, string])[], told: string])[] = [
  [
    'what nobody meets',
    [
      ['type List @table', '# Lists of notes.\ntype List   @table'],
      ['text: String!', 'text:\n String!'],
    ],
    'The table files were changed, and mean what they did before.',
  ],
  [
    'descriptions, wherever they stand',
    [
      ['"Notes."', '"All notes."'],
      ['"How it is."', ''],
      ['list: List', '"Where it is." list: List'],
      ['"Not good."', '"Bad."'],
    ],
    `Descriptions were changed.
  in descriptions:
    Note
    Note.mood
    Note.list
    Mood.SAD`,
  ],
  [
    'what neither the database nor the API shows',
    [
      ['@permission(level: USER)', '@permission(level: USER, rows: { by: { eq: "$user.id" } })'],
      ['"^a"', '"^b"'],
      ['"$user.id")', '"$user.claims.name")'],
      ['name: String', 'name: String @permission(level: USER)'],
      ['type List @table', 'type List @table(dynamicSchema: true)'],
    ],
    `The tables were changed.
  in what is allowed, filled in and checked:
    ~ Note: permissions
    ~ Note.text: pattern
    ~ Note.by: preset
    ~ List: dynamicSchema
    ~ List.name: permissions`,
  ],
  [
    'the order of an enum, in which rows are ordered',
    [
      ['HAPPY', 'HAPPY NEW FINE'],
      ['"Not good."\n    SAD', ''],
      ['NEW', 'SAD'],
    ],
    `The tables were changed.
  in the API:
    + Mood.FINE
    ~ Mood: the order of its values
  in descriptions:
    Mood.SAD`,
  ],
  [
    'the API, with what follows counted, beside the rest',
    [
      ['list: List', '"When." dueAt: DateTime list: List'],
      ['"Notes."', '"All notes."'],
      ['"^a"', '"^b"'],
    ],
    `The tables were changed.
  in the database:
    a step
  in the API:
    + Note.dueAt: DateTime
    + NoteInsert.dueAt: DateTime
    and N in the filters, orders, keys and aggregates that follow
  in what is allowed, filled in and checked:
    ~ Note.text: pattern
  in descriptions:
    Note`,
  ],
];

for (const [name, changes, told] of CASES) {
  test(name, async () => {
    const after = changes.reduce((text, [was, is]) => {
      assert.ok(text.includes(was), was);
      return text.replace(was, is);
    }, BEFORE);
    const steps = told.includes('a step') ? ['a step'] : [];
    const said = tellDifference(await modelOf(BEFORE), await modelOf(after), steps);
    assert.equal(said.replace(/and \d+ in/, 'and N in'), told);
  });
}
