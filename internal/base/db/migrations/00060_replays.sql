-- +goose Up

-- Whether the voices of those who agree are kept; said when the room opens, and never changed.
ALTER TABLE rooms ADD COLUMN recorded BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE events ADD COLUMN recorded BOOLEAN NOT NULL DEFAULT FALSE;

CREATE INDEX rooms_recorded ON rooms (id) WHERE recorded AND ended_at IS NULL;

-- The replay of a room, which outlives the room's row.
CREATE TABLE replays (
    id            TEXT PRIMARY KEY, -- of the room
    host_id       TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    club_id       TEXT REFERENCES clubs (id) ON DELETE SET NULL,
    title         TEXT NOT NULL,
    category      TEXT NOT NULL,
    language      TEXT NOT NULL,
    access        TEXT NOT NULL,
    women_only    BOOLEAN NOT NULL,
    verified_only BOOLEAN NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('recording', 'draft', 'published')),
    began_at      BIGINT NOT NULL, -- times of parts and lines count from here
    ended_at      BIGINT,
    published_at  BIGINT,
    keep_days     BIGINT NOT NULL,
    expires_at    BIGINT,          -- of a draft: unless it is published; null while it is recorded
    CHECK ((ended_at IS NULL) = (state = 'recording')),
    CHECK ((published_at IS NOT NULL) = (state = 'published'))
);
CREATE INDEX replays_newest ON replays (ended_at DESC, id) WHERE state = 'published';
CREATE INDEX replays_of_host ON replays (host_id, began_at);
CREATE INDEX replays_of_club ON replays (club_id) WHERE club_id IS NOT NULL;
CREATE INDEX replays_expire ON replays (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX replays_recording ON replays (state) WHERE state = 'recording';

-- What each speaker has answered: whether their voice is kept.
CREATE TABLE replay_voices (
    replay_id  TEXT NOT NULL REFERENCES replays (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    keeps      BOOLEAN NOT NULL,
    at         BIGINT NOT NULL,
    PRIMARY KEY (replay_id, account_id)
);
CREATE INDEX replay_voices_of ON replay_voices (account_id);

-- What one speaker said in one go.
CREATE TABLE replay_parts (
    id         TEXT PRIMARY KEY,
    replay_id  TEXT NOT NULL REFERENCES replays (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    from_ms    BIGINT NOT NULL,
    ms         BIGINT NOT NULL CHECK (ms > 0),
    loud_ms    BIGINT NOT NULL, -- for which something is heard: a microphone that is left on is not speech
    bytes      BIGINT NOT NULL,
    blob_key   TEXT NOT NULL UNIQUE
);
CREATE INDEX replay_parts_in_order ON replay_parts (replay_id, from_ms);
CREATE INDEX replay_parts_of ON replay_parts (account_id);

-- The keys of parts, so that the blobs of rows that are gone are found.
CREATE TABLE replay_blobs (
    key TEXT PRIMARY KEY
);

-- What stands beside the voices: chat, pinned links, chapters.
CREATE TABLE replay_lines (
    replay_id  TEXT NOT NULL REFERENCES replays (id) ON DELETE CASCADE,
    id         TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL CHECK (kind IN ('chat', 'link', 'chapter')),
    at_ms      BIGINT NOT NULL,
    text       TEXT NOT NULL,
    PRIMARY KEY (replay_id, id)
);
CREATE INDEX replay_lines_in_order ON replay_lines (replay_id, at_ms);
CREATE INDEX replay_lines_of ON replay_lines (account_id);

-- How far somebody has listened.
CREATE TABLE replay_marks (
    replay_id  TEXT NOT NULL REFERENCES replays (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    at_ms      BIGINT NOT NULL,
    PRIMARY KEY (replay_id, account_id)
);
CREATE INDEX replay_marks_of ON replay_marks (account_id);

-- Whom the access of the room did not keep out: who knew its PIN, or was asked to speak.
CREATE TABLE replay_admissions (
    replay_id  TEXT NOT NULL REFERENCES replays (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    PRIMARY KEY (replay_id, account_id)
);
CREATE INDEX replay_admissions_of ON replay_admissions (account_id);

-- Whom the room kept out.
CREATE TABLE replay_removals (
    replay_id  TEXT NOT NULL REFERENCES replays (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    PRIMARY KEY (replay_id, account_id)
);
CREATE INDEX replay_removals_of ON replay_removals (account_id);

-- +goose Down
DROP TABLE replay_removals;
DROP TABLE replay_admissions;
DROP TABLE replay_marks;
DROP TABLE replay_lines;
DROP TABLE replay_blobs;
DROP TABLE replay_parts;
DROP TABLE replay_voices;
DROP TABLE replays;
ALTER TABLE events DROP COLUMN recorded;
DROP INDEX rooms_recorded;
ALTER TABLE rooms DROP COLUMN recorded;
