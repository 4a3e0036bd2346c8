-- +goose Up

-- Facts are numbered once they are committed, and stay for an hour after they
-- were handed over. n is NULL from the commit until the relay has seen the fact.
ALTER TABLE outbox ADD COLUMN n BIGINT;
CREATE UNIQUE INDEX outbox_by_number ON outbox (n);
CREATE INDEX outbox_unnumbered ON outbox (id) WHERE n IS NULL;

-- The last number given out: one row.
CREATE TABLE outbox_head (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    n   BIGINT NOT NULL
);
INSERT INTO outbox_head (one, n) VALUES (1, 0);

-- How far each listener is: it has taken every fact up to n.
CREATE TABLE outbox_cursors (
    listener      TEXT PRIMARY KEY,
    n             BIGINT NOT NULL,
    tries         BIGINT NOT NULL,  -- of the fact after n
    failing_since BIGINT NOT NULL   -- 0: it has not failed
);

-- Facts that a listener was handed in vain until its patience was over.
CREATE TABLE outbox_dead_letters (
    listener   TEXT NOT NULL,
    n          BIGINT NOT NULL,
    scope      TEXT NOT NULL,
    seq        BIGINT NOT NULL,
    kind       TEXT NOT NULL,
    data       TEXT NOT NULL,
    error      TEXT NOT NULL,
    tries      BIGINT NOT NULL,
    created_at BIGINT NOT NULL,     -- the fact
    died_at    BIGINT NOT NULL,
    PRIMARY KEY (listener, n)
);

-- +goose Down
DROP TABLE outbox_dead_letters;
DROP TABLE outbox_cursors;
DROP TABLE outbox_head;
DROP INDEX outbox_unnumbered;
DROP INDEX outbox_by_number;
DELETE FROM outbox WHERE n IS NOT NULL;
ALTER TABLE outbox DROP COLUMN n;
