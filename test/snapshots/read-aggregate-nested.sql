-- { todoLists { name itemsAggregate(groupBy: [COMPLETE]) { group { complete } count } all: itemsAggregate { count } } }
SELECT array_to_json(ARRAY(SELECT "t9.row"
  FROM (SELECT t2."name" AS "name", (SELECT CASE WHEN count(*) > 1000 THEN to_json(('over 1000 groups: ' || count(*))::integer) ELSE coalesce(json_agg(t5.item), '[]') END
  FROM (SELECT json_build_object('group', json_build_object('complete', t4.k1), 'count', t4."m1") AS item
  FROM (SELECT t3."complete" AS k1, count(*) AS "m1"
  FROM "public"."todo_item" t3
  WHERE t3."list_id" = t2."id" AND (t3."owner_id" = $1::text AND t3."deleted" = FALSE) GROUP BY 1) t4
  ORDER BY t4.k1
  LIMIT 1001) t5) AS "itemsAggregate", (SELECT coalesce(json_agg(t8.item), '[]')
  FROM (SELECT json_build_object('count', t7."m1") AS item
  FROM (SELECT count(*) AS "m1"
  FROM "public"."todo_item" t6
  WHERE t6."list_id" = t2."id" AND (t6."owner_id" = $1::text AND t6."deleted" = FALSE)) t7) t8) AS "all"
  FROM (SELECT t1.*
  FROM "public"."todo_list" t1
  WHERE t1."owner_id" = $1::text
  ORDER BY t1."id"
  LIMIT $2::integer OFFSET $3::integer) t2) "t9.row"))::text AS answer;
-- $1 caller id
-- $2 constant 50 at most 1000
-- $3 constant 0 at most 1000000
