-- +goose Up

-- A voice post, live until expires_at. The author's client chose the id. One that was removed
-- keeps its row until then, without text and audio, so that it is not posted again by a retry.
CREATE TABLE moments (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    audience   TEXT NOT NULL, -- matches, followers or everyone
    text       TEXT NOT NULL, -- the text alternative; may be empty
    audio_key  TEXT,          -- blob; NULL: removed
    ms         BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX moments_by_account ON moments (account_id, at);
CREATE INDEX moments_for_everyone ON moments (at) WHERE audience = 'everyone' AND audio_key IS NOT NULL;
CREATE INDEX moments_by_expiry ON moments (expires_at);
CREATE UNIQUE INDEX moments_by_audio ON moments (audio_key) WHERE audio_key IS NOT NULL;

-- Who has listened to what: for the listener alone.
CREATE TABLE moments_heard (
    moment_id  TEXT NOT NULL REFERENCES moments (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    PRIMARY KEY (moment_id, account_id)
);
CREATE INDEX moments_heard_by_account ON moments_heard (account_id);

-- How many moments somebody has ever posted. The row is the lock of its author's limits.
CREATE TABLE moment_authors (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    n          BIGINT NOT NULL
);

-- Every blob of a moment. There is no foreign key: the row outlives a moment that went with an
-- account, so that the blob is found and deleted.
CREATE TABLE moment_blobs (
    key TEXT PRIMARY KEY
);

-- Which moment of the other's a voice message answers. The moment may be gone.
ALTER TABLE messages ADD COLUMN moment_id TEXT;

-- +goose Down
ALTER TABLE messages DROP COLUMN moment_id;
DROP TABLE moment_blobs;
DROP TABLE moment_authors;
DROP TABLE moments_heard;
DROP TABLE moments;
