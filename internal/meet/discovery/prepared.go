package discovery

import (
	"context"
	"database/sql"
	"sync"

	"heyy/internal/base/db"
)

// statement is an SQL text, prepared on first use: SQLite takes longer to parse the longest
// ones than to run them.
type statement struct {
	text string
	mu   sync.Mutex
	made *sql.Stmt
}

// prepare returns the prepared statement. Do not call it inside a transaction: with all
// connections of the pool in use it would deadlock.
func (t *statement) prepare(ctx context.Context, d *db.DB) (*sql.Stmt, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.made == nil {
		made, err := d.PrepareContext(context.WithoutCancel(ctx), t.text)
		if err != nil {
			return nil, err
		}
		t.made = made
	}
	return t.made, nil
}

// query runs the statement.
func (t *statement) query(ctx context.Context, d *db.DB, args ...any) (*sql.Rows, error) {
	made, err := t.prepare(ctx, d)
	if err != nil {
		return nil, err
	}
	return made.QueryContext(ctx, args...)
}

// statements are the most frequent ones.
type statements struct {
	viewer, onePair, batch                                     statement
	lock, quota, recent, log, aReads, aWrites, bReads, bWrites statement
}

func newStatements() *statements {
	return &statements{
		viewer: statement{text: `SELECT ` + personColumns + `,
			(SELECT count(*) FROM choices h WHERE h.by_id = p.account_id AND h.liked AND h.at > $1)` + personTables + `WHERE p.account_id = $2`},
		onePair: statement{text: relationsSQL(1)},
		batch:   statement{text: relationsSQL(recheckBatch)},
		lock:    statement{text: `INSERT INTO choosers (account_id, n) VALUES ($1, 1) ON CONFLICT (account_id) DO UPDATE SET n = choosers.n + 1 RETURNING n`},
		quota:   statement{text: `SELECT count(*), count(CASE WHEN liked THEN 1 END) FROM choices WHERE by_id = $1 AND at > $2`},
		recent:  statement{text: `SELECT liked FROM choices WHERE by_id = $1 AND on_id = $2 AND NOT undone AND at > $3 ORDER BY n DESC LIMIT 1`},
		log:     statement{text: `INSERT INTO choices (by_id, n, on_id, liked, at, was, was_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`},
		aReads:  statement{text: sideReadSQL("a")},
		aWrites: statement{text: sideWriteSQL("a", "b")},
		bReads:  statement{text: sideReadSQL("b")},
		bWrites: statement{text: sideWriteSQL("b", "a")},
	}
}

// sideReadSQL reads the choice of one side of a pair, and the match.
func sideReadSQL(mine string) string {
	return `SELECT ` + mine + `_choice, ` + mine + `_at, matched_at IS NOT NULL, ended_at IS NOT NULL FROM pairs WHERE a_id = $1 AND b_id = $2`
}

// sideWriteSQL writes the choice of one side. It makes the match if both like and may meet
// ($6); the row of an existing match is left alone. A like is written in the same way
// whether or not the two may meet and whatever the other chose: otherwise the return of the
// card would reveal a like. MatchMutual makes the match later. A choice on a deleted
// account is not written: the statement then returns no row.
func sideWriteSQL(mine, theirs string) string {
	return `INSERT INTO pairs (a_id, b_id, ` + mine + `_choice, ` + mine + `_at, ` + mine + `_hides_at)
		SELECT $1, $2, $3, $4, $5 WHERE EXISTS (SELECT 1 FROM accounts WHERE id = $1) AND EXISTS (SELECT 1 FROM accounts WHERE id = $2)
		ON CONFLICT (a_id, b_id) DO UPDATE SET ` + mine + `_choice = excluded.` + mine + `_choice, ` + mine + `_at = excluded.` + mine + `_at, ` + mine + `_hides_at = excluded.` + mine + `_hides_at,
			matched_at = CASE WHEN $6 AND excluded.` + mine + `_choice = 'like' AND pairs.` + theirs + `_choice = 'like' THEN excluded.` + mine + `_at END,
			seq = pairs.seq + CASE WHEN $6 AND excluded.` + mine + `_choice = 'like' AND pairs.` + theirs + `_choice = 'like' THEN 1 ELSE 0 END
		WHERE pairs.matched_at IS NULL RETURNING matched_at, seq`
}

// side holds the statements of one side of a pair.
type side struct{ read, write *sql.Stmt }

// choiceStatements are the prepared statements of a choice.
type choiceStatements struct {
	lock, quota, recent, log *sql.Stmt
	a, b                     side
}

func (t *statements) forChoice(ctx context.Context, d *db.DB) (*choiceStatements, error) {
	w := &choiceStatements{}
	for _, one := range []struct {
		from *statement
		to   **sql.Stmt
	}{
		{&t.lock, &w.lock}, {&t.quota, &w.quota}, {&t.recent, &w.recent}, {&t.log, &w.log},
		{&t.aReads, &w.a.read}, {&t.aWrites, &w.a.write}, {&t.bReads, &w.b.read}, {&t.bWrites, &w.b.write},
	} {
		made, err := one.from.prepare(ctx, d)
		if err != nil {
			return nil, err
		}
		*one.to = made
	}
	return w, nil
}
