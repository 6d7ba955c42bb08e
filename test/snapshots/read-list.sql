-- query ($first: Int) { todoLists(first: $first, skip: 7654) { name } }
SELECT array_to_json(ARRAY(SELECT "t3.row"
  FROM (SELECT t2."name" AS "name"
  FROM (SELECT t1.*
  FROM "public"."todo_list" t1
  WHERE t1."owner_id" = $1::text
  ORDER BY t1."id"
  LIMIT $2::integer OFFSET $3::integer) t2) "t3.row"))::text AS answer;
-- $1 caller id
-- $2 variable first at most 1000
-- $3 constant 7654 at most 1000000
