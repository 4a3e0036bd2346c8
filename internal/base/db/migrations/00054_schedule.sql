-- +goose Up

CREATE TABLE events (
    id         TEXT PRIMARY KEY,
    host_id    TEXT REFERENCES accounts (id) ON DELETE SET NULL, -- null: their account is deleted, and the event about to be cancelled
    club_id    TEXT REFERENCES clubs (id) ON DELETE SET NULL,
    title      TEXT NOT NULL,
    about      TEXT NOT NULL,
    category   TEXT NOT NULL,
    shape      TEXT NOT NULL CHECK (shape IN ('lounge', 'stage')),
    language   TEXT NOT NULL,
    access     TEXT NOT NULL CHECK (access IN ('open', 'followers', 'club', 'link')),
    zone       TEXT NOT NULL,              -- IANA name
    wall       TEXT NOT NULL,              -- the first date as clocks there show it: weekly dates have the same time of day
    starts_at  BIGINT NOT NULL,            -- of a weekly event the next date
    minutes    BIGINT NOT NULL CHECK (minutes BETWEEN 15 AND 480),
    weekly     BOOLEAN NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('planned', 'live', 'over', 'cancelled')),
    room_id    TEXT,                       -- in which it is live; rooms are deleted before events
    sequence   BIGINT NOT NULL DEFAULT 0,  -- grows with each change, as calendars ask for it
    moves      BIGINT NOT NULL DEFAULT 0,  -- of this date
    reminded   BIGINT NOT NULL DEFAULT 0,  -- of this date; 1: that it is soon, 2: that it begins
    missed     BIGINT NOT NULL DEFAULT 0,  -- dates in a row at which nobody started it
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    ended_at   BIGINT                      -- over or cancelled since
);
CREATE INDEX events_next ON events (starts_at, id) WHERE ended_at IS NULL;
CREATE INDEX events_of_host ON events (host_id, created_at);
CREATE INDEX events_of_club ON events (club_id, starts_at) WHERE club_id IS NOT NULL;
CREATE INDEX events_ended ON events (ended_at) WHERE ended_at IS NOT NULL;

-- Who is asked to lead or to speak.
CREATE TABLE event_people (
    event_id   TEXT NOT NULL REFERENCES events (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    part       TEXT NOT NULL CHECK (part IN ('co_host', 'speaker')),
    answer     TEXT NOT NULL CHECK (answer IN ('none', 'accepted', 'declined')),
    at         BIGINT NOT NULL,
    PRIMARY KEY (event_id, account_id)
);
CREATE INDEX event_people_by_account ON event_people (account_id);

CREATE TABLE event_goers (
    event_id   TEXT NOT NULL REFERENCES events (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    at         BIGINT NOT NULL,
    PRIMARY KEY (event_id, account_id)
);
CREATE INDEX event_goers_by_account ON event_goers (account_id);

-- The secret address of somebody's calendar.
CREATE TABLE event_calendars (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    token_hash TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE event_calendars;
DROP TABLE event_goers;
DROP TABLE event_people;
DROP TABLE events;
