CREATE TABLE "balances" (
	"account" text NOT NULL,
	"period_kind" text NOT NULL,
	"period_start" timestamp with time zone NOT NULL,
	"committed" bigint NOT NULL,
	CONSTRAINT "balances_account_period_kind_period_start_pk" PRIMARY KEY("account","period_kind","period_start")
);
--> statement-breakpoint
CREATE TABLE "entries" (
	"sequence" bigserial PRIMARY KEY NOT NULL,
	"account" text NOT NULL,
	"kind" text NOT NULL,
	"amount" bigint NOT NULL,
	"period_kind" text NOT NULL,
	"period_start" timestamp with time zone NOT NULL,
	"allocation_id" text,
	"at" timestamp with time zone NOT NULL,
	"actor" text NOT NULL,
	"reason" text,
	CONSTRAINT "entry_kind_is_known" CHECK ("entries"."kind" in ('hold', 'post', 'void', 'adjust')),
	CONSTRAINT "only_an_adjustment_stands_alone" CHECK (("entries"."kind" = 'adjust') = ("entries"."allocation_id" is null)),
	CONSTRAINT "amounts_are_positive" CHECK ("entries"."kind" = 'adjust' or "entries"."amount" > 0),
	CONSTRAINT "amounts_are_exact" CHECK (abs("entries"."amount") <= 9007199254740991)
);
--> statement-breakpoint
CREATE TABLE "overrides" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"member_id" bigint NOT NULL,
	"limit" text NOT NULL,
	"value" bigint NOT NULL,
	"reason" text NOT NULL,
	"actor" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"revoked_by" text,
	CONSTRAINT "override_limit_is_known" CHECK ("overrides"."limit" in ('gpus', 'gpusPerRequest', 'cpuContainers', 'maxDuration', 'gpuHours')),
	CONSTRAINT "override_is_not_negative" CHECK ("overrides"."value" >= 0)
);
--> statement-breakpoint
-- What was granted before budgets existed is charged nothing.
ALTER TABLE "allocations" ADD COLUMN "charge_milli" integer NOT NULL DEFAULT 0;--> statement-breakpoint
ALTER TABLE "allocations" ALTER COLUMN "charge_milli" DROP DEFAULT;--> statement-breakpoint
ALTER TABLE "allocations" ADD COLUMN "team" text;--> statement-breakpoint
ALTER TABLE "observed" ADD COLUMN "running_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "entries" ADD CONSTRAINT "entries_allocation_id_allocations_id_fk" FOREIGN KEY ("allocation_id") REFERENCES "public"."allocations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "overrides" ADD CONSTRAINT "overrides_member_id_members_id_fk" FOREIGN KEY ("member_id") REFERENCES "public"."members"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "entries_of_period" ON "entries" USING btree ("account","period_kind","period_start");--> statement-breakpoint
CREATE INDEX "entries_of_allocation" ON "entries" USING btree ("allocation_id");--> statement-breakpoint
CREATE INDEX "overrides_of_member" ON "overrides" USING btree ("member_id");--> statement-breakpoint
CREATE INDEX "allocations_of_team" ON "allocations" USING btree ("team") WHERE "allocations"."state" in ('requested', 'queued', 'placed', 'active', 'retiring');--> statement-breakpoint
ALTER TABLE "allocations" ADD CONSTRAINT "charge_is_not_negative" CHECK ("allocations"."charge_milli" >= 0);