-- +goose Up

-- A direct call of two people who are no match, offered in the room in which both are.
ALTER TABLE calls ADD COLUMN offered BOOLEAN NOT NULL DEFAULT FALSE;

-- +goose Down
ALTER TABLE calls DROP COLUMN offered;
