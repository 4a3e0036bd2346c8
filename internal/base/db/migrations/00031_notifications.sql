-- +goose Up

-- Where a browser takes pushes. It belongs to a session: a sign-out removes both. Of one
-- endpoint there is one row, for whoever signed in there last.
CREATE TABLE push_subscriptions (
    session_id    TEXT PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    account_id    TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    endpoint      TEXT NOT NULL UNIQUE, -- secret: whoever knows it can send garbage there
    host          TEXT NOT NULL,        -- of the endpoint; the unit of fairness
    p256dh        TEXT NOT NULL,        -- keys of RFC 8291, base64url
    auth          TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    failures      BIGINT NOT NULL,      -- in a row
    failing_since BIGINT,               -- the first of them
    taken_at      BIGINT                -- when a push was taken there last, to within a day
);
CREATE INDEX push_subscriptions_by_account ON push_subscriptions (account_id, created_at);

-- The notification centre. source is the fact or the call that the row is of; the unique
-- index makes a repeated fact harmless.
CREATE TABLE notifications (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL,
    source     TEXT NOT NULL,
    about_id   TEXT REFERENCES accounts (id) ON DELETE CASCADE,
    outcome    TEXT NOT NULL,    -- '': open, or the kind has none
    detail     TEXT NOT NULL,    -- what the sentence names: a title, a device
    listed     BOOLEAN NOT NULL, -- FALSE: only pushed, such as a proposal of 15 seconds
    at         BIGINT NOT NULL,
    seen_at    BIGINT
);
CREATE UNIQUE INDEX notifications_once ON notifications (account_id, source);
CREATE INDEX notifications_by_account ON notifications (account_id, at, id);
CREATE INDEX notifications_unseen ON notifications (account_id, at) WHERE seen_at IS NULL;
CREATE INDEX notifications_unlisted ON notifications (at) WHERE NOT listed;
CREATE INDEX notifications_by_about ON notifications (about_id);
CREATE INDEX notifications_by_age ON notifications (at);

-- What one person wants to be told, and how many pushes they got today.
CREATE TABLE notification_settings (
    account_id      TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    time_zone       TEXT NOT NULL,    -- IANA name
    quiet_from      BIGINT NOT NULL,  -- minutes of the day; equal to quiet_to: no quiet hours
    quiet_to        BIGINT NOT NULL,
    daily_cap       BIGINT NOT NULL,
    private_content BOOLEAN NOT NULL, -- pushes may name people
    kinds           TEXT NOT NULL,    -- JSON: {"match": false}, where it differs from the default
    day             BIGINT NOT NULL,  -- days since 1970 in their time zone
    pushed          BIGINT NOT NULL   -- on that day
);

-- Pushes to send: one row per browser and tag, so that news of one tag is bundled while a
-- gateway is slow. The row of a sent ring stays until the ring is over, because its
-- replacement goes where the ring went.
CREATE TABLE push_queue (
    session_id      TEXT NOT NULL REFERENCES push_subscriptions (session_id) ON DELETE CASCADE,
    tag             TEXT NOT NULL,
    kind            TEXT NOT NULL,
    notification_id TEXT NOT NULL, -- '': all unseen ones of the tag
    priority        BIGINT NOT NULL, -- smaller first
    version         BIGINT NOT NULL, -- counts the changes of what is to be told
    tries           BIGINT NOT NULL, -- of this version
    due_at          BIGINT,          -- NULL: sent
    claimed_until   BIGINT NOT NULL, -- a sender has it until then; requests of one row never overlap
    expires_at      BIGINT NOT NULL,
    sent_at         BIGINT,          -- the last time anything was sent
    PRIMARY KEY (session_id, tag)
);
CREATE INDEX push_queue_due ON push_queue (priority, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX push_queue_by_tag ON push_queue (tag);
CREATE INDEX push_queue_by_expiry ON push_queue (expires_at);

-- When those who said that they come were told that a happy hour begins.
ALTER TABLE happy_hours ADD COLUMN announced_at BIGINT;

-- +goose Down
ALTER TABLE happy_hours DROP COLUMN announced_at;
DROP TABLE push_queue;
DROP TABLE notification_settings;
DROP TABLE notifications;
DROP TABLE push_subscriptions;
