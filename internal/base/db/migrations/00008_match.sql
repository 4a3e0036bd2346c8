-- +goose Up

-- Who may be proposed to them in Call: everyone who fits, of those only the
-- verified, or nobody.
ALTER TABLE profiles ADD COLUMN reach TEXT NOT NULL DEFAULT 'everyone';

-- Who waits to be called with somebody now. call_id is the proposal that is out
-- for them: null means that they are free.
CREATE TABLE tickets (
    account_id  TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    id          TEXT NOT NULL UNIQUE, -- this coming
    resident    BOOLEAN NOT NULL,
    intents     TEXT NOT NULL,        -- for tonight; JSON arrays, empty: as in the profile
    languages   TEXT NOT NULL,
    entered_at  BIGINT NOT NULL,
    deadline_at BIGINT NOT NULL,      -- without another sign of life
    call_id     TEXT,
    proposed_at BIGINT,               -- the last proposal
    skips       TEXT NOT NULL,        -- JSON array: who was proposed to them in this coming
    silent      BIGINT NOT NULL,      -- proposals that they let pass, one after another
    changed_at  BIGINT NOT NULL
);
CREATE INDEX tickets_by_change ON tickets (changed_at);
CREATE INDEX tickets_due ON tickets (deadline_at);
CREATE INDEX tickets_proposed ON tickets (call_id) WHERE call_id IS NOT NULL;

-- How long those waited who found somebody, for an hour. kin is who waits alike.
CREATE TABLE waits (
    id  TEXT PRIMARY KEY,
    kin TEXT NOT NULL,
    at  BIGINT NOT NULL,
    ms  BIGINT NOT NULL
);
CREATE INDEX waits_by_kin ON waits (kin, at);
CREATE INDEX waits_by_age ON waits (at);

-- Who wants to be told when somebody fits for a call.
CREATE TABLE call_bells (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    set_at     BIGINT NOT NULL
);

-- +goose Down
DROP TABLE call_bells;
DROP TABLE waits;
DROP TABLE tickets;
ALTER TABLE profiles DROP COLUMN reach;
