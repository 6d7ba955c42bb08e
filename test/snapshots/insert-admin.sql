-- mutation { insertTodoList(data: { name: "CANARY", ownerId: "CANARY" }) { id } }
WITH origin AS MATERIALIZED (SELECT set_config('tablecast.actor', $4::text, TRUE), set_config('tablecast.request', $5::text, TRUE)),
written AS (INSERT INTO "public"."todo_list" ("id", "name", "owner_id") SELECT $1::text, $2::text, $3::text
  FROM origin RETURNING *)
SELECT TRUE AS passed, '{}'::text[] AS hidden, written."id", ARRAY[json_build_object('id', written."id")::text] AS answers
  FROM written;
-- $1 write
-- $2 write
-- $3 write
-- $4 actor
-- $5 requestId
