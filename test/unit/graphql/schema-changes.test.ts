import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildSchema } from 'graphql';
import { schemaChanges } from '../../../src/graphql/schema-changes.ts';

const BEFORE = buildSchema(`
  type Query { a(by: ID!): A b: Int }
  type A { x: Int! y: E }
  enum E { ONE TWO }
  input I { x: Int }`);

const AFTER = buildSchema(`
  type Query { a(by: ID!, first: Int): A c: Int }
  type A { x: Int y: E }
  enum E { ONE THREE }
  input I { x: Int z: Int! }`);

test('members that came, went, or are otherwise', () => {
  assert.deepEqual(schemaChanges(BEFORE, AFTER), [
    '~ A.x: Int (was: Int!)',
    '+ E.THREE',
    '- E.TWO',
    '+ I.z: Int!',
    '~ Query.a(by: ID!, first: Int): A (was(by: ID!): A)',
    '- Query.b',
    '+ Query.c: Int',
  ]);
});

test('equal schemas differ in nothing', () => assert.deepEqual(schemaChanges(BEFORE, BEFORE), []));
