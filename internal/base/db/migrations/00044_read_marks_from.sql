-- +goose Up
-- When read marks are shown again that were hidden; NULL: that was not asked for.
ALTER TABLE read_marks ADD COLUMN shown_from BIGINT;

-- +goose Down
ALTER TABLE read_marks DROP COLUMN shown_from;
