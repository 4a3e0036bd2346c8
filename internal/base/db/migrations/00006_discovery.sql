-- +goose Up

-- What two people chose of each other. a_id stands before b_id; the row is the
-- lock of the pair. A match has matched_at, and one that is over ended_at as
-- well, for ever.
CREATE TABLE pairs (
    a_id       TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    b_id       TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    a_choice   TEXT NOT NULL DEFAULT '' CHECK (a_choice IN ('', 'like', 'pass')), -- a's of b
    a_at       BIGINT NOT NULL DEFAULT 0,
    b_choice   TEXT NOT NULL DEFAULT '' CHECK (b_choice IN ('', 'like', 'pass')), -- b's of a
    b_at       BIGINT NOT NULL DEFAULT 0,
    matched_at BIGINT,
    ended_at   BIGINT,
    seq        BIGINT NOT NULL DEFAULT 0, -- of the facts told about the pair
    PRIMARY KEY (a_id, b_id)
);
CREATE INDEX pairs_by_b ON pairs (b_id);
CREATE INDEX pairs_matched_a ON pairs (a_id, matched_at) WHERE matched_at IS NOT NULL;
CREATE INDEX pairs_matched_b ON pairs (b_id, matched_at) WHERE matched_at IS NOT NULL;
CREATE INDEX pairs_passed ON pairs (a_at, b_at) WHERE matched_at IS NULL AND a_choice <> 'like' AND b_choice <> 'like';

-- Whoever chooses: the lock of one person's choices, and their number.
CREATE TABLE choosers (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    n          BIGINT NOT NULL
);

-- The choices of the last day: for quotas, and for taking the last one back.
CREATE TABLE choices (
    by_id  TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    n      BIGINT NOT NULL,
    on_id  TEXT NOT NULL,
    liked  BOOLEAN NOT NULL,   -- counts as a like
    at     BIGINT NOT NULL,
    was    TEXT NOT NULL,      -- what by had chosen before
    was_at BIGINT NOT NULL,
    undone BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (by_id, n)
);
CREATE INDEX choices_by_age ON choices (at);

-- How much of an audience somebody had. It halves each week: kept as if at the
-- beginning of 2026, so that adding to it is all there is to do.
CREATE TABLE exposures (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    audience   DOUBLE PRECISION NOT NULL
);

-- Which voices somebody liked, and which they did not: weights and weighted
-- sums of pitch, brightness, tempo and energy.
CREATE TABLE tastes (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    liked      DOUBLE PRECISION NOT NULL,
    liked_1    DOUBLE PRECISION NOT NULL,
    liked_2    DOUBLE PRECISION NOT NULL,
    liked_3    DOUBLE PRECISION NOT NULL,
    liked_4    DOUBLE PRECISION NOT NULL,
    left_out   DOUBLE PRECISION NOT NULL,
    left_1     DOUBLE PRECISION NOT NULL,
    left_2     DOUBLE PRECISION NOT NULL,
    left_3     DOUBLE PRECISION NOT NULL,
    left_4     DOUBLE PRECISION NOT NULL
);

-- Who wants to be told when somebody fits, and who fitted already.
CREATE TABLE bells (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    known      TEXT NOT NULL,  -- JSON array of ids
    set_at     BIGINT NOT NULL,
    looked_at  BIGINT NOT NULL
);
CREATE INDEX bells_by_look ON bells (looked_at);

-- +goose Down
DROP TABLE bells;
DROP TABLE tastes;
DROP TABLE exposures;
DROP TABLE choices;
DROP TABLE choosers;
DROP TABLE pairs;
