-- +goose Up

-- Mails of notifications: one row for the digest of an account, which stays for a day after
-- it was sent, and one for each sign-in from a new device.
CREATE TABLE mail_queue (
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    source     TEXT NOT NULL,   -- 'digest', or the fact of a sign-in
    detail     TEXT NOT NULL,   -- the device that signed in
    priority   BIGINT NOT NULL, -- smaller first
    at         BIGINT NOT NULL, -- of the sign-in; of a digest: since when something waits
    due_at     BIGINT,          -- NULL: nothing waits, or a sender has it, or it was sent
    expires_at BIGINT NOT NULL, -- then it is given up
    tries      BIGINT NOT NULL,
    sent_at    BIGINT NOT NULL, -- set before it is sent, taken back if that fails; 0: never
    PRIMARY KEY (account_id, source)
);
CREATE INDEX mail_queue_due ON mail_queue (priority, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX mail_queue_done ON mail_queue (at) WHERE due_at IS NULL;

-- Whether what waits is mailed to somebody whom no push reaches.
ALTER TABLE notification_settings ADD COLUMN email BOOLEAN NOT NULL DEFAULT TRUE;

-- +goose Down
ALTER TABLE notification_settings DROP COLUMN email;
DROP TABLE mail_queue;
