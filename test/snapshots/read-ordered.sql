-- { todoItems(where: { text: { eq: "CANARY" } }, orderBy: [{ priority: DESC }, { list: { name: ASC } }, { list: { items: { count: DESC_NULLS_LAST } } }, { text: ASC }], deleted: INCLUDE) { nodeId } }
SELECT array_to_json(ARRAY(SELECT "t6.row"
  FROM (SELECT translate(encode(convert_to('TodoItem:' || t5."id", 'UTF8'), 'base64'), E'+/=\n', '-_') AS "nodeId"
  FROM (SELECT t1.*
  FROM "public"."todo_item" t1 LEFT JOIN "public"."todo_list" t2 ON t2."id" = t1."list_id" AND t2."owner_id" = $1::text LEFT JOIN LATERAL (SELECT CASE WHEN t2."id" IS NOT NULL THEN count(*) END AS n
  FROM "public"."todo_item" t3
  WHERE t3."list_id" = t2."id" AND (t3."owner_id" = $1::text AND t3."deleted" = FALSE)) t4 ON TRUE
  WHERE (t1."owner_id" = $1::text AND t1."text" = $2::text)
  ORDER BY array_position(ARRAY['LOW', 'NORMAL', 'HIGH']::text[], t1."priority") DESC, t2."name" COLLATE "und-x-icu", t4.n DESC NULLS LAST, t1."text" COLLATE "und-x-icu", t1."id"
  LIMIT $3::integer OFFSET $4::integer) t5) "t6.row"))::text AS answer;
-- $1 caller id
-- $2 constant "CANARY"
-- $3 constant 50 at most 1000
-- $4 constant 0 at most 1000000
