-- +goose Up

-- Sign-in codes belong to the browser that asked for them. A row is kept for an
-- hour, longer than its code lives: the rows are the counts of the limits.
DROP TABLE sign_in_codes;
CREATE TABLE sign_in_codes (
    id         TEXT PRIMARY KEY,
    email      TEXT NOT NULL,
    mailbox    TEXT NOT NULL,    -- email without what many addresses of one mailbox differ by
    browser    TEXT NOT NULL,    -- hash of the secret in the browser's cookie
    known      BOOLEAN NOT NULL, -- the browser has signed in to this address before
    network    TEXT NOT NULL,    -- keyed hash of the asking network; '': not limited
    code_hash  TEXT NOT NULL,
    tries      BIGINT NOT NULL,
    asked_at   BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT            -- this browser has signed in since
);
CREATE INDEX sign_in_codes_by_mailbox ON sign_in_codes (mailbox, asked_at);
CREATE INDEX sign_in_codes_by_browser ON sign_in_codes (email, browser);
CREATE INDEX sign_in_codes_by_age ON sign_in_codes (asked_at);

-- One row for each mailbox that is asked for, as the lock of its counts.
CREATE TABLE sign_in_mailboxes (
    mailbox  TEXT PRIMARY KEY,
    asked_at BIGINT NOT NULL
);
CREATE INDEX sign_in_mailboxes_by_age ON sign_in_mailboxes (asked_at);

-- The one place from which somebody speaks in this session: a room or a call.
ALTER TABLE sessions ADD COLUMN admission TEXT;

-- +goose Down
ALTER TABLE sessions DROP COLUMN admission;
DROP TABLE sign_in_mailboxes;
DROP TABLE sign_in_codes;
CREATE TABLE sign_in_codes (
    email      TEXT PRIMARY KEY,
    code_hash  TEXT NOT NULL,
    tries      BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    asks       BIGINT NOT NULL,
    asks_since BIGINT NOT NULL
);
