-- +goose Up

-- The number that stands for a member at the media server and in audio packets: random, one
-- in its room. 0: the member joined before there were voices; the next join draws one.
ALTER TABLE room_members ADD COLUMN voice BIGINT NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX room_voices ON room_members (room_id, voice) WHERE voice <> 0;

-- +goose Down
DROP INDEX room_voices;
ALTER TABLE room_members DROP COLUMN voice;
