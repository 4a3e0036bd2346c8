-- +goose Up

-- Each time somebody set out to show that they are who they say. Once it is
-- decided, the recording and the selfie go after a month; the outcome stays.
CREATE TABLE verifications (
    id           TEXT PRIMARY KEY,
    account_id   TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    state        TEXT NOT NULL CHECK (state IN ('started', 'replaced', 'waiting', 'approved', 'declined')),
    phrase       TEXT NOT NULL,   -- JSON array of words
    pose         TEXT NOT NULL,
    voice_key    TEXT,            -- blobs
    selfie_key   TEXT,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL, -- to be sent in before
    submitted_at BIGINT,
    decided_at   BIGINT,
    decided_by   TEXT,
    why          TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX verifications_open ON verifications (account_id) WHERE state IN ('started', 'waiting');
CREATE INDEX verifications_by_account ON verifications (account_id, created_at);
CREATE INDEX verifications_waiting ON verifications (submitted_at) WHERE state = 'waiting';
CREATE INDEX verifications_kept ON verifications (expires_at) WHERE voice_key IS NOT NULL OR selfie_key IS NOT NULL;

-- +goose Down
DROP TABLE verifications;
