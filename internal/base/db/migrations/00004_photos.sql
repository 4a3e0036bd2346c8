-- +goose Up

-- Somebody's photos. nr only grows, and is never below what a reveal shows.
CREATE TABLE photos (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    nr         BIGINT NOT NULL,
    blob_key   TEXT NOT NULL,
    width      BIGINT NOT NULL,
    height     BIGINT NOT NULL,
    blurhash   TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX photos_nr ON photos (account_id, nr);

-- What two people show each other. Who offers shows their photos up to a nr;
-- nobody sees any before both have offered, and so it was opened.
CREATE TABLE reveals (
    a_id      TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    b_id      TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    a_upto    BIGINT,
    b_upto    BIGINT,
    opened_at BIGINT CHECK (opened_at IS NULL OR a_upto IS NOT NULL AND b_upto IS NOT NULL),
    seq       BIGINT NOT NULL,
    PRIMARY KEY (a_id, b_id),
    CHECK (a_id < b_id)
);
CREATE INDEX reveals_by_other ON reveals (b_id);

-- +goose Down
DROP TABLE reveals;
DROP TABLE photos;
