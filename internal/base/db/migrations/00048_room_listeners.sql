-- +goose Up
-- The listeners of a room, as they are listed and counted with each join.
CREATE INDEX room_listeners ON room_members (room_id, joined_at, account_id) WHERE seat IS NULL AND join_id IS NOT NULL;

-- +goose Down
DROP INDEX room_listeners;
