-- +goose Up

-- What somebody has written and said lately: until when it counts. Each character and each second moves
-- it on by their part of a day, and beyond a day from now nothing more is sent. A deletion gives nothing back.
CREATE TABLE message_quotas (
    account_id  TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    text_until  BIGINT NOT NULL DEFAULT 0,
    voice_until BIGINT NOT NULL DEFAULT 0
);
DROP INDEX message_blobs_by_account;
ALTER TABLE message_blobs DROP COLUMN account_id;
ALTER TABLE message_blobs DROP COLUMN ms;
ALTER TABLE message_blobs DROP COLUMN at;

-- The seq of the chat when the text changed last; NULL: the seq of the message. A reaction changes that
-- one alone, and the search index has nothing to do.
ALTER TABLE messages ADD COLUMN text_seq BIGINT;
ALTER TABLE search_chats DROP COLUMN clean_at;
ALTER TABLE search_chats ADD COLUMN whole BIGINT NOT NULL DEFAULT 0; -- the seq at which all texts were indexed
ALTER TABLE search_chats ADD COLUMN late BOOLEAN NOT NULL DEFAULT FALSE; -- something was changed since: some seconds' changes are indexed at once
CREATE INDEX search_chats_late ON search_chats (id) WHERE late;

-- Whether the listener hid read marks then: what they choose later does not change a number that is known.
ALTER TABLE moments_heard ADD COLUMN hidden BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE moments_heard SET hidden = TRUE WHERE account_id IN (SELECT account_id FROM read_marks WHERE NOT shown);

-- +goose Down
ALTER TABLE moments_heard DROP COLUMN hidden;
DROP INDEX search_chats_late;
ALTER TABLE search_chats DROP COLUMN late;
ALTER TABLE search_chats DROP COLUMN whole;
ALTER TABLE search_chats ADD COLUMN clean_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE messages DROP COLUMN text_seq;
ALTER TABLE message_blobs ADD COLUMN account_id TEXT NOT NULL DEFAULT '';
ALTER TABLE message_blobs ADD COLUMN ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE message_blobs ADD COLUMN at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX message_blobs_by_account ON message_blobs (account_id, at);
DROP TABLE message_quotas;
