-- +goose Up

-- The version of what a row grants at the media server: it grows with each change.
ALTER TABLE room_members ADD COLUMN audio_version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE call_sides ADD COLUMN audio_version BIGINT NOT NULL DEFAULT 0;

-- Its room may exist at the media server, as in calls.
ALTER TABLE rooms ADD COLUMN audio BOOLEAN NOT NULL DEFAULT TRUE;
UPDATE rooms SET audio = FALSE WHERE ended_at IS NOT NULL;
CREATE INDEX rooms_to_close ON rooms (ended_at) WHERE audio;

-- +goose Down
DROP INDEX rooms_to_close;
ALTER TABLE rooms DROP COLUMN audio;
ALTER TABLE call_sides DROP COLUMN audio_version;
ALTER TABLE room_members DROP COLUMN audio_version;
