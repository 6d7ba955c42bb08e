-- mutation ($data: TodoItemInsert!) { insertTodoItem(data: $data) { text list { name } } }
SELECT ARRAY[CASE WHEN t1."owner_id" = $2::text THEN json_build_object('text', t1."text", 'list', (SELECT json_build_object('name', t2."name")
  FROM "public"."todo_list" t2
  WHERE t2."id" = t1."list_id" AND t2."owner_id" = $2::text))::text END] AS answers
  FROM unnest($1::text[]) WITH ORDINALITY AS given(c0, at) LEFT JOIN "public"."todo_item" t1 ON t1."id" = given.c0
  ORDER BY given.at;
-- $1 write
-- $2 caller id

WITH origin AS MATERIALIZED (SELECT set_config('tablecast.actor', $12::text, TRUE), set_config('tablecast.request', $13::text, TRUE)),
new AS (SELECT $1::text AS "id", $2::text AS "text", $3::boolean AS "complete", $4::text AS "priority", $5::integer AS "position", $6::timestamp with time zone AS "due_at", $7::numeric AS "cost", $8::text[] AS "tags", $9::text AS "list_id", $10::text AS "owner_id", $11::text AS "moderation_note", now() AS "created_at", now() AS "updated_at", NULL::bigint AS "version", FALSE AS "deleted"),
verdict AS (SELECT coalesce(EXISTS (SELECT 1
  FROM "public"."todo_list" t2
  WHERE t2."id" = new."list_id" AND t2."owner_id" = $14::text), FALSE) AS passed, array_remove(ARRAY[CASE WHEN new."list_id" IS NULL OR
  EXISTS (SELECT 1
  FROM "public"."todo_list" t1
  WHERE t1."id" = new."list_id" AND t1."owner_id" = $14::text) THEN NULL ELSE 'list' END]::text[], NULL) AS hidden
  FROM new),
written AS (INSERT INTO "public"."todo_item" ("id", "text", "complete", "priority", "position", "due_at", "cost", "tags", "list_id", "owner_id", "moderation_note") SELECT new."id", new."text", new."complete", new."priority", new."position", new."due_at", new."cost", new."tags", new."list_id", new."owner_id", new."moderation_note"
  FROM new, verdict, origin
  WHERE (verdict.passed AND verdict.hidden = '{}') RETURNING *)
SELECT verdict.passed, verdict.hidden, written."id", '{}'::text[] AS answers
  FROM verdict LEFT JOIN written ON TRUE;
-- $1 write
-- $2 write
-- $3 write
-- $4 write
-- $5 write
-- $6 write
-- $7 write
-- $8 write
-- $9 write
-- $10 write
-- $11 write
-- $12 actor
-- $13 requestId
-- $14 caller id
