-- +goose Up

-- Who has come by which link: each counts once.
CREATE TABLE club_invite_uses (
    invite_id  TEXT NOT NULL REFERENCES club_invites (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    PRIMARY KEY (invite_id, account_id)
);
CREATE INDEX club_invite_uses_by ON club_invite_uses (account_id);

-- +goose Down
DROP TABLE club_invite_uses;
