-- +goose Up

-- One conversation of two people, from the proposal to the last word. The row
-- is the lock of everything about it.
CREATE TABLE calls (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL CHECK (kind IN ('match', 'direct')),
    state       TEXT NOT NULL CHECK (state IN ('proposed', 'connecting', 'live', 'ended')),
    caller_id   TEXT,            -- direct: who rings
    seq         BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    deadline_at BIGINT,          -- to be answered, or heard, by then; live: ends then
    live_at     BIGINT,          -- both could hear
    ended_at    BIGINT,
    ended_why   TEXT,
    ended_by    TEXT,            -- whose doing it was, if it was somebody's
    cards       TEXT NOT NULL,   -- JSON array of icebreakers
    choose_by   BIGINT,          -- a heart or a pass is awaited until then
    outcome     TEXT CHECK (outcome IN ('match', 'none')), -- of the choices
    audio       BOOLEAN NOT NULL, -- its room may be there at the media server
    CHECK ((state = 'ended') = (ended_at IS NOT NULL AND ended_why IS NOT NULL AND deadline_at IS NULL))
);
CREATE INDEX calls_due ON calls (deadline_at) WHERE deadline_at IS NOT NULL;
CREATE INDEX calls_to_choose ON calls (choose_by) WHERE choose_by IS NOT NULL;
CREATE INDEX calls_to_close ON calls (ended_at) WHERE audio;

-- Each of the two. join_id is their one living admission to the audio. Who is
-- in an open call is in no other, whatever happens.
CREATE TABLE call_sides (
    call_id     TEXT NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    account_id  TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    other_id    TEXT NOT NULL,
    open        BOOLEAN NOT NULL,
    seq         BIGINT NOT NULL, -- of what this one was told
    accepted_at BIGINT,
    join_id     TEXT,
    muted       BOOLEAN NOT NULL,
    taken       BOOLEAN NOT NULL, -- the microphone, by another call or program
    hears_at    BIGINT,          -- heard the other first
    away_at     BIGINT,          -- without audio since; none: connected
    more        BIGINT NOT NULL, -- extensions asked for
    choice      TEXT CHECK (choice IN ('heart', 'pass')),
    chosen_at   BIGINT,
    feedback    TEXT,            -- JSON: kind, on_topic, safe
    PRIMARY KEY (call_id, account_id)
);
CREATE UNIQUE INDEX call_sides_open ON call_sides (account_id) WHERE open;
CREATE INDEX call_sides_by_account ON call_sides (account_id, call_id);
CREATE INDEX call_sides_away ON call_sides (away_at) WHERE open AND away_at IS NOT NULL;

-- Who met by matching. The row is also the lock of two people who are about to
-- be in a call, or kept apart.
CREATE TABLE meetings (
    a_id  TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    b_id  TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    at    BIGINT NOT NULL,  -- the last time; 0: were proposed, and did not meet
    never BOOLEAN NOT NULL, -- not again by matching
    PRIMARY KEY (a_id, b_id),
    CHECK (a_id < b_id)
);
CREATE INDEX meetings_by_b ON meetings (b_id);

-- When a small community meets at the same time.
CREATE TABLE happy_hours (
    id        TEXT PRIMARY KEY,
    title     TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at   BIGINT NOT NULL
);
CREATE INDEX happy_hours_by_end ON happy_hours (ends_at);

CREATE TABLE happy_rsvps (
    hour_id    TEXT NOT NULL REFERENCES happy_hours (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    PRIMARY KEY (hour_id, account_id)
);
CREATE INDEX happy_rsvps_by_account ON happy_rsvps (account_id);

-- +goose Down
DROP TABLE happy_rsvps;
DROP TABLE happy_hours;
DROP TABLE meetings;
DROP TABLE call_sides;
DROP TABLE calls;
