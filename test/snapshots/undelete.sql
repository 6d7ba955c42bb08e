-- mutation { undeleteTodoItem(by: { id: "CANARY" }) { deleted } }
WITH origin AS MATERIALIZED (SELECT set_config('tablecast.actor', $1::text, TRUE), set_config('tablecast.request', $2::text, TRUE)),
target AS (SELECT t1.*
  FROM "public"."todo_item" t1
  WHERE t1."id" = $3::text AND t1."owner_id" = $4::text FOR NO KEY UPDATE OF t1),
next AS (SELECT target."id" AS "id", target."text" AS "text", target."complete" AS "complete", target."priority" AS "priority", target."position" AS "position", target."due_at" AS "due_at", target."cost" AS "cost", target."tags" AS "tags", target."list_id" AS "list_id", target."owner_id" AS "owner_id", target."moderation_note" AS "moderation_note", target."created_at" AS "created_at", target."updated_at" AS "updated_at", target."version" AS "version", $5::boolean AS "deleted", TRUE AS "#current"
  FROM target),
verdict AS (SELECT next."id", next."#current" AS current, coalesce(next."owner_id" = $4::text, FALSE) AS passed, '{}'::text[] AS hidden
  FROM next),
written AS (UPDATE "public"."todo_item" own SET "deleted" = next."deleted"
  FROM next, origin
  WHERE own."id" = next."id" AND NOT
  EXISTS (SELECT 1
  FROM verdict
  WHERE NOT ((verdict.passed AND verdict.hidden = '{}') AND verdict.current)) RETURNING own.*)
SELECT verdict.passed, verdict.hidden, verdict.current, verdict."id" AS target, written."id", ARRAY[CASE WHEN written."owner_id" = $4::text THEN json_build_object('deleted', written."deleted")::text END] AS answers
FROM verdict LEFT JOIN written ON written."id" = verdict."id"
  ORDER BY verdict."id";
-- $1 actor
-- $2 requestId
-- $3 constant "CANARY"
-- $4 caller id
-- $5 model
