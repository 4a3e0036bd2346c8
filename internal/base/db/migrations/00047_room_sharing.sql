-- +goose Up

-- Whether anybody with its address may hear the room, without an account.
ALTER TABLE rooms ADD COLUMN shared BOOLEAN NOT NULL DEFAULT FALSE;

-- Whether people without an account see the name and the aura of a speaker in such a room.
ALTER TABLE profiles ADD COLUMN public BOOLEAN NOT NULL DEFAULT FALSE;

-- +goose Down
ALTER TABLE profiles DROP COLUMN public;
ALTER TABLE rooms DROP COLUMN shared;
