CREATE TABLE "homes" (
	"member_id" bigint PRIMARY KEY NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"drawn_from" text,
	"as_approver" boolean DEFAULT false NOT NULL,
	"next_at" timestamp with time zone NOT NULL,
	"claimed_until" timestamp with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "home_attempts_are_not_negative" CHECK ("homes"."attempts" >= 0)
);
--> statement-breakpoint
ALTER TABLE "homes" ADD CONSTRAINT "homes_member_id_members_id_fk" FOREIGN KEY ("member_id") REFERENCES "public"."members"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "homes_due" ON "homes" USING btree ("next_at");