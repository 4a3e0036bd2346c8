-- +goose Up

ALTER TABLE rooms ADD COLUMN chat TEXT NOT NULL DEFAULT 'on' CHECK (chat IN ('on', 'off'));
ALTER TABLE rooms ADD COLUMN slow_seconds BIGINT NOT NULL DEFAULT 0; -- between two messages of one person; hosts do not wait
ALTER TABLE rooms ADD COLUMN link TEXT NOT NULL DEFAULT '';          -- pinned for everybody in the room; '': none
ALTER TABLE room_members ADD COLUMN chat_muted BOOLEAN NOT NULL DEFAULT FALSE; -- by a host: writes no more

-- What was written in a room, until its row goes.
CREATE TABLE room_messages (
    room_id    TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    n          BIGINT NOT NULL,      -- 1, 2, ... in the order of the room
    id         TEXT NOT NULL,        -- chosen by the author's client
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    text       TEXT,                 -- null: deleted
    mentions   TEXT NOT NULL DEFAULT '', -- ids of accounts, with spaces between them
    at         BIGINT NOT NULL,      -- grows with n
    deleted_at BIGINT,
    deleted_by TEXT CHECK (deleted_by IN ('author', 'host', 'co_host')),
    PRIMARY KEY (room_id, n),
    CHECK ((text IS NULL) = (deleted_at IS NOT NULL)),
    CHECK ((deleted_by IS NULL) = (deleted_at IS NULL))
);
CREATE UNIQUE INDEX room_messages_ids ON room_messages (room_id, id);
CREATE UNIQUE INDEX room_messages_at ON room_messages (room_id, at);
CREATE INDEX room_messages_of ON room_messages (room_id, account_id, at);
CREATE INDEX room_messages_by_account ON room_messages (account_id);

-- +goose Down
DROP TABLE room_messages;
ALTER TABLE room_members DROP COLUMN chat_muted;
ALTER TABLE rooms DROP COLUMN link;
ALTER TABLE rooms DROP COLUMN slow_seconds;
ALTER TABLE rooms DROP COLUMN chat;
