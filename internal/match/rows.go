package match

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"heyy/internal/account"
	"heyy/internal/db"
	"heyy/internal/discovery"
)

// row is a ticket and what else of one person decides whether they may be
// proposed, as it was read: comparing two tells whether anything changed.
type row struct {
	id, intents, languages, skips string
	who                           account.ID
	resident, proposed            bool // proposed: at least once in this coming
	entered, changed              int64
	edited                        int64  // the profile was
	from, to                      int    // years that they wish
	call                          string // the proposal that is out for them
	open                          string // state of the call they are in; "": none
	stage                         bool   // they sit on a stage
	reach                         Reach
}

const (
	rowColumns = `SELECT t.id, t.account_id, t.intents, t.languages, t.skips, t.resident, t.proposed_at IS NOT NULL, t.entered_at, t.changed_at, t.call_id, p.updated_at, p.age_from, p.age_to, p.reach,
	(SELECT c.state FROM call_sides s JOIN calls c ON c.id = s.call_id WHERE s.account_id = t.account_id AND s.open),
	EXISTS (SELECT 1 FROM room_members m WHERE m.account_id = t.account_id AND m.join_id IS NOT NULL AND m.seat IS NOT NULL)
	FROM tickets t JOIN profiles p ON p.account_id = t.account_id `
)

func scanRow(x interface{ Scan(...any) error }) (r row, err error) {
	var call, open sql.NullString
	err = x.Scan(&r.id, &r.who, &r.intents, &r.languages, &r.skips, &r.resident, &r.proposed, &r.entered, &r.changed, &call, &r.edited, &r.from, &r.to, &r.reach, &open, &r.stage)
	r.call, r.open = call.String, open.String
	return r, err
}

// free reports whether they may be proposed to somebody, as far as one row tells.
func (r *row) free() bool { return r.call == "" && r.open == "" && !r.stage && r.reach != Nobody }

func (r *row) wishes() (intents, languages []string) {
	w, err := tonight(r.intents, r.languages)
	if err != nil {
		return []string{""}, nil // nobody has this one
	}
	return w.Intents, w.Languages
}

func (r *row) skipped() (ids []account.ID) {
	if r.skips == "[]" || json.Unmarshal([]byte(r.skips), &ids) != nil {
		return nil
	}
	return ids
}

// rowsOf are the living tickets of some people.
func rowsOf(ctx context.Context, q db.Querier, now int64, ids ...account.ID) (map[account.ID]row, error) {
	args := make([]any, 0, len(ids)+1)
	args = append(args, now)
	for _, who := range ids {
		args = append(args, string(who))
	}
	all, err := db.Select(ctx, q, scanRow, rowColumns+`WHERE t.deadline_at > $1 AND t.account_id IN (`+db.Marks(2, len(ids))+`)`, args...)
	found := make(map[account.ID]row, len(all))
	for _, r := range all {
		found[r.who] = r
	}
	return found, err
}

// apartFrom are, for each of some people, those who wait as well and whom
// something keeps from them: a meeting, a block, a report, a match, a pass. It
// only saves proposals that the rows would refuse.
func apartFrom(ctx context.Context, q db.Querier, now time.Time, ids []account.ID) (map[account.ID][]account.ID, error) {
	args := make([]any, 0, len(ids)+1)
	args = append(args, db.Millis(now.Add(-MetTime)))
	for _, who := range ids {
		args = append(args, string(who))
	}
	in := ` IN (` + db.Marks(2, len(ids)) + `)`
	const met, over = `(never OR at > $1) AND `, `(matched_at IS NOT NULL OR a_choice = 'pass' AND a_at > $1 OR b_choice = 'pass' AND b_at > $1) AND `
	text := `SELECT a_id AS x, b_id AS y FROM meetings WHERE ` + met + `a_id` + in + ` UNION ALL SELECT b_id, a_id FROM meetings WHERE ` + met + `b_id` + in +
		` UNION ALL SELECT a_id, b_id FROM pairs WHERE ` + over + `a_id` + in + ` UNION ALL SELECT b_id, a_id FROM pairs WHERE ` + over + `b_id` + in
	for _, table := range []string{"blocks", "reports"} {
		text += ` UNION ALL SELECT by_id, on_id FROM ` + table + ` WHERE by_id` + in + ` UNION ALL SELECT on_id, by_id FROM ` + table + ` WHERE on_id` + in
	}
	found := map[account.ID][]account.ID{}
	_, err := db.Select(ctx, q, func(row interface{ Scan(...any) error }) (none struct{}, err error) {
		var x, y account.ID
		err = row.Scan(&x, &y)
		found[x] = append(found[x], y)
		return none, err
	}, `SELECT u.x, u.y FROM (`+text+`) u WHERE EXISTS (SELECT 1 FROM tickets t WHERE t.account_id = u.y)`, args...)
	return found, err
}

// verdict is what the rows say to a proposal.
type verdict struct {
	call  string // made
	apart bool   // these two not, whatever they wish
	known bool   // rows and people are what was read
	rows  map[account.ID]row
	both  map[account.ID]*discovery.Person
}
