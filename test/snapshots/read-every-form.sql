-- { todoItem(by: { id: "CANARY" }) { priority position dueAt cost tags createdAt version deleted kind: __typename } }
SELECT (SELECT json_build_object('priority', t1."priority", 'position', t1."position", 'dueAt', to_char(t1."due_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'cost', t1."cost"::text, 'tags', t1."tags", 'createdAt', to_char(t1."created_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'version', t1."version"::text, 'deleted', t1."deleted", 'kind', 'TodoItem'::text)
  FROM "public"."todo_item" t1
  WHERE t1."id" = $1::text AND (t1."owner_id" = $2::text AND t1."deleted" = FALSE))::text AS answer;
-- $1 constant "CANARY"
-- $2 caller id
