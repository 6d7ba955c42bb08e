CREATE SEQUENCE IF NOT EXISTS "tablecast".row_version CACHE 32;
CREATE OR REPLACE FUNCTION "tablecast".new_id() RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT uuidv7()::text $$;
CREATE OR REPLACE FUNCTION "tablecast".stamp_row() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moment timestamptz := pg_catalog.clock_timestamp();
BEGIN
  NEW.created_at := CASE WHEN TG_OP = 'INSERT' THEN moment ELSE OLD.created_at END;
  NEW.updated_at := moment;
  NEW.version := pg_catalog.nextval('tablecast.row_version');
  RETURN NEW;
END $$;
CREATE TABLE "public"."todo_list" (
  "id" text COLLATE "C" NOT NULL DEFAULT "tablecast".new_id(),
  "name" text COLLATE "C" NOT NULL,
  "owner_id" text COLLATE "C" NOT NULL,
  "created_at" timestamp with time zone NOT NULL DEFAULT now(),
  "updated_at" timestamp with time zone NOT NULL DEFAULT now(),
  "version" bigint NOT NULL DEFAULT 0,
  CONSTRAINT "todo_list.pkey" PRIMARY KEY ("id")
);
CREATE TRIGGER "tablecast_stamp" BEFORE INSERT OR UPDATE ON "public"."todo_list" FOR EACH ROW EXECUTE FUNCTION "tablecast".stamp_row();
CREATE TRIGGER "0_tablecast_change" AFTER INSERT OR UPDATE OR DELETE ON "public"."todo_list" FOR EACH ROW EXECUTE FUNCTION "tablecast".capture_change();
CREATE TRIGGER "0_tablecast_truncate" AFTER TRUNCATE ON "public"."todo_list" FOR EACH STATEMENT EXECUTE FUNCTION "tablecast".capture_change();
SELECT "tablecast".log_reset('"public"."todo_list"');
CREATE TABLE "public"."todo_item" (
  "id" text COLLATE "C" NOT NULL DEFAULT "tablecast".new_id(),
  "text" text COLLATE "C" NOT NULL,
  "complete" boolean NOT NULL DEFAULT 'false'::boolean,
  "priority" text COLLATE "C" NOT NULL DEFAULT 'NORMAL'::text,
  "position" integer NOT NULL DEFAULT '0'::integer,
  "due_at" timestamp with time zone,
  "cost" numeric,
  "tags" text[] COLLATE "C" NOT NULL DEFAULT ARRAY[]::text[],
  "list_id" text COLLATE "C" NOT NULL,
  "owner_id" text COLLATE "C" NOT NULL,
  "moderation_note" text COLLATE "C",
  "created_at" timestamp with time zone NOT NULL DEFAULT now(),
  "updated_at" timestamp with time zone NOT NULL DEFAULT now(),
  "version" bigint NOT NULL DEFAULT 0,
  "deleted" boolean NOT NULL DEFAULT FALSE,
  CONSTRAINT "todo_item.pkey" PRIMARY KEY ("id")
);
CREATE TRIGGER "tablecast_stamp" BEFORE INSERT OR UPDATE ON "public"."todo_item" FOR EACH ROW EXECUTE FUNCTION "tablecast".stamp_row();
CREATE TRIGGER "0_tablecast_change" AFTER INSERT OR UPDATE OR DELETE ON "public"."todo_item" FOR EACH ROW EXECUTE FUNCTION "tablecast".capture_change();
CREATE TRIGGER "0_tablecast_truncate" AFTER TRUNCATE ON "public"."todo_item" FOR EACH STATEMENT EXECUTE FUNCTION "tablecast".capture_change();
SELECT "tablecast".log_reset('"public"."todo_item"');
COMMENT ON COLUMN "public"."todo_item"."complete" IS 'Default by Tablecast: ''false''::boolean';
COMMENT ON COLUMN "public"."todo_item"."priority" IS 'Default by Tablecast: ''NORMAL''::text';
COMMENT ON COLUMN "public"."todo_item"."position" IS 'Default by Tablecast: ''0''::integer';
COMMENT ON COLUMN "public"."todo_item"."tags" IS 'Default by Tablecast: ARRAY[]::text[]';
ALTER TABLE "public"."todo_list" ADD CONSTRAINT "todo_list.name.check" CHECK (char_length("name") >= 1 AND char_length("name") <= 80);
COMMENT ON CONSTRAINT "todo_list.name.check" ON "public"."todo_list" IS 'Made by Tablecast: ALTER TABLE "public"."todo_list" ADD CONSTRAINT "todo_list.name.check" CHECK (char_length("name") >= 1 AND char_length("name") <= 80)';
ALTER TABLE "public"."todo_item" ADD CONSTRAINT "todo_item.text.check" CHECK (char_length("text") >= 1 AND char_length("text") <= 500);
COMMENT ON CONSTRAINT "todo_item.text.check" ON "public"."todo_item" IS 'Made by Tablecast: ALTER TABLE "public"."todo_item" ADD CONSTRAINT "todo_item.text.check" CHECK (char_length("text") >= 1 AND char_length("text") <= 500)';
ALTER TABLE "public"."todo_item" ADD CONSTRAINT "todo_item.priority.check" CHECK ("priority" IN ('LOW', 'NORMAL', 'HIGH'));
COMMENT ON CONSTRAINT "todo_item.priority.check" ON "public"."todo_item" IS 'Made by Tablecast: ALTER TABLE "public"."todo_item" ADD CONSTRAINT "todo_item.priority.check" CHECK ("priority" IN (''LOW'', ''NORMAL'', ''HIGH''))';
ALTER TABLE "public"."todo_item" ADD CONSTRAINT "todo_item.due_at.check" CHECK ('0001-01-01 00:00Z' <= "due_at" AND '10000-01-01 00:00Z' > "due_at");
COMMENT ON CONSTRAINT "todo_item.due_at.check" ON "public"."todo_item" IS 'Made by Tablecast: ALTER TABLE "public"."todo_item" ADD CONSTRAINT "todo_item.due_at.check" CHECK (''0001-01-01 00:00Z'' <= "due_at" AND ''10000-01-01 00:00Z'' > "due_at")';
ALTER TABLE "public"."todo_item" ADD CONSTRAINT "todo_item.cost.check" CHECK ("cost" NOT IN ('NaN', 'Infinity', '-Infinity'));
COMMENT ON CONSTRAINT "todo_item.cost.check" ON "public"."todo_item" IS 'Made by Tablecast: ALTER TABLE "public"."todo_item" ADD CONSTRAINT "todo_item.cost.check" CHECK ("cost" NOT IN (''NaN'', ''Infinity'', ''-Infinity''))';
ALTER TABLE "public"."todo_item" ADD CONSTRAINT "todo_item.tags.check" CHECK (array_position("tags", NULL) IS NULL);
COMMENT ON CONSTRAINT "todo_item.tags.check" ON "public"."todo_item" IS 'Made by Tablecast: ALTER TABLE "public"."todo_item" ADD CONSTRAINT "todo_item.tags.check" CHECK (array_position("tags", NULL) IS NULL)';
ALTER TABLE "public"."todo_item" ADD CONSTRAINT "todo_item.list_id.fkey" FOREIGN KEY ("list_id") REFERENCES "public"."todo_list" ("id") ON DELETE CASCADE;
COMMENT ON CONSTRAINT "todo_item.list_id.fkey" ON "public"."todo_item" IS 'Made by Tablecast: ALTER TABLE "public"."todo_item" ADD CONSTRAINT "todo_item.list_id.fkey" FOREIGN KEY ("list_id") REFERENCES "public"."todo_list" ("id") ON DELETE CASCADE';
CREATE INDEX "todo_item.priority.idx" ON "public"."todo_item" ("priority");
COMMENT ON INDEX "public"."todo_item.priority.idx" IS 'Made by Tablecast: CREATE INDEX "todo_item.priority.idx" ON "public"."todo_item" ("priority")';
CREATE INDEX "todo_item.list_id.idx" ON "public"."todo_item" ("list_id");
COMMENT ON INDEX "public"."todo_item.list_id.idx" IS 'Made by Tablecast: CREATE INDEX "todo_item.list_id.idx" ON "public"."todo_item" ("list_id")';
