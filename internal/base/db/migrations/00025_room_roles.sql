-- +goose Up

-- In a lounge everybody may take a free seat, on a stage only who was allowed to.
ALTER TABLE rooms ADD COLUMN shape TEXT NOT NULL DEFAULT 'lounge' CHECK (shape IN ('lounge', 'stage'));
-- Seats that only hosts take: bit n-1 is seat n.
ALTER TABLE rooms ADD COLUMN locked_seats BIGINT NOT NULL DEFAULT 0 CHECK (locked_seats >= 0);

-- The role of a member is a column; it followed from rooms.host_id and seat. SQLite
-- cannot add a check over old rows, so the table is built anew. Who has a seat can
-- be heard: a speaker has one, a listener has none, hosts may have one or not.
CREATE TABLE room_members_roles (
    room_id     TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    account_id  TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    role        TEXT NOT NULL CHECK (role IN ('host', 'co_host', 'speaker', 'listener')),
    seat        BIGINT CHECK (seat >= 1),
    muted       BOOLEAN NOT NULL,
    can_speak   BOOLEAN NOT NULL, -- may take a free seat
    hand_seq    BIGINT,           -- the hand is up since this number of the room: the order of the queue
    join_id     TEXT,             -- the one living admission; null: not there
    joined_at   BIGINT NOT NULL,
    deadline_at BIGINT,           -- not connected: counts as left then
    removed_at  BIGINT,           -- removed by a host: no way back
    PRIMARY KEY (room_id, account_id),
    CHECK (role <> 'speaker' OR seat IS NOT NULL),
    CHECK (role <> 'listener' OR seat IS NULL),
    CHECK (seat IS NULL OR join_id IS NOT NULL),
    CHECK (hand_seq IS NULL OR (seat IS NULL AND join_id IS NOT NULL))
);
INSERT INTO room_members_roles (room_id, account_id, role, seat, muted, can_speak, join_id, joined_at, deadline_at, removed_at)
    SELECT m.room_id, m.account_id,
        CASE WHEN m.account_id = r.host_id THEN 'host' WHEN m.seat IS NOT NULL AND m.join_id IS NOT NULL THEN 'speaker' ELSE 'listener' END,
        CASE WHEN m.join_id IS NOT NULL THEN m.seat END, m.muted, m.may_sit, m.join_id, m.joined_at, m.deadline_at, m.removed_at
    FROM room_members m JOIN rooms r ON r.id = m.room_id;
DROP TABLE room_members;
ALTER TABLE room_members_roles RENAME TO room_members;
CREATE UNIQUE INDEX room_seats ON room_members (room_id, seat) WHERE seat IS NOT NULL;
CREATE UNIQUE INDEX room_hosts ON room_members (room_id) WHERE role = 'host';
CREATE UNIQUE INDEX room_hands ON room_members (room_id, hand_seq) WHERE hand_seq IS NOT NULL;
CREATE INDEX room_members_by_account ON room_members (account_id) WHERE join_id IS NOT NULL;
CREATE INDEX room_members_here ON room_members (room_id) WHERE join_id IS NOT NULL;
CREATE INDEX room_members_due ON room_members (deadline_at) WHERE deadline_at IS NOT NULL;

-- Facts that were not told yet, in the words of now. They hold no text of people.
UPDATE outbox SET data = REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(data,
        '"role":"host","member":{', '"member":{"role":"host",'),
        '"role":"speaker","member":{', '"member":{"role":"speaker",'),
        '"role":"listener","member":{', '"member":{"role":"listener",'),
        '"may_sit":', '"can_speak":'), '"here":', '"present":'),
        '"cause":"moved_back"', '"cause":"moved_to_audience"'), '"cause":"let_sit"', '"cause":"allowed_to_speak"')
    WHERE kind = 'room.changed';

-- +goose Down
CREATE TABLE room_members_old (
    room_id     TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    account_id  TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    seat        BIGINT,
    muted       BOOLEAN NOT NULL,
    may_sit     BOOLEAN NOT NULL,
    join_id     TEXT,
    joined_at   BIGINT NOT NULL,
    deadline_at BIGINT,
    removed_at  BIGINT,
    PRIMARY KEY (room_id, account_id)
);
INSERT INTO room_members_old (room_id, account_id, seat, muted, may_sit, join_id, joined_at, deadline_at, removed_at)
    SELECT room_id, account_id, seat, muted, can_speak, join_id, joined_at, deadline_at, removed_at FROM room_members;
DROP TABLE room_members;
ALTER TABLE room_members_old RENAME TO room_members;
CREATE UNIQUE INDEX room_seats ON room_members (room_id, seat) WHERE seat IS NOT NULL;
CREATE INDEX room_members_by_account ON room_members (account_id) WHERE join_id IS NOT NULL;
CREATE INDEX room_members_here ON room_members (room_id) WHERE join_id IS NOT NULL;
CREATE INDEX room_members_due ON room_members (deadline_at) WHERE deadline_at IS NOT NULL;
ALTER TABLE rooms DROP COLUMN locked_seats;
ALTER TABLE rooms DROP COLUMN shape;
