-- +goose Up

-- How many listen, and how lively a room is: what lists order rooms by. Who must not know who is
-- in a room learns nothing from its place: with a PIN it is 0.
ALTER TABLE rooms ADD COLUMN listening BIGINT NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN lively BIGINT NOT NULL DEFAULT 0;
UPDATE rooms SET listening = (SELECT COUNT(*) FROM room_members m WHERE m.room_id = rooms.id AND m.join_id IS NOT NULL AND m.seat IS NULL) WHERE ended_at IS NULL;
UPDATE rooms SET lively = 1000000 * (SELECT COUNT(*) FROM room_members m WHERE m.room_id = rooms.id AND m.seat IS NOT NULL) + listening WHERE ended_at IS NULL AND access <> 'pin';
DROP INDEX rooms_open;
CREATE INDEX rooms_lively ON rooms (lively, id) WHERE ended_at IS NULL AND deadline_at IS NULL AND live_at IS NOT NULL AND access <> 'link';
CREATE INDEX rooms_lively_topic ON rooms (category, lively, id) WHERE ended_at IS NULL AND deadline_at IS NULL AND live_at IS NOT NULL AND access <> 'link';
CREATE INDEX rooms_lively_language ON rooms (language, lively, id) WHERE ended_at IS NULL AND deadline_at IS NULL AND live_at IS NOT NULL AND access <> 'link';
-- Where somebody is on stage.
CREATE INDEX room_members_on_stage ON room_members (account_id, room_id) WHERE seat IS NOT NULL;

-- The words by which an open room is found, folded as those of messages are, and the number of the room
-- when they were read.
CREATE TABLE lobby_rooms (
    room_id TEXT PRIMARY KEY REFERENCES rooms (id) ON DELETE CASCADE,
    seq     BIGINT NOT NULL
);
CREATE TABLE lobby_words (
    word    BYTEA NOT NULL, -- compared by bytes on both engines
    room_id TEXT NOT NULL REFERENCES lobby_rooms (room_id) ON DELETE CASCADE,
    PRIMARY KEY (word, room_id)
);
CREATE INDEX lobby_words_of ON lobby_words (room_id);

-- +goose Down
DROP TABLE lobby_words;
DROP TABLE lobby_rooms;
DROP INDEX room_members_on_stage;
DROP INDEX rooms_lively_language;
DROP INDEX rooms_lively_topic;
DROP INDEX rooms_lively;
CREATE INDEX rooms_open ON rooms (category, created_at) WHERE ended_at IS NULL;
ALTER TABLE rooms DROP COLUMN lively;
ALTER TABLE rooms DROP COLUMN listening;
