package discovery

import (
	"context"
	"database/sql"
	"sync"

	"heyy/internal/db"
)

// statement is a text that is prepared when it is first needed: SQLite takes
// longer to read our longest ones than to run them.
type statement struct {
	text string
	mu   sync.Mutex
	made *sql.Stmt
}

// of prepares the statement. Not while a transaction is open: many of them
// would wait here for a connection, with all connections in their hands.
func (t *statement) of(ctx context.Context, d *db.DB) (*sql.Stmt, error) {
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

// query is the rows that a statement gives.
func (t *statement) query(ctx context.Context, d *db.DB, args ...any) (*sql.Rows, error) {
	made, err := t.of(ctx, d)
	if err != nil {
		return nil, err
	}
	return made.QueryContext(ctx, args...)
}

// texts are the statements that run most.
type texts struct {
	viewer, two, many                                  statement
	lock, quota, log, aReads, aWrites, bReads, bWrites statement
}

func newTexts() *texts {
	return &texts{
		viewer: statement{text: `SELECT ` + personColumns + `,
			(SELECT count(*) FROM choices h WHERE h.by_id = p.account_id AND h.liked AND h.at > $1)` + personTables + `WHERE p.account_id = $2`},
		two:     statement{text: standingOf(1)},
		many:    statement{text: standingOf(checked)},
		lock:    statement{text: `INSERT INTO choosers (account_id, n) VALUES ($1, 1) ON CONFLICT (account_id) DO UPDATE SET n = choosers.n + 1 RETURNING n`},
		quota:   statement{text: `SELECT count(*), count(CASE WHEN liked THEN 1 END) FROM choices WHERE by_id = $1 AND at > $2`},
		log:     statement{text: `INSERT INTO choices (by_id, n, on_id, liked, at, was, was_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`},
		aReads:  statement{text: sideReads("a")},
		aWrites: statement{text: sideWrites("a", "b")},
		bReads:  statement{text: sideReads("b")},
		bWrites: statement{text: sideWrites("b", "a")},
	}
}

// sideReads is what one side of a pair chose, and what became of both.
func sideReads(mine string) string {
	return `SELECT ` + mine + `_choice, ` + mine + `_at, matched_at IS NOT NULL, ended_at IS NOT NULL FROM pairs WHERE a_id = $1 AND b_id = $2`
}

// sideWrites is one side's choice. It makes the match if both like; the row of
// a match is left alone.
func sideWrites(mine, theirs string) string {
	return `INSERT INTO pairs (a_id, b_id, ` + mine + `_choice, ` + mine + `_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (a_id, b_id) DO UPDATE SET ` + mine + `_choice = $3, ` + mine + `_at = $4,
			matched_at = CASE WHEN $3 = 'like' AND pairs.` + theirs + `_choice = 'like' THEN $4 END,
			seq = pairs.seq + CASE WHEN $3 = 'like' AND pairs.` + theirs + `_choice = 'like' THEN 1 ELSE 0 END
		WHERE pairs.matched_at IS NULL RETURNING matched_at, seq`
}

// side is what one side of a pair does.
type side struct{ read, write *sql.Stmt }

// chooseTexts are the statements of a choice, prepared.
type chooseTexts struct {
	lock, quota, log *sql.Stmt
	a, b             side
}

func (t *texts) toChoose(ctx context.Context, d *db.DB) (*chooseTexts, error) {
	w := &chooseTexts{}
	for _, one := range []struct {
		from *statement
		to   **sql.Stmt
	}{
		{&t.lock, &w.lock}, {&t.quota, &w.quota}, {&t.log, &w.log},
		{&t.aReads, &w.a.read}, {&t.aWrites, &w.a.write}, {&t.bReads, &w.b.read}, {&t.bWrites, &w.b.write},
	} {
		made, err := one.from.of(ctx, d)
		if err != nil {
			return nil, err
		}
		*one.to = made
	}
	return w, nil
}
