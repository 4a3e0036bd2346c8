-- +goose Up

-- What of each chat is in the search index. The end of a chat leaves a row without people,
-- which names what is still to be deleted; nothing finds it.
CREATE TABLE search_chats (
    id       BIGINT PRIMARY KEY,
    a_id     TEXT,
    b_id     TEXT,
    seq      BIGINT NOT NULL, -- of the chat, up to which its messages are indexed
    last_n   BIGINT NOT NULL, -- the greatest number among them
    clean_at BIGINT NOT NULL, -- when it was indexed to its end: no text from before an older edit is left
    UNIQUE (a_id, b_id),
    FOREIGN KEY (a_id, b_id) REFERENCES chats (a_id, b_id) ON DELETE SET NULL
);
CREATE INDEX search_chats_ended ON search_chats (id) WHERE a_id IS NULL;

-- A part is 1,024 messages in a row.
CREATE TABLE search_parts (
    chat_id BIGINT NOT NULL,
    no      BIGINT NOT NULL, -- 0: the first
    at      BIGINT NOT NULL, -- of its newest message
    PRIMARY KEY (chat_id, no)
);

-- The inverted index: in which messages of a block of 64 a word is.
CREATE TABLE search_words (
    part  BIGINT NOT NULL, -- the id of the chat * 2^20 + the number of the part
    word  BYTEA NOT NULL,  -- compared by bytes on both engines
    block BIGINT NOT NULL, -- 0..15, within the part
    hits  BIGINT NOT NULL, -- one bit for each message
    at    BIGINT NOT NULL, -- none of them is newer
    PRIMARY KEY (part, word, block)
);
CREATE INDEX search_words_block ON search_words (part, block); -- for what is taken out of the index

-- +goose Down
DROP TABLE search_words;
DROP TABLE search_parts;
DROP TABLE search_chats;
