package outbox

import (
	"context"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
)

// MaxMissed is the maximum number of facts that Since returns. Beyond it the state itself
// is hardly longer.
const MaxMissed = 100

// ErrTooOld is the answer to a client that knows a state after which not every fact is
// there any more, or cannot be told alone: it reads the state itself.
var ErrTooOld = fault.New(fault.Gone, "live.too_old", "Too much has changed since then. Load it again.")

// Since returns the facts of a scope after number since and up to seq, which is the
// current number of the scope in the same transaction: all of them, without gaps. The
// scope has one fact with each number. Fault: live.too_old.
//
// The fact with number since must be retained, too. Then every fact of any scope that was
// committed after it is.
func Since(ctx context.Context, q db.Querier, scope string, since, seq int64) ([]Record, error) {
	if since < 1 || since > seq || seq-since > MaxMissed {
		return nil, ErrTooOld
	}
	facts, err := Of(ctx, q, scope, since, int(seq-since)+1)
	if err != nil {
		return nil, err
	}
	for i, f := range facts {
		if f.Seq != since+int64(i) {
			return nil, ErrTooOld
		}
	}
	if int64(len(facts)) != seq-since+1 {
		return nil, ErrTooOld
	}
	return facts[1:], nil
}

// Of returns the retained facts of a scope from a number on, in order, limit at most.
// They may not have been handed to any listener yet, and then N is 0.
func Of(ctx context.Context, q db.Querier, scope string, from int64, limit int) ([]Record, error) {
	return db.Select(ctx, q, scanRecord, `SELECT COALESCE(n, 0), id, scope, seq, kind, data, created_at FROM outbox
		WHERE scope = $1 AND seq >= $2 ORDER BY seq LIMIT $3`, scope, from, limit)
}

// HasAny reports whether a retained fact is of one of the scopes.
func HasAny(ctx context.Context, q db.Querier, scopes ...string) (has bool, err error) {
	if len(scopes) == 0 {
		return false, nil
	}
	args := make([]any, len(scopes))
	for i, s := range scopes {
		args[i] = s
	}
	err = q.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM outbox WHERE scope IN (`+db.Placeholders(1, len(scopes))+`))`, args...).Scan(&has)
	return has, err
}
