-- +goose Up

-- Two who like each other and are no match yet, as they did not fit or were
-- kept apart when the second like was given.
CREATE INDEX pairs_mutual ON pairs (a_id, b_id) WHERE matched_at IS NULL AND a_choice = 'like' AND b_choice = 'like';

-- +goose Down
DROP INDEX pairs_mutual;
