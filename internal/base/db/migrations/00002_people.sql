-- +goose Up

-- When somebody last used Heyy, to within ten minutes.
ALTER TABLE accounts ADD COLUMN seen_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX accounts_by_seen ON accounts (seen_at);

ALTER TABLE profiles DROP COLUMN intro_key;
ALTER TABLE profiles DROP COLUMN intro_ms;
ALTER TABLE profiles ADD COLUMN gender TEXT NOT NULL DEFAULT '';     -- woman, man, nonbinary; '': not said
ALTER TABLE profiles ADD COLUMN pronouns TEXT NOT NULL DEFAULT '';
ALTER TABLE profiles ADD COLUMN languages TEXT NOT NULL DEFAULT '[]'; -- spoken; JSON array
ALTER TABLE profiles ADD COLUMN intents TEXT NOT NULL DEFAULT '[]';   -- JSON array
ALTER TABLE profiles ADD COLUMN meet TEXT NOT NULL DEFAULT '[]';      -- wishes from here: genders, JSON array
ALTER TABLE profiles ADD COLUMN age_from BIGINT NOT NULL DEFAULT 18;
ALTER TABLE profiles ADD COLUMN age_to BIGINT NOT NULL DEFAULT 120;
ALTER TABLE profiles ADD COLUMN wish_intents TEXT NOT NULL DEFAULT '[]';
ALTER TABLE profiles ADD COLUMN wish_languages TEXT NOT NULL DEFAULT '[]';
ALTER TABLE profiles ADD COLUMN wish_interests TEXT NOT NULL DEFAULT '[]';
ALTER TABLE profiles ADD COLUMN verified_only BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE profiles ADD COLUMN card TEXT;                            -- JSON: role, company, links, open to
ALTER TABLE profiles ADD COLUMN verified_at BIGINT;
ALTER TABLE profiles ADD COLUMN settled_at BIGINT;                    -- through with onboarding, or put it off
ALTER TABLE profiles ADD COLUMN paused BOOLEAN NOT NULL DEFAULT FALSE; -- not in Discover, by own wish
CREATE INDEX profiles_by_update ON profiles (updated_at);

-- What somebody says in their own voice. Place 0 is the intro.
CREATE TABLE clips (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    place      BIGINT NOT NULL,
    prompt     TEXT NOT NULL,
    blob_key   TEXT NOT NULL,
    ms         BIGINT NOT NULL,
    peaks      TEXT NOT NULL,   -- 64 bytes in base64
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX clips_place ON clips (account_id, place);

-- Who heard which clip first when: bounds how many a day.
CREATE TABLE hearings (
    listener_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    clip_id     TEXT NOT NULL,
    first_at    BIGINT NOT NULL,
    PRIMARY KEY (listener_id, clip_id)
);
CREATE INDEX hearings_by_time ON hearings (listener_id, first_at);

-- Blobs that nobody owns (yet, or any more); thrown away when due.
CREATE TABLE loose_blobs (
    key    TEXT PRIMARY KEY,
    due_at BIGINT NOT NULL
);
CREATE INDEX loose_blobs_due ON loose_blobs (due_at);

CREATE TABLE blocks (
    by_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    on_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    at    BIGINT NOT NULL,
    PRIMARY KEY (by_id, on_id)
);
CREATE INDEX blocks_by_other ON blocks (on_id, by_id);

CREATE TABLE reports (
    id         TEXT PRIMARY KEY,
    by_id      TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    on_id      TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    reason     TEXT NOT NULL,
    note       TEXT NOT NULL,
    place      TEXT NOT NULL,   -- where it happened: discover, profile, room:<id>
    created_at BIGINT NOT NULL
);
CREATE INDEX reports_on ON reports (on_id, created_at);
CREATE INDEX reports_by ON reports (by_id, created_at);

-- +goose Down
DROP TABLE reports;
DROP TABLE blocks;
DROP TABLE loose_blobs;
DROP TABLE hearings;
DROP TABLE clips;
DROP INDEX profiles_by_update;
ALTER TABLE profiles DROP COLUMN paused;
ALTER TABLE profiles DROP COLUMN settled_at;
ALTER TABLE profiles DROP COLUMN verified_at;
ALTER TABLE profiles DROP COLUMN card;
ALTER TABLE profiles DROP COLUMN verified_only;
ALTER TABLE profiles DROP COLUMN wish_interests;
ALTER TABLE profiles DROP COLUMN wish_languages;
ALTER TABLE profiles DROP COLUMN wish_intents;
ALTER TABLE profiles DROP COLUMN age_to;
ALTER TABLE profiles DROP COLUMN age_from;
ALTER TABLE profiles DROP COLUMN meet;
ALTER TABLE profiles DROP COLUMN intents;
ALTER TABLE profiles DROP COLUMN languages;
ALTER TABLE profiles DROP COLUMN pronouns;
ALTER TABLE profiles DROP COLUMN gender;
ALTER TABLE profiles ADD COLUMN intro_ms BIGINT;
ALTER TABLE profiles ADD COLUMN intro_key TEXT;
DROP INDEX accounts_by_seen;
ALTER TABLE accounts DROP COLUMN seen_at;
