-- +goose Up

-- A pass hides the one who passed from the other only from a random later
-- moment on: 0 is at once, as passes before this migration did.
ALTER TABLE pairs ADD COLUMN a_hides_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE pairs ADD COLUMN b_hides_at BIGINT NOT NULL DEFAULT 0;

-- How often somebody changed what decides whom they are shown: one row per
-- account and kind ('gender', 'wishes'), with the count of one UTC day.
CREATE TABLE profile_changes (
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL,
    day        TEXT NOT NULL,   -- YYYY-MM-DD
    n          BIGINT NOT NULL,
    PRIMARY KEY (account_id, kind)
);

-- +goose Down
DROP TABLE profile_changes;
ALTER TABLE pairs DROP COLUMN b_hides_at;
ALTER TABLE pairs DROP COLUMN a_hides_at;
