-- +goose Up

-- The chat of two people with a match: it is there exactly as long as the match is.
CREATE TABLE chats (
    a_id     TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    b_id     TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    seq      BIGINT NOT NULL DEFAULT 0, -- grows with each new or changed message
    last_n   BIGINT NOT NULL DEFAULT 0, -- the number of the newest message
    at       BIGINT NOT NULL,           -- of the newest message, or of the match
    a_read_n BIGINT NOT NULL DEFAULT 0, -- how far each of the two has read
    b_read_n BIGINT NOT NULL DEFAULT 0,
    a_unread BIGINT NOT NULL DEFAULT 0, -- messages of the other beyond that
    b_unread BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (a_id, b_id),
    CHECK (a_id < b_id)
);
CREATE INDEX chats_of_a ON chats (a_id, at);
CREATE INDEX chats_of_b ON chats (b_id, at);

CREATE TABLE messages (
    a_id       TEXT NOT NULL,
    b_id       TEXT NOT NULL,
    n          BIGINT NOT NULL, -- 1, 2, ... without gaps
    id         TEXT NOT NULL,   -- the sender's client chose it, so that sending again changes nothing
    by_id      TEXT NOT NULL,
    text       TEXT NOT NULL,
    reply_n    BIGINT,
    at         BIGINT NOT NULL,
    edited_at  BIGINT,
    deleted_at BIGINT,          -- then the text is gone, and the row keeps its number
    a_reaction TEXT NOT NULL DEFAULT '',
    b_reaction TEXT NOT NULL DEFAULT '',
    seq        BIGINT NOT NULL, -- of the chat, when it changed last
    PRIMARY KEY (a_id, b_id, n),
    FOREIGN KEY (a_id, b_id) REFERENCES chats (a_id, b_id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX messages_by_id ON messages (a_id, b_id, id);
CREATE UNIQUE INDEX messages_by_seq ON messages (a_id, b_id, seq);

-- Who hides how far they have read. No row: shown.
CREATE TABLE read_marks (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    shown      BOOLEAN NOT NULL
);

INSERT INTO chats (a_id, b_id, at)
    SELECT a_id, b_id, matched_at FROM pairs WHERE matched_at IS NOT NULL AND ended_at IS NULL;

-- +goose Down
DROP TABLE read_marks;
DROP TABLE messages;
DROP TABLE chats;
