import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guardSql } from '../../../src/scripts/sql-guard.ts';

const FINE = [
  'select 1',
  'select 1;',
  ' -- a note; COMMIT\n select 1 ; /* COMMIT; /* nested; */ ; */ ',
  "select ';commit' , E'\\';commit', \";commit\", $$;commit$$, $tag$;commit $$ ;$tag$, $1",
  'with a as (select 1) insert into t select * from a',
  "set local statement_timeout = '1s'",
  'update t set a = 1',
  "select 'it''s; fine'",
];

const REFUSED = [
  'commit',
  '  /* x */ CoMmIt',
  '-- x\nrollback',
  'begin',
  'START TRANSACTION',
  'end',
  'savepoint a',
  'release a',
  "prepare transaction 'x'",
  'set role postgres',
  'SET SESSION AUTHORIZATION x',
  'reset all',
  'discard all',
  'listen x',
  'notify x',
  "load 'x'",
  "copy t from program 'x'",
  'vacuum',
  'deallocate all',
  'select 1; commit',
  "select 1; select ';'",
  'select $$a$$; commit',
  "select E'\\''; commit",
  '',
  '  -- nothing',
  ';',
];

for (const text of FINE) test(`a script may say ${JSON.stringify(text)}`, () => guardSql(text));
for (const text of REFUSED)
  test(`a script may not say ${JSON.stringify(text)}`, () => assert.throws(() => guardSql(text), /ctx\.sql/));
