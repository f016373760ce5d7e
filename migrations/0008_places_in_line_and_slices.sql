CREATE SEQUENCE "public"."queue_places" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
DROP INDEX "allocations_by_state";--> statement-breakpoint
ALTER TABLE "allocations" ADD COLUMN "queue_place" bigint;--> statement-breakpoint
-- Who waits already keeps the order they have had until now.
UPDATE "allocations" SET "queue_place" = "line"."place" FROM (
  SELECT "id", row_number() OVER (ORDER BY "queued_at", "requested_at", "id") AS "place" FROM "allocations" WHERE "state" = 'queued'
) "line" WHERE "line"."id" = "allocations"."id";--> statement-breakpoint
SELECT setval('queue_places', (SELECT coalesce(max("queue_place"), 0) + 1 FROM "allocations"), false);--> statement-breakpoint
CREATE INDEX "allocations_by_state" ON "allocations" USING btree ("state","pool","queue_place") WHERE "allocations"."state" in ('requested', 'queued', 'placed', 'active', 'retiring');--> statement-breakpoint
ALTER TABLE "allocations" ADD CONSTRAINT "queued_means_place" CHECK ("allocations"."state" <> 'queued' or "allocations"."queue_place" is not null);--> statement-breakpoint
-- Strangers that were seen are still there as far as anybody knows; the next report says more.
ALTER TABLE "devices" ADD COLUMN "occupancy" text NOT NULL DEFAULT 'unknown';--> statement-breakpoint
UPDATE "devices" SET "occupancy" = CASE WHEN jsonb_array_length("foreign") > 0 THEN 'occupied' WHEN "clear_reports" > 0 THEN 'clear' ELSE 'unknown' END;--> statement-breakpoint
ALTER TABLE "devices" ALTER COLUMN "occupancy" DROP DEFAULT;--> statement-breakpoint
ALTER TABLE "devices" ADD CONSTRAINT "occupancy_is_known" CHECK ("devices"."occupancy" in ('clear', 'occupied', 'unknown'));--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "parent" text;--> statement-breakpoint
-- A card and its slices are one thing: whoever has the one has not the other. The card's row is locked, so that the second of two waits and sees the first.
CREATE FUNCTION refuse_card_with_its_slices() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  card text;
BEGIN
  SELECT coalesce("parent", "uuid") INTO card FROM "devices" WHERE "uuid" = NEW."device";
  PERFORM 1 FROM "devices" WHERE "uuid" = card FOR NO KEY UPDATE;
  IF EXISTS (
    SELECT 1 FROM "leases" JOIN "devices" ON "devices"."uuid" = "leases"."device"
    WHERE "leases"."released_at" IS NULL AND CASE WHEN NEW."device" = card THEN "devices"."parent" = card ELSE "leases"."device" = card END
  ) THEN
    RAISE EXCEPTION '% is leased with its card or one of its slices', NEW."device"
      USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'a_card_or_its_slices';
  END IF;
  RETURN NEW;
END
$$;--> statement-breakpoint
CREATE TRIGGER a_card_or_its_slices BEFORE INSERT OR UPDATE ON "leases" FOR EACH ROW WHEN (NEW."released_at" IS NULL) EXECUTE FUNCTION refuse_card_with_its_slices();--> statement-breakpoint
ALTER TABLE "outbox" ADD COLUMN "shown_line" text;
