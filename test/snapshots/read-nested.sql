-- { todoLists { name items(first: 3) { text list { name items { id } } } } }
SELECT array_to_json(ARRAY(SELECT "t11.row"
  FROM (SELECT t2."name" AS "name", array_to_json(ARRAY(SELECT "t10.row"
  FROM (SELECT t4."text" AS "text", (SELECT row_to_json("t9.row")
  FROM (SELECT t5."name" AS "name", array_to_json(ARRAY(SELECT "t8.row"
  FROM (SELECT t7."id" AS "id"
  FROM (SELECT t6.*
  FROM "public"."todo_item" t6
  WHERE t6."list_id" = t5."id" AND (t6."owner_id" = $1::text AND t6."deleted" = FALSE)
  ORDER BY t6."id"
  LIMIT $2::integer OFFSET $3::integer) t7) "t8.row")) AS "items"
  FROM "public"."todo_list" t5
  WHERE t5."id" = t4."list_id" AND t5."owner_id" = $1::text) "t9.row") AS "list"
  FROM (SELECT t3.*
  FROM "public"."todo_item" t3
  WHERE t3."list_id" = t2."id" AND (t3."owner_id" = $1::text AND t3."deleted" = FALSE)
  ORDER BY t3."id"
  LIMIT $4::integer OFFSET $3::integer) t4) "t10.row")) AS "items"
  FROM (SELECT t1.*
  FROM "public"."todo_list" t1
  WHERE t1."owner_id" = $1::text
  ORDER BY t1."id"
  LIMIT $2::integer OFFSET $3::integer) t2) "t11.row"))::text AS answer;
-- $1 caller id
-- $2 constant 50 at most 1000
-- $3 constant 0 at most 1000000
-- $4 constant 3 at most 1000
