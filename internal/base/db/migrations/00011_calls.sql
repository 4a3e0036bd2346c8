-- +goose Up

-- One of the two is out of a call that the other still sees as proposed: they
-- declined, blocked the other, or let nobody ring them. The other must not be
-- able to tell this from no answer, so the call itself ends at its deadline.
ALTER TABLE call_sides ADD COLUMN out_at BIGINT;
ALTER TABLE call_sides ADD COLUMN out_why TEXT CHECK (out_why IN ('declined', 'blocked', 'unheard'));

-- After a proposal that came to nothing the two are not proposed to each other
-- again until then.
ALTER TABLE meetings ADD COLUMN apart_until BIGINT NOT NULL DEFAULT 0;

-- How often somebody let a proposal pass lately. Each time they wait longer for
-- the next one; after some hours it is forgotten.
CREATE TABLE refusals (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    count      BIGINT NOT NULL,
    at         BIGINT NOT NULL, -- the last one
    rest_until BIGINT NOT NULL  -- no proposal before
);
CREATE INDEX refusals_by_age ON refusals (at);

-- The bell of Call has rung, and its owner was not shown it yet.
ALTER TABLE call_bells ADD COLUMN rung_at BIGINT;

-- +goose Down
ALTER TABLE call_bells DROP COLUMN rung_at;
DROP TABLE refusals;
ALTER TABLE meetings DROP COLUMN apart_until;
ALTER TABLE call_sides DROP COLUMN out_why;
ALTER TABLE call_sides DROP COLUMN out_at;
