-- +goose Up
-- Until when somebody without a seat may be connected to the media server: who is about to
-- take a seat, or has just left one. NULL: not at all; with a seat it has no meaning.
ALTER TABLE room_members ADD COLUMN sfu_until BIGINT;

-- +goose Down
ALTER TABLE room_members DROP COLUMN sfu_until;
