-- +goose Up

-- Who comes into a room: everybody, those who follow its host, whoever has its address, whoever knows its PIN.
ALTER TABLE rooms ADD COLUMN access TEXT NOT NULL DEFAULT 'open' CHECK (access IN ('open', 'followers', 'club', 'link', 'pin'));
-- A keyed digest; kept when the access changes, so that going back to a PIN finds it.
ALTER TABLE rooms ADD COLUMN pin_hash TEXT NOT NULL DEFAULT '';
-- The most people present; 0: any number.
ALTER TABLE rooms ADD COLUMN capacity BIGINT NOT NULL DEFAULT 0 CHECK (capacity >= 0);
-- Whether one may be here only to listen.
ALTER TABLE rooms ADD COLUMN audience BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE rooms ADD COLUMN women_only BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE rooms ADD COLUMN verified_only BOOLEAN NOT NULL DEFAULT FALSE;

-- Whom the access of a room does not keep out, as long as it stays: who has known the PIN, or is to speak.
CREATE TABLE room_admissions (
    room_id    TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    PRIMARY KEY (room_id, account_id)
);

-- Wrong PINs, to bound the guesses.
CREATE TABLE room_pin_tries (
    id         TEXT PRIMARY KEY,
    room_id    TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    network    TEXT NOT NULL, -- a keyed digest
    at         BIGINT NOT NULL
);
CREATE INDEX room_pin_tries_of ON room_pin_tries (room_id, at);

-- +goose Down
DROP TABLE room_pin_tries;
DROP TABLE room_admissions;
ALTER TABLE rooms DROP COLUMN verified_only;
ALTER TABLE rooms DROP COLUMN women_only;
ALTER TABLE rooms DROP COLUMN audience;
ALTER TABLE rooms DROP COLUMN capacity;
ALTER TABLE rooms DROP COLUMN pin_hash;
ALTER TABLE rooms DROP COLUMN access;
