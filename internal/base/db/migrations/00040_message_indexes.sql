-- +goose Up
-- An account has few chats, so PostgreSQL, which takes columns for independent, expects one message
-- for the two columns of a chat, and then one index that begins with them is as good to it as
-- another: it looked for the message a reply is to through all of the chat, by seq. Only the primary key
-- begins with the two columns now. The others begin with one expression, whose values it counts.
DROP INDEX messages_by_id;
DROP INDEX messages_by_seq;
DROP INDEX messages_heard;
CREATE UNIQUE INDEX messages_by_id ON messages ((a_id || b_id), id);
CREATE UNIQUE INDEX messages_by_seq ON messages ((a_id || b_id), seq);
CREATE INDEX messages_heard ON messages ((a_id || b_id), n) WHERE heard_at IS NOT NULL;

-- +goose Down
DROP INDEX messages_heard;
DROP INDEX messages_by_seq;
DROP INDEX messages_by_id;
CREATE UNIQUE INDEX messages_by_id ON messages (a_id, b_id, id);
CREATE UNIQUE INDEX messages_by_seq ON messages (a_id, b_id, seq);
CREATE INDEX messages_heard ON messages (a_id, b_id, n) WHERE heard_at IS NOT NULL;
