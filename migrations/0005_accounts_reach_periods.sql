CREATE TABLE "accounts" (
	"account" text PRIMARY KEY NOT NULL,
	"period_kind" text NOT NULL,
	"period_start" timestamp with time zone NOT NULL
);
