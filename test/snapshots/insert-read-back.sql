-- mutation ($data: TodoItemInsert!) { insertTodoItem(data: $data) { text list { name } } }
WITH new AS (SELECT $1::text AS "id", $2::text AS "text", $3::boolean AS "complete", $4::text AS "priority", $5::integer AS "position", $6::timestamp with time zone AS "due_at", $7::numeric AS "cost", $8::text[] AS "tags", $9::text AS "list_id", $10::text AS "owner_id", $11::text AS "moderation_note", now() AS "created_at", now() AS "updated_at", NULL::bigint AS "version", FALSE AS "deleted"),
verdict AS (SELECT coalesce(EXISTS (SELECT 1
  FROM "public"."todo_list" t1
  WHERE t1."id" = new."list_id" AND t1."owner_id" = $10::text), FALSE) AS passed, array_remove(ARRAY[]::text[], NULL) AS hidden
  FROM new),
written AS (INSERT INTO "public"."todo_item" ("id", "text", "complete", "priority", "position", "due_at", "cost", "tags", "list_id", "owner_id", "moderation_note") SELECT new."id", new."text", new."complete", new."priority", new."position", new."due_at", new."cost", new."tags", new."list_id", new."owner_id", new."moderation_note"
  FROM new, verdict
  WHERE verdict.passed AND verdict.hidden = '{}' RETURNING *)
SELECT verdict.hidden, written."id" AS id, NULL::text AS answer
  FROM verdict LEFT JOIN written ON TRUE;
-- $1 newId
-- $2 variable data.text
-- $3 constant false
-- $4 constant "NORMAL"
-- $5 variable data.position
-- $6 constant null
-- $7 constant null
-- $8 constant []
-- $9 constant null
-- $10 caller id
-- $11 constant null

SELECT (SELECT json_build_object('text', t1."text", 'list', (SELECT json_build_object('name', t2."name")
  FROM "public"."todo_list" t2
  WHERE t2."id" = t1."list_id" AND t2."owner_id" = $2::text))
  FROM "public"."todo_item" t1
  WHERE t1."id" = $1::text AND (t1."owner_id" = $2::text AND t1."deleted" = FALSE))::text AS answer;
-- $1 variable #id
-- $2 caller id
