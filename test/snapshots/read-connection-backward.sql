-- query ($c: Cursor) { todoItemsConnection(orderBy: { list: { name: ASC } }, before: $c, last: 4321) { nodes { text } } }
SELECT (SELECT json_build_object('nodes', coalesce(array_to_json(array_agg("t5.row"
  ORDER BY t3."page.row" DESC)), '[]'))
  FROM (SELECT t4.*, row_number() OVER () AS "page.row"
  FROM (SELECT t1.*, t2."name" AS "page.key.1"
  FROM "public"."todo_item" t1 LEFT JOIN "public"."todo_list" t2 ON t2."id" = t1."list_id" AND t2."owner_id" = $2::text
  WHERE (t1."owner_id" = $2::text AND t1."deleted" = FALSE) AND (t2."name" COLLATE "und-x-icu" <= $3::text COLLATE "und-x-icu" OR $3::text IS NULL) AND (t2."name" COLLATE "und-x-icu" < $3::text COLLATE "und-x-icu" OR t2."name" IS NOT NULL AND $3::text IS NULL OR t1."id" < $4::text COLLATE "C")
  ORDER BY t2."name" COLLATE "und-x-icu" DESC, t1."id" DESC
  LIMIT $1::integer) t4) t3 CROSS JOIN LATERAL (SELECT t3."text" AS "text") "t5.row")::text AS answer;
-- $1 constant 4321 at most 1000
-- $2 caller id
-- $3 value 0 of the cursor in variable c
-- $4 value 1 of the cursor in variable c
