-- +goose Up
-- Both have begun this chat, and neither has written: each has a request to send, and knows nothing of the other's.
ALTER TABLE chats ADD COLUMN asked_both BOOLEAN NOT NULL DEFAULT FALSE;

-- +goose Down
ALTER TABLE chats DROP COLUMN asked_both;
