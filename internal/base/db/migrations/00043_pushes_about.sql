-- +goose Up

-- Which notification the daily limit counted: of one person not more than a part is. A push
-- that is dropped unsent names the one that is taken back; '': it was not counted.
ALTER TABLE notifications ADD COLUMN counted BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX notifications_counted ON notifications (account_id, about_id, at) WHERE counted;
ALTER TABLE push_queue ADD COLUMN counted_id TEXT NOT NULL DEFAULT '';
ALTER TABLE push_queue DROP COLUMN counted;

-- +goose Down
ALTER TABLE push_queue ADD COLUMN counted BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE push_queue DROP COLUMN counted_id;
DROP INDEX notifications_counted;
ALTER TABLE notifications DROP COLUMN counted;
