-- { todoLists { itemsConnection { totalCount } } }
SELECT array_to_json(ARRAY(SELECT "t4.row"
  FROM (SELECT json_build_object('totalCount', (SELECT count(*)
  FROM "public"."todo_item" t3
  WHERE t3."list_id" = t2."id" AND (t3."owner_id" = $1::text AND t3."deleted" = FALSE))) AS "itemsConnection"
  FROM (SELECT t1.*
  FROM "public"."todo_list" t1
  WHERE t1."owner_id" = $1::text
  ORDER BY t1."id"
  LIMIT $2::integer OFFSET $3::integer) t2) "t4.row"))::text AS answer;
-- $1 caller id
-- $2 constant 50 at most 1000
-- $3 constant 0 at most 1000000
