-- +goose Up

-- The contact cards of two people: one row for the pair, so that an exchange is never one-sided.
-- A row in state 'none' is never committed: it is the lock of the pair.
CREATE TABLE contact_cards (
    a_id  TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    b_id  TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('none', 'offered', 'ignored', 'withdrawn', 'exchanged')),
    by_a  BOOLEAN NOT NULL, -- who offered: a_id or b_id
    place TEXT NOT NULL,    -- title of the room in which it was offered; '': in none
    at    BIGINT NOT NULL,  -- of the offer; exchanged: of the exchange
    until BIGINT,           -- when the offer expires; null: exchanged
    PRIMARY KEY (a_id, b_id),
    CHECK (a_id < b_id),
    CHECK ((state = 'exchanged') = (until IS NULL))
);
CREATE INDEX contact_cards_of_a ON contact_cards (a_id, at, b_id);
CREATE INDEX contact_cards_of_b ON contact_cards (b_id, at, a_id);
CREATE INDEX contact_cards_due ON contact_cards (until) WHERE until IS NOT NULL;

-- +goose Down
DROP TABLE contact_cards;
