-- +goose Up

-- How often somebody has invited to events lately: until when it counts. Each invitation moves it on by
-- its part of a day, and beyond a day from now there is no other. To take one back gives nothing back.
CREATE TABLE event_quotas (
    account_id    TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    invites_until BIGINT NOT NULL
);

-- In which the last date was live: its replay has that id.
ALTER TABLE events ADD COLUMN last_room_id TEXT;
UPDATE events SET last_room_id = room_id;
CREATE INDEX events_by_last_room ON events (last_room_id) WHERE last_room_id IS NOT NULL;

-- +goose Down
DROP INDEX events_by_last_room;
ALTER TABLE events DROP COLUMN last_room_id;
DROP TABLE event_quotas;
