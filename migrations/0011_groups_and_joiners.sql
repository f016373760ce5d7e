CREATE TABLE "group_members" (
	"slack_group" text NOT NULL,
	"slack_user" text NOT NULL,
	"joined_at" timestamp with time zone,
	"missing_since" timestamp with time zone,
	CONSTRAINT "group_members_slack_group_slack_user_pk" PRIMARY KEY("slack_group","slack_user")
);
--> statement-breakpoint
CREATE TABLE "slack_groups" (
	"slack_group" text PRIMARY KEY NOT NULL,
	"first_read_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "group_members" ADD CONSTRAINT "group_members_slack_group_slack_groups_slack_group_fk" FOREIGN KEY ("slack_group") REFERENCES "public"."slack_groups"("slack_group") ON DELETE no action ON UPDATE no action;