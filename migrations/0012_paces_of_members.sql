CREATE UNLOGGED TABLE "paces" (
	"slack_team" text NOT NULL,
	"slack_user" text NOT NULL,
	"full_at" timestamp with time zone NOT NULL,
	"admitted" integer NOT NULL,
	CONSTRAINT "paces_slack_team_slack_user_pk" PRIMARY KEY("slack_team","slack_user")
);
