-- mutation { updateTodoList(by: { id: "CANARY" }, set: { name: "CANARY" }, ifVersion: "7654") { name version } }
WITH origin AS MATERIALIZED (SELECT set_config('tablecast.actor', $4::text, TRUE), set_config('tablecast.request', $5::text, TRUE)),
written AS (UPDATE "public"."todo_list" t1 SET "name" = $3::text
  FROM origin
  WHERE t1."id" = $2::text AND t1."version" = $1::bigint RETURNING t1.*)
SELECT TRUE AS passed, '{}'::text[] AS hidden, TRUE AS current, written."id", ARRAY[json_build_object('name', written."name", 'version', written."version"::text)::text] AS answers
  FROM written;
-- $1 constant "7654"
-- $2 constant "CANARY"
-- $3 write
-- $4 actor
-- $5 requestId

SELECT (SELECT json_build_object('name', t1."name", 'version', t1."version"::text)
  FROM "public"."todo_list" t1
  WHERE t1."id" = $1::text)::text AS answer;
-- $1 constant "CANARY"
