-- +goose Up

-- Who follows whom. A row with at 0 is never committed: it is the lock of a pair.
CREATE TABLE follows (
    follower_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    followee_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    at          BIGINT NOT NULL,
    PRIMARY KEY (follower_id, followee_id),
    CHECK (follower_id <> followee_id)
);
CREATE INDEX follows_by_follower ON follows (follower_id, at, followee_id);
CREATE INDEX follows_by_followee ON follows (followee_id, at, follower_id);
CREATE INDEX follows_fan_out ON follows (followee_id, follower_id);

-- +goose Down
DROP TABLE follows;
