-- +goose Up

CREATE TABLE clubs (
    id             TEXT PRIMARY KEY,
    name           TEXT NOT NULL,
    about          TEXT NOT NULL,
    rules          TEXT NOT NULL,            -- '': there are none
    rules_version  BIGINT NOT NULL DEFAULT 1, -- grows with each change of the rules
    category       TEXT NOT NULL,
    language       TEXT NOT NULL,
    entry          TEXT NOT NULL CHECK (entry IN ('open', 'request', 'invite')),
    members_invite BOOLEAN NOT NULL,         -- members make links, too
    created_at     BIGINT NOT NULL,
    closed_at      BIGINT
);
CREATE INDEX clubs_newest ON clubs (created_at, id) WHERE closed_at IS NULL AND entry <> 'invite';
CREATE INDEX clubs_closed ON clubs (closed_at) WHERE closed_at IS NOT NULL;

-- The words of names, folded as those of messages are.
CREATE TABLE club_words (
    word    BYTEA NOT NULL, -- compared by bytes on both engines
    club_id TEXT NOT NULL REFERENCES clubs (id) ON DELETE CASCADE,
    PRIMARY KEY (word, club_id)
);
CREATE INDEX club_words_of ON club_words (club_id);

CREATE TABLE club_members (
    club_id        TEXT NOT NULL REFERENCES clubs (id) ON DELETE CASCADE,
    account_id     TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    role           TEXT NOT NULL CHECK (role IN ('founder', 'admin', 'member', 'follower')),
    rules_accepted BIGINT NOT NULL, -- the version of the rules; 0: none
    joined_at      BIGINT NOT NULL,
    PRIMARY KEY (club_id, account_id)
);
CREATE UNIQUE INDEX club_founders ON club_members (club_id) WHERE role = 'founder';
CREATE INDEX club_members_newest ON club_members (club_id, role, joined_at, account_id);
CREATE INDEX club_members_by_account ON club_members (account_id, joined_at);

CREATE TABLE club_requests (
    club_id       TEXT NOT NULL REFERENCES clubs (id) ON DELETE CASCADE,
    account_id    TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    note          TEXT NOT NULL,
    rules_version BIGINT NOT NULL, -- which they accept
    at            BIGINT NOT NULL,
    declined_at   BIGINT,          -- null: not answered; those that are accepted have no row
    PRIMARY KEY (club_id, account_id)
);
CREATE INDEX club_requests_newest ON club_requests (club_id, at, account_id) WHERE declined_at IS NULL;
CREATE INDEX club_requests_by_account ON club_requests (account_id);
CREATE INDEX club_requests_at ON club_requests (at);

CREATE TABLE club_invites (
    id         TEXT PRIMARY KEY,
    club_id    TEXT NOT NULL REFERENCES clubs (id) ON DELETE CASCADE,
    by_id      TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    token_hash TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    most       BIGINT NOT NULL CHECK (most BETWEEN 1 AND 1000),
    uses       BIGINT NOT NULL DEFAULT 0 CHECK (uses <= most),
    revoked_at BIGINT
);
CREATE INDEX club_invites_of ON club_invites (club_id, created_at);
CREATE INDEX club_invites_by ON club_invites (by_id);
CREATE INDEX club_invites_expired ON club_invites (expires_at);

CREATE TABLE club_bans (
    club_id    TEXT NOT NULL REFERENCES clubs (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    by_id      TEXT REFERENCES accounts (id) ON DELETE SET NULL,
    at         BIGINT NOT NULL,
    PRIMARY KEY (club_id, account_id)
);
CREATE INDEX club_bans_newest ON club_bans (club_id, at, account_id);
CREATE INDEX club_bans_account ON club_bans (account_id);
CREATE INDEX club_bans_by ON club_bans (by_id);

-- In which club a room was opened; null: in none.
ALTER TABLE rooms ADD COLUMN club_id TEXT REFERENCES clubs (id) ON DELETE SET NULL;
CREATE INDEX rooms_of_club ON rooms (club_id) WHERE club_id IS NOT NULL;

-- +goose Down
DROP INDEX rooms_of_club;
ALTER TABLE rooms DROP COLUMN club_id;
DROP TABLE club_bans;
DROP TABLE club_invites;
DROP TABLE club_requests;
DROP TABLE club_members;
DROP TABLE club_words;
DROP TABLE clubs;
