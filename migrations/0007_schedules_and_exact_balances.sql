CREATE TABLE "schedules" (
	"name" text PRIMARY KEY NOT NULL,
	"done_due_at" timestamp with time zone,
	"claimed_until" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "balances" ADD CONSTRAINT "balances_are_exact" CHECK (abs("balances"."committed") <= 9007199254740991);