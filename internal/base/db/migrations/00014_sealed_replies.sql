-- +goose Up

-- What was answered could be read here: towns, mail addresses, birth dates,
-- tokens for audio. Replies are sealed from now on; of those from before, it
-- stays known that they took effect.
UPDATE commands SET status = NULL, reply = NULL;

-- +goose Down
UPDATE commands SET status = NULL, reply = NULL;
