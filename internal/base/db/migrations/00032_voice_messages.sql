-- +goose Up

-- A voice message is a message with audio; its text is the text alternative.
ALTER TABLE messages ADD COLUMN audio_key TEXT;   -- blob; NULL: a text, or deleted
ALTER TABLE messages ADD COLUMN audio_ms BIGINT;
ALTER TABLE messages ADD COLUMN audio_peaks TEXT; -- base64
ALTER TABLE messages ADD COLUMN heard_at BIGINT;  -- when the other listened to it first
CREATE UNIQUE INDEX messages_by_audio ON messages (audio_key) WHERE audio_key IS NOT NULL;
CREATE INDEX messages_heard ON messages (a_id, b_id, n) WHERE heard_at IS NOT NULL;

-- Every blob of a message. There is no foreign key: the row outlives a message that went
-- with its chat or an account, so that the blob is found and deleted.
CREATE TABLE message_blobs (
    key        TEXT PRIMARY KEY,
    account_id TEXT NOT NULL, -- whose voice it is
    ms         BIGINT NOT NULL,
    at         BIGINT NOT NULL
);
CREATE INDEX message_blobs_by_account ON message_blobs (account_id, at);

-- +goose Down
DROP TABLE message_blobs;
DROP INDEX messages_heard;
DROP INDEX messages_by_audio;
ALTER TABLE messages DROP COLUMN heard_at;
ALTER TABLE messages DROP COLUMN audio_peaks;
ALTER TABLE messages DROP COLUMN audio_ms;
ALTER TABLE messages DROP COLUMN audio_key;
