CREATE SEQUENCE "public"."fences" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE SEQUENCE "public"."unix_ids" INCREMENT BY 1 MINVALUE 200000 MAXVALUE 299999 START WITH 200000 CACHE 1;--> statement-breakpoint
CREATE TABLE "allocations" (
	"id" text PRIMARY KEY NOT NULL,
	"member_id" bigint NOT NULL,
	"state" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"requested_at" timestamp with time zone NOT NULL,
	"pool" text NOT NULL,
	"device_count" integer NOT NULL,
	"capacity_milli" integer NOT NULL,
	"image" text NOT NULL,
	"limits" jsonb NOT NULL,
	"duration_seconds" integer NOT NULL,
	"until" timestamp with time zone,
	"on_host" text,
	"purpose" text NOT NULL,
	"lapses_at" timestamp with time zone NOT NULL,
	"queued_at" timestamp with time zone,
	"host" text,
	"fence" bigint,
	"placed_at" timestamp with time zone,
	"added_revision" bigint,
	"active_at" timestamp with time zone,
	"lease_ends_at" timestamp with time zone,
	"container_name" text,
	"retiring_at" timestamp with time zone,
	"retiring_revision" bigint,
	"ended_at" timestamp with time zone,
	"changed_by" text NOT NULL,
	"changed_at" timestamp with time zone NOT NULL,
	"reason" text,
	CONSTRAINT "state_is_known" CHECK ("allocations"."state" in ('requested', 'queued', 'placed', 'active', 'retiring', 'retired', 'denied', 'lapsed', 'cancelled', 'failed')),
	CONSTRAINT "capacity_is_positive_for_devices" CHECK ("allocations"."device_count" >= 0 and "allocations"."capacity_milli" >= 0 and ("allocations"."device_count" = 0) = ("allocations"."capacity_milli" = 0)),
	CONSTRAINT "placed_means_host_and_fence" CHECK (not ("allocations"."state" in ('placed', 'active', 'retiring')) or ("allocations"."host" is not null and "allocations"."fence" is not null and "allocations"."added_revision" is not null)),
	CONSTRAINT "active_means_lease_end" CHECK ("allocations"."state" <> 'active' or ("allocations"."active_at" is not null and "allocations"."lease_ends_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "devices" (
	"uuid" text PRIMARY KEY NOT NULL,
	"host" text NOT NULL,
	"index" integer NOT NULL,
	"model" text NOT NULL,
	"memory_mib" integer NOT NULL,
	"present" boolean NOT NULL,
	"clear_reports" integer NOT NULL,
	"foreign" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"seen_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "events" (
	"sequence" bigserial PRIMARY KEY NOT NULL,
	"allocation_id" text NOT NULL,
	"event" text NOT NULL,
	"from_state" text,
	"to_state" text NOT NULL,
	"version" integer NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"actor" text NOT NULL,
	"detail" jsonb NOT NULL,
	CONSTRAINT "event_states_are_known" CHECK (("events"."from_state" is null or "events"."from_state" in ('requested', 'queued', 'placed', 'active', 'retiring', 'retired', 'denied', 'lapsed', 'cancelled', 'failed')) and "events"."to_state" in ('requested', 'queued', 'placed', 'active', 'retiring', 'retired', 'denied', 'lapsed', 'cancelled', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "hosts" (
	"name" text PRIMARY KEY NOT NULL,
	"mode" text NOT NULL,
	"run" uuid NOT NULL,
	"last_sequence" bigint DEFAULT 0 NOT NULL,
	"desired_revision" bigint DEFAULT 1 NOT NULL,
	"applied_revision" bigint DEFAULT 0 NOT NULL,
	"engine" text NOT NULL,
	"gpus" text NOT NULL,
	"last_report_at" timestamp with time zone,
	"problems" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"orphans" jsonb DEFAULT '[]'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "inbox" (
	"key" text PRIMARY KEY NOT NULL,
	"verb" text NOT NULL,
	"slack_team" text NOT NULL,
	"slack_user" text NOT NULL,
	"ask" jsonb,
	"received_at" timestamp with time zone NOT NULL,
	"claimed_until" timestamp with time zone NOT NULL,
	"attempts" integer DEFAULT 1 NOT NULL,
	"done_at" timestamp with time zone,
	"outcome" jsonb,
	"answered_at" timestamp with time zone,
	CONSTRAINT "done_keeps_no_ask" CHECK ("inbox"."done_at" is null or "inbox"."ask" is null)
);
--> statement-breakpoint
CREATE TABLE "leases" (
	"allocation_id" text NOT NULL,
	"device" text NOT NULL,
	"fence" bigint NOT NULL,
	"leased_at" timestamp with time zone NOT NULL,
	"released_at" timestamp with time zone,
	CONSTRAINT "leases_allocation_id_device_pk" PRIMARY KEY("allocation_id","device")
);
--> statement-breakpoint
CREATE TABLE "ledger" (
	"one" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"id" uuid NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "only_one_ledger" CHECK ("ledger"."one")
);
--> statement-breakpoint
CREATE TABLE "members" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"slack_team" text NOT NULL,
	"slack_user" text NOT NULL,
	"name" text NOT NULL,
	"zone" text NOT NULL,
	"unix_id" integer DEFAULT nextval('unix_ids') NOT NULL,
	"first_seen_at" timestamp with time zone NOT NULL,
	CONSTRAINT "one_unix_id_per_member" UNIQUE("unix_id")
);
--> statement-breakpoint
CREATE TABLE "observed" (
	"host" text NOT NULL,
	"allocation_id" text NOT NULL,
	"report" jsonb NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "observed_host_allocation_id_pk" PRIMARY KEY("host","allocation_id")
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"key" text NOT NULL,
	"kind" text NOT NULL,
	"allocation_id" text,
	"facts" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"recipient" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"wanted" integer DEFAULT 1 NOT NULL,
	"shown" integer DEFAULT 0 NOT NULL,
	"channel" text,
	"ts" text,
	"claimed_until" timestamp with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_at" timestamp with time zone NOT NULL,
	"last_error" text,
	"sent_at" timestamp with time zone,
	"abandoned_at" timestamp with time zone,
	CONSTRAINT "one_outbox_row_per_key" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "policies" (
	"version" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "policies_version_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"imported_at" timestamp with time zone NOT NULL,
	"document" jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "allocations" ADD CONSTRAINT "allocations_member_id_members_id_fk" FOREIGN KEY ("member_id") REFERENCES "public"."members"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "allocations" ADD CONSTRAINT "allocations_host_hosts_name_fk" FOREIGN KEY ("host") REFERENCES "public"."hosts"("name") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "devices" ADD CONSTRAINT "devices_host_hosts_name_fk" FOREIGN KEY ("host") REFERENCES "public"."hosts"("name") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "events" ADD CONSTRAINT "events_allocation_id_allocations_id_fk" FOREIGN KEY ("allocation_id") REFERENCES "public"."allocations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "leases" ADD CONSTRAINT "leases_allocation_id_allocations_id_fk" FOREIGN KEY ("allocation_id") REFERENCES "public"."allocations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "leases" ADD CONSTRAINT "leases_device_devices_uuid_fk" FOREIGN KEY ("device") REFERENCES "public"."devices"("uuid") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "observed" ADD CONSTRAINT "observed_host_hosts_name_fk" FOREIGN KEY ("host") REFERENCES "public"."hosts"("name") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_allocation_id_allocations_id_fk" FOREIGN KEY ("allocation_id") REFERENCES "public"."allocations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "allocations_holding" ON "allocations" USING btree ("member_id") WHERE "allocations"."state" in ('requested', 'queued', 'placed', 'active', 'retiring');--> statement-breakpoint
CREATE INDEX "allocations_by_state" ON "allocations" USING btree ("state","pool","queued_at") WHERE "allocations"."state" in ('requested', 'queued', 'placed', 'active', 'retiring');--> statement-breakpoint
CREATE INDEX "allocations_on_host" ON "allocations" USING btree ("host") WHERE "allocations"."state" in ('placed', 'active', 'retiring');--> statement-breakpoint
CREATE INDEX "devices_of_host" ON "devices" USING btree ("host");--> statement-breakpoint
CREATE UNIQUE INDEX "one_event_per_version" ON "events" USING btree ("allocation_id","version");--> statement-breakpoint
CREATE INDEX "inbox_open" ON "inbox" USING btree ("received_at") WHERE "inbox"."answered_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "one_live_lease_per_device" ON "leases" USING btree ("device") WHERE "leases"."released_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "one_member_per_slack_user" ON "members" USING btree ("slack_team","slack_user");--> statement-breakpoint
CREATE INDEX "outbox_due" ON "outbox" USING btree ("next_at") WHERE "outbox"."shown" < "outbox"."wanted" and "outbox"."abandoned_at" is null;--> statement-breakpoint
CREATE INDEX "outbox_of_allocation" ON "outbox" USING btree ("allocation_id");--> statement-breakpoint
CREATE INDEX "outbox_by_message" ON "outbox" USING btree ("channel","ts");