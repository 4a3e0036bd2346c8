-- +goose Up

-- Where somebody lives, as the S2 cell of level 10 around their town, and the
-- coarser cell that others are shown: '' is none. Never a town, never a
-- coordinate. A move waits in next_cell until next_at.
CREATE TABLE regions (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    cell       TEXT NOT NULL,
    next_cell  TEXT,
    next_at    BIGINT,
    moved      TEXT NOT NULL,   -- JSON: when, within the last day
    counts_at  BIGINT NOT NULL, -- from when on they count for regions: 0 until the first move
    shown      TEXT NOT NULL,
    updated_at BIGINT NOT NULL  -- of shown
);
CREATE INDEX regions_by_cell ON regions (cell, shown, counts_at, account_id);
CREATE INDEX regions_by_update ON regions (updated_at);
CREATE INDEX regions_due ON regions (next_at) WHERE next_at IS NOT NULL;

-- The cells that are shown to people, as they were grown last.
CREATE TABLE region_cells (
    cell TEXT PRIMARY KEY
);

-- One row: locked by whoever places people, or grows regions.
CREATE TABLE region_growth (
    name     TEXT PRIMARY KEY,
    grown_at BIGINT NOT NULL
);
INSERT INTO region_growth (name, grown_at) VALUES ('all', 0);

-- +goose Down
DROP TABLE region_growth;
DROP TABLE region_cells;
DROP TABLE regions;
