-- +goose Up

-- A keyed hash of the network from which somebody said where they live: the
-- accounts of one network count for regions a few times only. '' is not limited.
ALTER TABLE regions ADD COLUMN network TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE regions DROP COLUMN network;
