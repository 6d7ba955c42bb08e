-- mutation { insertTodoList(data: { name: "CANARY" }) { id name ownerId } }
WITH origin AS MATERIALIZED (SELECT set_config('tablecast.actor', $5::text, TRUE), set_config('tablecast.request', $6::text, TRUE)),
written AS (INSERT INTO "public"."todo_list" ("id", "name", "owner_id") SELECT $1::text, $2::text, $3::text
  FROM origin RETURNING *)
SELECT TRUE AS passed, '{}'::text[] AS hidden, written."id", ARRAY[CASE WHEN written."owner_id" = $4::text THEN json_build_object('id', written."id", 'name', written."name", 'ownerId', written."owner_id")::text END] AS answers
  FROM written;
-- $1 write
-- $2 write
-- $3 write
-- $4 caller id
-- $5 actor
-- $6 requestId
