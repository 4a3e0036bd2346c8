-- +goose Up

-- Who may raise a hand: everybody, whom the host follows, nobody.
ALTER TABLE rooms ADD COLUMN hands TEXT NOT NULL DEFAULT 'open' CHECK (hands IN ('open', 'followed', 'off'));
-- The host is not there since; somebody inherits the room later.
ALTER TABLE rooms ADD COLUMN host_left_at BIGINT;
-- More listen than are listed: whoever comes only to listen is counted, not told to all.
ALTER TABLE rooms ADD COLUMN crowded BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX rooms_left ON rooms (host_left_at) WHERE host_left_at IS NOT NULL AND ended_at IS NULL;

-- A hand may be raised from a seat by whom a host has muted, so the check of before goes. SQLite drops no
-- check, so the table is built anew.
CREATE TABLE room_members_hosts (
    room_id       TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    account_id    TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    role          TEXT NOT NULL CHECK (role IN ('host', 'co_host', 'speaker', 'listener')),
    seat          BIGINT CHECK (seat >= 1),
    muted         BOOLEAN NOT NULL,
    muted_by_host BOOLEAN NOT NULL DEFAULT FALSE, -- muted by a host: opens the microphone no more by themselves
    can_speak     BOOLEAN NOT NULL,               -- may take a free seat
    invited       BOOLEAN NOT NULL DEFAULT FALSE, -- to speak, and has not answered
    hand_seq      BIGINT,                         -- the hand is up since this number of the room: the order of the queue
    hand_note     TEXT NOT NULL DEFAULT '',       -- for hosts
    serving_since BIGINT,                         -- co-host or speaker since: the order in which a room is inherited
    join_id       TEXT,                           -- of the current join; null: not present
    joined_at     BIGINT NOT NULL,
    left_at       BIGINT,                         -- not present since
    deadline_at   BIGINT,                         -- not connected: counts as left then
    removed_at    BIGINT,                         -- removed by a host: no way back
    sfu_until     BIGINT,                         -- until when they may be connected to the media server without a seat
    voice         BIGINT NOT NULL DEFAULT 0,      -- stands for them at the media server; 0: none yet
    audio_version BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (room_id, account_id),
    CHECK (role <> 'speaker' OR seat IS NOT NULL),
    CHECK (role <> 'listener' OR seat IS NULL),
    CHECK (seat IS NULL OR join_id IS NOT NULL),
    CHECK (hand_seq IS NULL OR join_id IS NOT NULL AND (seat IS NULL OR muted_by_host)),
    CHECK (NOT invited OR seat IS NULL AND join_id IS NOT NULL)
);
INSERT INTO room_members_hosts (room_id, account_id, role, seat, muted, can_speak, hand_seq, serving_since, join_id, joined_at, deadline_at, removed_at, sfu_until, voice, audio_version)
    SELECT room_id, account_id, role, seat, muted, can_speak, hand_seq, CASE WHEN seat IS NOT NULL THEN joined_at END, join_id, joined_at, deadline_at, removed_at, sfu_until, voice, audio_version
    FROM room_members;
DROP TABLE room_members;
ALTER TABLE room_members_hosts RENAME TO room_members;
CREATE UNIQUE INDEX room_seats ON room_members (room_id, seat) WHERE seat IS NOT NULL;
CREATE UNIQUE INDEX room_hosts ON room_members (room_id) WHERE role = 'host';
CREATE UNIQUE INDEX room_hands ON room_members (room_id, hand_seq) WHERE hand_seq IS NOT NULL;
CREATE UNIQUE INDEX room_voices ON room_members (room_id, voice) WHERE voice <> 0;
CREATE INDEX room_members_by_account ON room_members (account_id) WHERE join_id IS NOT NULL;
CREATE INDEX room_members_here ON room_members (room_id) WHERE join_id IS NOT NULL;
CREATE INDEX room_members_due ON room_members (deadline_at) WHERE deadline_at IS NOT NULL;
CREATE INDEX room_listeners ON room_members (room_id, joined_at, account_id) WHERE seat IS NULL AND join_id IS NOT NULL;

