-- +goose Up

-- Processes that hold sockets. One that has not renewed its row in time is taken for dead,
-- and its rows of online go with it.
CREATE TABLE nodes (
    node  TEXT PRIMARY KEY,
    until BIGINT NOT NULL
);

-- Who has a socket at which node, or had one half a minute ago. There is no time in it:
-- nobody can be asked when somebody was here last.
CREATE TABLE online (
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    node       TEXT NOT NULL REFERENCES nodes (node) ON DELETE CASCADE,
    PRIMARY KEY (account_id, node)
);
CREATE INDEX online_by_node ON online (node);

-- What friends may see. No row: visible, without rooms.
CREATE TABLE presence_settings (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    mode       TEXT NOT NULL CHECK (mode IN ('visible', 'do_not_disturb', 'invisible')),
    until      BIGINT,          -- of do_not_disturb; NULL: until it is switched off
    show_rooms BOOLEAN NOT NULL
);
CREATE INDEX presence_settings_due ON presence_settings (until) WHERE until IS NOT NULL;

-- +goose Down
DROP TABLE presence_settings;
DROP TABLE online;
DROP TABLE nodes;
