-- mutation { insertTodoList(data: { name: "CANARY" }) { id name ownerId } }
WITH new AS (SELECT $1::text AS "id", $2::text AS "name", $3::text AS "owner_id", now() AS "created_at", now() AS "updated_at", NULL::bigint AS "version"),
verdict AS (SELECT coalesce(TRUE, FALSE) AS passed, array_remove(ARRAY[]::text[], NULL) AS hidden
  FROM new),
written AS (INSERT INTO "public"."todo_list" ("id", "name", "owner_id") SELECT new."id", new."name", new."owner_id"
  FROM new, verdict
  WHERE verdict.passed AND verdict.hidden = '{}' RETURNING *)
SELECT verdict.hidden, written."id" AS id, CASE WHEN written."owner_id" = $3::text THEN json_build_object('id', written."id", 'name', written."name", 'ownerId', written."owner_id")::text END AS answer
  FROM verdict LEFT JOIN written ON TRUE;
-- $1 newId
-- $2 constant "CANARY"
-- $3 caller id
