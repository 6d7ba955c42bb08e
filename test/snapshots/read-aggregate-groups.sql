-- query ($by: [TodoItemGroupBy!], $least: BigInt) { todoItemsAggregate(groupBy: $by, having: { sum: { position: { gte: $least } } }, deleted: INCLUDE) { group { priority dueAtMonth complete } avg { position } max { priority } } }
SELECT (SELECT CASE WHEN count(*) > 1000 THEN to_json(('over 1000 groups: ' || count(*))::integer) ELSE coalesce(json_agg(t3.item), '[]') END
  FROM (SELECT json_build_object('group', json_build_object('priority', t2.k1, 'dueAtMonth', to_char(t2.k2, 'YYYY-MM-DD'), 'complete', NULL), 'avg', json_build_object('position', t2."m1"::text), 'max', json_build_object('priority', t2."m2")) AS item
  FROM (SELECT t1."priority" COLLATE "C" AS k1, date_trunc('month', t1."due_at" AT TIME ZONE 'UTC')::date AS k2, trim_scale(avg(t1."position")) AS "m1", (ARRAY['LOW', 'NORMAL', 'HIGH']::text[])[max(array_position(ARRAY['LOW', 'NORMAL', 'HIGH']::text[], t1."priority"))] AS "m2", sum(t1."position") AS "m3"
  FROM "public"."todo_item" t1
  WHERE t1."owner_id" = $2::text GROUP BY 1, 2) t2
  WHERE t2."m3" >= $1::bigint
  ORDER BY array_position(ARRAY['LOW', 'NORMAL', 'HIGH']::text[], t2.k1), t2.k2
  LIMIT 1001) t3)::text AS answer;
-- $1 variable least
-- $2 caller id
