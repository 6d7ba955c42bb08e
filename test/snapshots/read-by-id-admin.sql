-- { todoItem(by: { id: "CANARY" }) { id moderationNote } }
SELECT (SELECT json_build_object('id', t1."id", 'moderationNote', t1."moderation_note")
  FROM "public"."todo_item" t1
  WHERE t1."id" = $1::text AND t1."deleted" = FALSE)::text AS answer;
-- $1 constant "CANARY"
