-- +goose Up

-- Whether the daily limit counted this push. One that is dropped unsent is taken back.
ALTER TABLE push_queue ADD COLUMN counted BOOLEAN NOT NULL DEFAULT FALSE;

-- +goose Down
ALTER TABLE push_queue DROP COLUMN counted;
