-- +goose Up

-- What people said of somebody in private after calls, added up. Never shown.
CREATE TABLE regards (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    kind       BIGINT NOT NULL,
    unkind     BIGINT NOT NULL,
    on_topic   BIGINT NOT NULL,
    off_topic  BIGINT NOT NULL,
    safe       BIGINT NOT NULL,
    unsafe     BIGINT NOT NULL
);

-- Calls go thirty days after their end.
CREATE INDEX calls_by_end ON calls (ended_at) WHERE ended_at IS NOT NULL;

-- +goose Down
DROP INDEX calls_by_end;
DROP TABLE regards;
