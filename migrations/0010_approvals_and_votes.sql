CREATE TABLE "approvals" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"allocation_id" text NOT NULL,
	"kind" text NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"asked_at" timestamp with time zone NOT NULL,
	"extend_seconds" integer,
	"stage" integer DEFAULT 0 NOT NULL,
	"next_at" timestamp with time zone,
	"lapses_at" timestamp with time zone NOT NULL,
	"paused_seconds" integer,
	"closed_at" timestamp with time zone,
	CONSTRAINT "approval_kind_is_known" CHECK ("approvals"."kind" in ('new', 'extend')),
	CONSTRAINT "approval_state_is_known" CHECK ("approvals"."state" in ('open', 'approved', 'denied', 'lapsed', 'withdrawn')),
	CONSTRAINT "open_means_not_closed" CHECK (("approvals"."state" = 'open') = ("approvals"."closed_at" is null)),
	CONSTRAINT "only_an_extension_has_a_length" CHECK (("approvals"."kind" = 'extend') = ("approvals"."extend_seconds" is not null)),
	CONSTRAINT "extension_is_longer" CHECK ("approvals"."extend_seconds" > 0)
);
--> statement-breakpoint
CREATE TABLE "hand_overs" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"from_user" text NOT NULL,
	"to_user" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"until" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "hand_over_has_an_end" CHECK ("hand_overs"."until" > "hand_overs"."at" and "hand_overs"."from_user" <> "hand_overs"."to_user")
);
--> statement-breakpoint
CREATE TABLE "standing_approvals" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"member_id" bigint NOT NULL,
	"pool" text NOT NULL,
	"capacity_milli" integer NOT NULL,
	"duration_seconds" integer NOT NULL,
	"granted_by" text NOT NULL,
	"granted_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone,
	"revoked_by" text,
	CONSTRAINT "standing_approval_is_bounded" CHECK ("standing_approvals"."capacity_milli" > 0 and "standing_approvals"."duration_seconds" > 0 and "standing_approvals"."expires_at" > "standing_approvals"."granted_at")
);
--> statement-breakpoint
CREATE TABLE "votes" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"approval_id" bigint NOT NULL,
	"member_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"on_behalf_of" text,
	"words" text,
	"answer" text,
	"answered_at" timestamp with time zone,
	CONSTRAINT "vote_kind_is_known" CHECK ("votes"."kind" in ('approve', 'lower', 'deny', 'ask')),
	CONSTRAINT "an_answer_has_its_time" CHECK (("votes"."answer" is null) = ("votes"."answered_at" is null)),
	CONSTRAINT "only_a_question_is_answered" CHECK ("votes"."kind" = 'ask' or "votes"."answer" is null),
	CONSTRAINT "a_question_has_words" CHECK ("votes"."kind" <> 'ask' or "votes"."words" is not null)
);
--> statement-breakpoint
ALTER TABLE "approvals" ADD CONSTRAINT "approvals_allocation_id_allocations_id_fk" FOREIGN KEY ("allocation_id") REFERENCES "public"."allocations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "standing_approvals" ADD CONSTRAINT "standing_approvals_member_id_members_id_fk" FOREIGN KEY ("member_id") REFERENCES "public"."members"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "votes" ADD CONSTRAINT "votes_approval_id_approvals_id_fk" FOREIGN KEY ("approval_id") REFERENCES "public"."approvals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "votes" ADD CONSTRAINT "votes_member_id_members_id_fk" FOREIGN KEY ("member_id") REFERENCES "public"."members"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "one_open_approval_per_allocation" ON "approvals" USING btree ("allocation_id") WHERE "approvals"."state" = 'open';--> statement-breakpoint
CREATE INDEX "approvals_of_allocation" ON "approvals" USING btree ("allocation_id");--> statement-breakpoint
CREATE INDEX "approvals_due" ON "approvals" USING btree ("next_at") WHERE "approvals"."state" = 'open';--> statement-breakpoint
CREATE UNIQUE INDEX "one_hand_over_per_approver" ON "hand_overs" USING btree ("from_user") WHERE "hand_overs"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "standing_approvals_of_member" ON "standing_approvals" USING btree ("member_id") WHERE "standing_approvals"."revoked_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "one_deciding_vote_per_approval" ON "votes" USING btree ("approval_id") WHERE "votes"."kind" <> 'ask';--> statement-breakpoint
CREATE INDEX "votes_of_approval" ON "votes" USING btree ("approval_id");--> statement-breakpoint
INSERT INTO "approvals" ("allocation_id", "kind", "asked_at", "lapses_at") SELECT "id", 'new', "requested_at", "lapses_at" FROM "allocations" WHERE "state" = 'requested';
