-- +goose Up

-- Somebody: a member, or a resident of the demo. Without born they have proven
-- an address and nothing else yet.
CREATE TABLE accounts (
    id         TEXT PRIMARY KEY,
    kind       TEXT NOT NULL CHECK (kind IN ('member', 'resident')),
    email      TEXT UNIQUE,
    born       TEXT,            -- YYYY-MM-DD
    refused_at BIGINT,          -- told a birth date under 18; final
    created_at BIGINT NOT NULL
);

-- One living sign-in code for each address, whether or not it has an account.
CREATE TABLE sign_in_codes (
    email      TEXT PRIMARY KEY,
    code_hash  TEXT NOT NULL,
    tries      BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    asks       BIGINT NOT NULL, -- codes asked for since asks_since, within an hour
    asks_since BIGINT NOT NULL
);

CREATE TABLE sessions (
    id           TEXT PRIMARY KEY,
    account_id   TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    token_hash   TEXT NOT NULL UNIQUE,
    device       TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);
CREATE INDEX sessions_by_account ON sessions (account_id);

CREATE TABLE passkeys (
    id            TEXT PRIMARY KEY,
    account_id    TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    credential_id TEXT NOT NULL UNIQUE,
    credential    TEXT NOT NULL,
    name          TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    last_used_at  BIGINT
);
CREATE INDEX passkeys_by_account ON passkeys (account_id);

-- A passkey ceremony between its first and its second step.
CREATE TABLE ceremonies (
    id         TEXT PRIMARY KEY,
    account_id TEXT,
    data       TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE profiles (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    name       TEXT NOT NULL,
    language   TEXT NOT NULL,
    interests  TEXT NOT NULL,   -- JSON array
    voice      TEXT,            -- JSON: what was measured of the voice
    intro_key  TEXT,            -- blob
    intro_ms   BIGINT,
    updated_at BIGINT NOT NULL
);

CREATE TABLE rooms (
    id          TEXT PRIMARY KEY,
    category    TEXT NOT NULL,
    title       TEXT NOT NULL,
    language    TEXT NOT NULL,
    host_id     TEXT NOT NULL REFERENCES accounts (id),
    seats       BIGINT NOT NULL,
    seq         BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    deadline_at BIGINT,         -- nobody is there: ends then
    ended_at    BIGINT,
    ended_why   TEXT
);
CREATE INDEX rooms_open ON rooms (category, created_at) WHERE ended_at IS NULL;
CREATE INDEX rooms_due ON rooms (deadline_at) WHERE ended_at IS NULL AND deadline_at IS NOT NULL;

-- Who is, or was, in a room. join_id is the one living admission of this
-- person to the room's audio: null means that they are not there. Who has a
-- seat may speak; the role follows from host_id and seat.
CREATE TABLE room_members (
    room_id     TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    account_id  TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    seat        BIGINT,
    muted       BOOLEAN NOT NULL,
    may_sit     BOOLEAN NOT NULL,
    join_id     TEXT,
    joined_at   BIGINT NOT NULL,
    deadline_at BIGINT,         -- not connected: counts as left then
    removed_at  BIGINT,         -- removed by the host: no way back
    PRIMARY KEY (room_id, account_id)
);
CREATE UNIQUE INDEX room_seats ON room_members (room_id, seat) WHERE seat IS NOT NULL;
CREATE INDEX room_members_by_account ON room_members (account_id) WHERE join_id IS NOT NULL;
CREATE INDEX room_members_due ON room_members (deadline_at) WHERE deadline_at IS NOT NULL;

-- What happened and has not been told yet. Rows leave when they are told.
CREATE TABLE outbox (
    id         TEXT PRIMARY KEY,
    scope      TEXT NOT NULL,
    seq        BIGINT NOT NULL,
    kind       TEXT NOT NULL,
    data       TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- Commands that took effect, and what was answered.
CREATE TABLE commands (
    account_id TEXT NOT NULL,
    key        TEXT NOT NULL,
    request    TEXT NOT NULL,   -- hash of method, path and body
    status     BIGINT,
    reply      TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, key)
);
CREATE INDEX commands_by_age ON commands (created_at);

CREATE TABLE leases (
    name       TEXT PRIMARY KEY,
    holder     TEXT NOT NULL,
    fence      BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE leases;
DROP TABLE commands;
DROP TABLE outbox;
DROP TABLE room_members;
DROP TABLE rooms;
DROP TABLE profiles;
DROP TABLE ceremonies;
DROP TABLE passkeys;
DROP TABLE sessions;
DROP TABLE sign_in_codes;
DROP TABLE accounts;
