-- { todoItem(by: { id: "CANARY" }) { id text complete } }
SELECT (SELECT json_build_object('id', t1."id", 'text', t1."text", 'complete', t1."complete")
  FROM "public"."todo_item" t1
  WHERE t1."id" = $1::text AND (t1."owner_id" = $2::text AND t1."deleted" = FALSE))::text AS answer;
-- $1 constant "CANARY"
-- $2 caller id
