package db

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// A Command is one idempotent request of one person. The first transaction of
// the request claims it in the same commit as its effect, so that no crash and
// no retry can make the effect happen twice.
type Command struct {
	Account string
	Key     string // stands for the client's Idempotency-Key
	Request string // hash of what was asked

	claimed bool
}

// ErrClaimed means that the command took effect before.
var ErrClaimed = errors.New("db: this command took effect before")

type commandKey struct{}

// WithCommand makes the first Tx under the returned context claim c.
func WithCommand(ctx context.Context, c *Command) context.Context {
	return context.WithValue(ctx, commandKey{}, c)
}

func claimCommand(ctx context.Context, tx *sql.Tx) error {
	c, _ := ctx.Value(commandKey{}).(*Command)
	if c == nil || c.claimed {
		return nil
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO commands (account_id, key, request, created_at) VALUES ($1, $2, $3, $4)`,
		c.Account, c.Key, c.Request, time.Now().UnixMilli())
	if IsUnique(err) {
		return ErrClaimed
	}
	return err
}

func commandClaimed(ctx context.Context) {
	if c, _ := ctx.Value(commandKey{}).(*Command); c != nil {
		c.claimed = true
	}
}

// Claimed reports whether a transaction committed under this command.
func (c *Command) Claimed() bool { return c.claimed }

// Reply is the stored response of a command.
type Reply struct {
	Request string
	Status  int // 0: it took effect, the answer was never kept
	Body    string
}

// ReplyTo finds what was answered to a command before, under any of the keys it
// may stand under; ok is false if it never took effect.
func (d *DB) ReplyTo(ctx context.Context, account string, keys ...string) (r Reply, ok bool, err error) {
	var status sql.NullInt64
	var body sql.NullString
	args := []any{account}
	for _, k := range keys {
		args = append(args, k)
	}
	err = d.QueryRowContext(ctx, `SELECT request, status, reply FROM commands WHERE account_id = $1 AND key IN (`+Placeholders(2, len(keys))+`)`,
		args...).Scan(&r.Request, &status, &body)
	if IsNone(err) {
		return r, false, nil
	}
	r.Status, r.Body = int(status.Int64), body.String
	return r, err == nil, err
}

// KeepReply keeps the answer to a claimed command for its retries.
func (d *DB) KeepReply(ctx context.Context, c *Command, status int, body string) error {
	return d.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE commands SET status = $1, reply = $2 WHERE account_id = $3 AND key = $4`,
			status, body, c.Account, c.Key)
		return err
	})
}

// ForgetReplies drops commands older than before.
func (d *DB) ForgetReplies(ctx context.Context, before time.Time) error {
	return d.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM commands WHERE created_at < $1`, before.UnixMilli())
		return err
	})
}
