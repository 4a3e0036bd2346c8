-- +goose Up

-- The facts of one scope after a number: what a client missed.
CREATE INDEX outbox_by_scope ON outbox (scope, seq);

-- +goose Down
DROP INDEX outbox_by_scope;
