-- +goose Up
-- A chat without a match that is not of acquainted people begins as a request: one of the two may send one message, and the other
-- has a chat once they answer.
ALTER TABLE chats ADD COLUMN matched BOOLEAN NOT NULL DEFAULT TRUE; -- it ends with the match
ALTER TABLE chats ADD COLUMN asked TEXT NOT NULL DEFAULT '' CHECK (asked IN ('', 'a', 'b')); -- who asks; '': nobody, it is open
ALTER TABLE chats ADD COLUMN asked_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE chats ADD COLUMN declined_at BIGINT; -- for who asks it is as before
CREATE INDEX chats_asked_by_a ON chats (a_id, asked_at) WHERE asked <> '';
CREATE INDEX chats_asked_by_b ON chats (b_id, asked_at) WHERE asked <> '';
CREATE INDEX chats_asked_at ON chats (asked_at) WHERE asked <> '';
-- Who has declined a request or ended a chat without a match: on_id may not ask by_id again.
CREATE TABLE chat_refusals (
    by_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    on_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    at    BIGINT NOT NULL,
    PRIMARY KEY (by_id, on_id)
);
CREATE INDEX chat_refusals_by_on ON chat_refusals (on_id);
-- What somebody chose for their chats. No row: the defaults.
CREATE TABLE chat_settings (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    requests   BOOLEAN NOT NULL, -- takes requests
    most       BIGINT NOT NULL   -- chats at a time; 0: no limit
);
-- +goose Down
DROP TABLE chat_settings;
DROP TABLE chat_refusals;
DROP INDEX chats_asked_at;
DROP INDEX chats_asked_by_b;
DROP INDEX chats_asked_by_a;
ALTER TABLE chats DROP COLUMN declined_at;
ALTER TABLE chats DROP COLUMN asked_at;
ALTER TABLE chats DROP COLUMN asked;
ALTER TABLE chats DROP COLUMN matched;
