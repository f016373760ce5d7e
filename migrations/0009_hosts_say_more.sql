ALTER TABLE "allocations" ADD COLUMN "min_driver" text;--> statement-breakpoint
ALTER TABLE "hosts" ADD COLUMN "driver" text;--> statement-breakpoint
ALTER TABLE "hosts" ADD COLUMN "labels" jsonb DEFAULT '[]'::jsonb NOT NULL;