-- What hosts have done in a room, for its hosts; it can be undone for a while.
CREATE TABLE room_log (
    id         TEXT PRIMARY KEY,
    room_id    TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    at         BIGINT NOT NULL,
    by_id      TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    action     TEXT NOT NULL,
    account_id TEXT REFERENCES accounts (id) ON DELETE CASCADE, -- about whom
    seat       BIGINT,                                          -- about which seat
    before     TEXT NOT NULL DEFAULT '',                        -- the value that was changed
    undone_at  BIGINT
);
CREATE INDEX room_log_of ON room_log (room_id, at);

-- Whom a host, or a co-host for them, lets into no room of theirs.
CREATE TABLE room_bans (
    host_id    TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    at         BIGINT NOT NULL,
    PRIMARY KEY (host_id, account_id)
);
CREATE INDEX room_bans_of ON room_bans (account_id);

-- +goose Down
DROP TABLE room_bans;
DROP TABLE room_log;
DROP INDEX rooms_left;
ALTER TABLE rooms DROP COLUMN crowded;
ALTER TABLE rooms DROP COLUMN host_left_at;
ALTER TABLE rooms DROP COLUMN hands;
CREATE TABLE room_members_old (
    room_id       TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    account_id    TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    role          TEXT NOT NULL CHECK (role IN ('host', 'co_host', 'speaker', 'listener')),
    seat          BIGINT CHECK (seat >= 1),
    muted         BOOLEAN NOT NULL,
    can_speak     BOOLEAN NOT NULL,
    hand_seq      BIGINT,
    join_id       TEXT,
    joined_at     BIGINT NOT NULL,
    deadline_at   BIGINT,
    removed_at    BIGINT,
    audio_version BIGINT NOT NULL DEFAULT 0,
    voice         BIGINT NOT NULL DEFAULT 0,
    sfu_until     BIGINT,
    PRIMARY KEY (room_id, account_id),
    CHECK (role <> 'speaker' OR seat IS NOT NULL),
    CHECK (role <> 'listener' OR seat IS NULL),
    CHECK (seat IS NULL OR join_id IS NOT NULL),
    CHECK (hand_seq IS NULL OR (seat IS NULL AND join_id IS NOT NULL))
);
INSERT INTO room_members_old (room_id, account_id, role, seat, muted, can_speak, hand_seq, join_id, joined_at, deadline_at, removed_at, audio_version, voice, sfu_until)
    SELECT room_id, account_id, role, seat, muted, can_speak, CASE WHEN seat IS NULL THEN hand_seq END, join_id, joined_at, deadline_at, removed_at, audio_version, voice, sfu_until FROM room_members;
DROP TABLE room_members;
ALTER TABLE room_members_old RENAME TO room_members;
CREATE UNIQUE INDEX room_seats ON room_members (room_id, seat) WHERE seat IS NOT NULL;
CREATE UNIQUE INDEX room_hosts ON room_members (room_id) WHERE role = 'host';
CREATE UNIQUE INDEX room_hands ON room_members (room_id, hand_seq) WHERE hand_seq IS NOT NULL;
CREATE UNIQUE INDEX room_voices ON room_members (room_id, voice) WHERE voice <> 0;
CREATE INDEX room_members_by_account ON room_members (account_id) WHERE join_id IS NOT NULL;
CREATE INDEX room_members_here ON room_members (room_id) WHERE join_id IS NOT NULL;
CREATE INDEX room_members_due ON room_members (deadline_at) WHERE deadline_at IS NOT NULL;
CREATE INDEX room_listeners ON room_members (room_id, joined_at, account_id) WHERE seat IS NULL AND join_id IS NOT NULL;
