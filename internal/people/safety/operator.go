package safety

import (
	"context"
	"database/sql"
	"encoding/json"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/outbox"
	"heyy/internal/base/textrule"
	"heyy/internal/people/account"
)

// CaseFile is a report as an operator sees it. Times are Unix milliseconds.
type CaseFile struct {
	ID       string  `json:"id"`
	At       int64   `json:"at"`
	Reason   string  `json:"reason"`
	Note     string  `json:"note,omitempty"`
	Place    string  `json:"place"`
	About    string  `json:"about,omitempty"` // name of the place at that time
	More     []entry `json:"more,omitempty"`  // later complaints of the same person
	By       Party   `json:"by"`
	On       Party   `json:"on"`
	ClosedAt int64   `json:"closed_at,omitempty"`
	ClosedBy string  `json:"closed_by,omitempty"`
	Decision string  `json:"decision,omitempty"`
}

// Party is one of the two people of a report.
type Party struct {
	ID       account.ID `json:"id"`
	Name     string     `json:"name"`
	Since    int64      `json:"since"`    // creation of the account
	Given    int        `json:"given"`    // reports, this one included
	Received int        `json:"received"` // reports
	Blocked  int        `json:"blocked"`  // blocks received
}

// History is a report with all other reports of both people, newest first.
type History struct {
	CaseFile
	OfBy []CaseFile `json:"reports_with_by"` // given or received by the reporter
	OfOn []CaseFile `json:"reports_with_on"` // given or received by the reported person
}

const caseColumns = `SELECT r.id, r.created_at, r.reason, r.note, r.place, r.about, r.more, r.closed_at, r.closed_by, r.decision,
	b.id, b.created_at, COALESCE(bp.name, ''), o.id, o.created_at, COALESCE(op.name, ''),
	(SELECT COUNT(*) FROM reports x WHERE x.by_id = b.id), (SELECT COUNT(*) FROM reports x WHERE x.on_id = b.id), (SELECT COUNT(*) FROM blocks x WHERE x.on_id = b.id),
	(SELECT COUNT(*) FROM reports x WHERE x.by_id = o.id), (SELECT COUNT(*) FROM reports x WHERE x.on_id = o.id), (SELECT COUNT(*) FROM blocks x WHERE x.on_id = o.id)
	FROM reports r JOIN accounts b ON b.id = r.by_id JOIN accounts o ON o.id = r.on_id
	LEFT JOIN profiles bp ON bp.account_id = b.id LEFT JOIN profiles op ON op.account_id = o.id`

func scanCase(row interface{ Scan(...any) error }) (f CaseFile, err error) {
	var more string
	var closed sql.NullInt64
	if err := row.Scan(&f.ID, &f.At, &f.Reason, &f.Note, &f.Place, &f.About, &more, &closed, &f.ClosedBy, &f.Decision,
		&f.By.ID, &f.By.Since, &f.By.Name, &f.On.ID, &f.On.Since, &f.On.Name,
		&f.By.Given, &f.By.Received, &f.By.Blocked, &f.On.Given, &f.On.Received, &f.On.Blocked); err != nil {
		return f, err
	}
	f.ClosedAt = closed.Int64
	return f, json.Unmarshal([]byte(more), &f.More)
}

// List returns open reports, oldest first; with all, closed ones too.
func (s *Service) List(ctx context.Context, all bool, most int) (_ []CaseFile, err error) {
	defer fault.Wrap(&err, "list reports")
	return db.Select(ctx, s.db, scanCase, caseColumns+` WHERE $1 OR r.closed_at IS NULL ORDER BY r.created_at, r.id LIMIT $2`, all, most)
}

// CountOpen is the number of reports that wait for an operator.
func (s *Service) CountOpen(ctx context.Context) (n int, err error) {
	defer fault.Wrap(&err, "count reports")
	err = s.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM reports WHERE closed_at IS NULL`).Scan(&n)
	return n, err
}

var errNoReport = fault.New(fault.NotFound, "report.unknown", "This report doesn't exist. Check the ID.")

// Get returns a report with the history of both people.
func (s *Service) Get(ctx context.Context, report string) (h History, err error) {
	defer fault.Wrap(&err, "show report %s", report)
	h.CaseFile, err = scanCase(s.db.QueryRowContext(ctx, caseColumns+` WHERE r.id = $1`, report))
	if db.IsNone(err) {
		return h, errNoReport
	}
	if err != nil {
		return h, err
	}
	with := func(who account.ID) ([]CaseFile, error) {
		return db.Select(ctx, s.db, scanCase, caseColumns+` WHERE r.id <> $1 AND (r.by_id = $2 OR r.on_id = $2) ORDER BY r.created_at DESC, r.id LIMIT 200`, report, string(who))
	}
	if h.OfBy, err = with(h.By.ID); err != nil {
		return h, err
	}
	h.OfOn, err = with(h.On.ID)
	return h, err
}

// Close stores an operator's decision, and tells who reported that there is one. A closed report
// cannot be changed.
func (s *Service) Close(ctx context.Context, report, operator, decision string) (err error) {
	defer fault.Wrap(&err, "close report %s", report)
	if operator, err = textrule.Line("by", operator, 80); err != nil {
		return err
	}
	if decision, err = textrule.Line("decision", decision, MaxNote); err != nil {
		return err
	}
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		now := s.now()
		var by account.ID
		err := tx.QueryRowContext(ctx, `UPDATE reports SET closed_at = $1, closed_by = $2, decision = $3 WHERE id = $4 AND closed_at IS NULL RETURNING by_id`,
			db.Millis(now), operator, decision, report).Scan(&by)
		if err == nil {
			return outbox.Append(ctx, tx, now, Decided{Account: by, Report: report, At: db.Millis(now)})
		}
		if !db.IsNone(err) {
			return err
		}
		var there bool
		if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM reports WHERE id = $1)`, report).Scan(&there); err != nil {
			return err
		}
		if !there {
			return errNoReport
		}
		return fault.New(fault.Conflict, "report.closed", "This report is already closed.")
	})
	if err == nil {
		s.wake()
	}
	return err
}
