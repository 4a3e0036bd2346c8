-- +goose Up

-- Pairs of people who must not meet, each pair both ways: the one predicate of
-- every query that keeps people apart. by_a: a is the one who blocked or reported.
CREATE VIEW apart (a_id, b_id, by_a) AS
    SELECT by_id, on_id, TRUE FROM blocks
    UNION ALL SELECT on_id, by_id, FALSE FROM blocks
    UNION ALL SELECT by_id, on_id, TRUE FROM reports
    UNION ALL SELECT on_id, by_id, FALSE FROM reports;

-- Rooms go with their host's account. SQLite cannot change a foreign key of a
-- table, so both tables are built anew. live_at is the first audio connection:
-- before it no lobby shows the room. Of several open rooms of one host only the
-- newest stays open.
CREATE TABLE rooms_new (
    id          TEXT PRIMARY KEY,
    category    TEXT NOT NULL,
    title       TEXT NOT NULL,
    language    TEXT NOT NULL,
    host_id     TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    seats       BIGINT NOT NULL,
    seq         BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    live_at     BIGINT,
    deadline_at BIGINT,         -- nobody is there: ends then
    ended_at    BIGINT,
    ended_why   TEXT
);
INSERT INTO rooms_new (id, category, title, language, host_id, seats, seq, created_at, live_at, deadline_at, ended_at, ended_why)
    SELECT id, category, title, language, host_id, seats, seq, created_at, created_at, deadline_at, ended_at, ended_why FROM rooms;
UPDATE rooms_new SET ended_at = created_at, ended_why = 'host', deadline_at = NULL, seq = seq + 1
    WHERE ended_at IS NULL AND EXISTS (SELECT 1 FROM rooms o WHERE o.host_id = rooms_new.host_id AND o.ended_at IS NULL AND o.id > rooms_new.id);
CREATE TABLE room_members_new (
    room_id     TEXT NOT NULL REFERENCES rooms_new (id) ON DELETE CASCADE,
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
INSERT INTO room_members_new (room_id, account_id, seat, muted, may_sit, join_id, joined_at, deadline_at, removed_at)
    SELECT room_id, account_id, seat, muted, may_sit, join_id, joined_at, deadline_at, removed_at FROM room_members;
UPDATE room_members_new SET seat = NULL, join_id = NULL, deadline_at = NULL
    WHERE room_id IN (SELECT id FROM rooms_new WHERE ended_at IS NOT NULL);
DROP TABLE room_members;
DROP TABLE rooms;
ALTER TABLE rooms_new RENAME TO rooms;
ALTER TABLE room_members_new RENAME TO room_members;
CREATE INDEX rooms_open ON rooms (category, created_at) WHERE ended_at IS NULL;
CREATE INDEX rooms_due ON rooms (deadline_at) WHERE ended_at IS NULL AND deadline_at IS NOT NULL;
CREATE INDEX rooms_by_host ON rooms (host_id, created_at);
CREATE UNIQUE INDEX rooms_one_open ON rooms (host_id) WHERE ended_at IS NULL;
CREATE INDEX rooms_by_end ON rooms (ended_at) WHERE ended_at IS NOT NULL;
CREATE UNIQUE INDEX room_seats ON room_members (room_id, seat) WHERE seat IS NOT NULL;
CREATE INDEX room_members_by_account ON room_members (account_id) WHERE join_id IS NOT NULL;
CREATE INDEX room_members_here ON room_members (room_id) WHERE join_id IS NOT NULL;
CREATE INDEX room_members_due ON room_members (deadline_at) WHERE deadline_at IS NOT NULL;

-- A report is open until an operator decides it. about is what its place was
-- called then; more is what the same person said of the same person while it was
-- open: a JSON array.
ALTER TABLE reports ADD COLUMN about TEXT NOT NULL DEFAULT '';
ALTER TABLE reports ADD COLUMN more TEXT NOT NULL DEFAULT '[]';
ALTER TABLE reports ADD COLUMN closed_at BIGINT;
ALTER TABLE reports ADD COLUMN closed_by TEXT NOT NULL DEFAULT '';
ALTER TABLE reports ADD COLUMN decision TEXT NOT NULL DEFAULT '';
UPDATE reports SET closed_at = created_at, closed_by = 'migration', decision = 'The same person reported them again later.'
    WHERE EXISTS (SELECT 1 FROM reports o WHERE o.by_id = reports.by_id AND o.on_id = reports.on_id AND o.id > reports.id);
CREATE UNIQUE INDEX reports_one_open ON reports (by_id, on_id) WHERE closed_at IS NULL;
CREATE INDEX reports_open ON reports (created_at) WHERE closed_at IS NULL;

-- +goose Down
DROP INDEX reports_open;
DROP INDEX reports_one_open;
DROP VIEW apart;
ALTER TABLE reports DROP COLUMN decision;
ALTER TABLE reports DROP COLUMN closed_by;
ALTER TABLE reports DROP COLUMN closed_at;
ALTER TABLE reports DROP COLUMN more;
ALTER TABLE reports DROP COLUMN about;
DROP INDEX room_members_here;
DROP INDEX rooms_by_end;
DROP INDEX rooms_one_open;
DROP INDEX rooms_by_host;
ALTER TABLE rooms DROP COLUMN live_at;
