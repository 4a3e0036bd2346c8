package matchmaking

import (
	"context"
	"database/sql"
	"encoding/json"
	"strconv"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/meet/discovery"
	"heyy/internal/people/account"
)

// row is a ticket together with all that decides whether its owner may be
// proposed to somebody, as of one read. Rows are comparable, which detects
// changes.
type row struct {
	id, intents, languages, skips string
	who                           account.ID
	resident, wasProposed         bool // wasProposed: at least once under this ticket
	enteredAt, changedAt          int64
	profileChangedAt              int64  // of the profile
	ageFrom, ageTo                int    // preferred ages, in years
	call                          string // the open proposal or call of the ticket; "": none
	callState                     string // the state of the call they are in; "": none
	onStage                       bool   // they have a seat in a room
	privacy                       CallPrivacy
	suspendedUntil                int64 // no proposals before, Unix milliseconds; 0: not suspended
}

const (
	rowColumns = `SELECT t.id, t.account_id, t.intents, t.languages, t.skips, t.resident, t.proposed_at IS NOT NULL, t.entered_at, t.changed_at, t.call_id, p.updated_at, p.age_from, p.age_to, p.reach,
	(SELECT c.state FROM call_sides s JOIN calls c ON c.id = s.call_id WHERE s.account_id = t.account_id AND s.open),
	EXISTS (SELECT 1 FROM room_members m WHERE m.account_id = t.account_id AND m.join_id IS NOT NULL AND m.seat IS NOT NULL),
	COALESCE((SELECT f.rest_until FROM refusals f WHERE f.account_id = t.account_id), 0)
	FROM tickets t JOIN profiles p ON p.account_id = t.account_id `
)

func scanRow(x interface{ Scan(...any) error }) (r row, err error) {
	var call, open sql.NullString
	err = x.Scan(&r.id, &r.who, &r.intents, &r.languages, &r.skips, &r.resident, &r.wasProposed, &r.enteredAt, &r.changedAt, &call, &r.profileChangedAt, &r.ageFrom, &r.ageTo, &r.privacy, &open, &r.onStage, &r.suspendedUntil)
	r.call, r.callState = call.String, open.String
	return r, err
}

// isFree reports whether the owner may be proposed to somebody, as far as this
// row says.
func (r *row) isFree() bool {
	return r.call == "" && r.callState == "" && !r.onStage && r.privacy != Nobody && r.suspendedUntil == 0
}

// at returns r as of now: a suspension that is over is removed.
func (r row) at(now int64) row {
	if r.suspendedUntil <= now {
		r.suspendedUntil = 0
	}
	return r
}

func (r *row) filter() (intents, languages []string) {
	w, err := parseFilter(r.intents, r.languages)
	if err != nil {
		return []string{""}, nil // fits nobody
	}
	return w.Intents, w.Languages
}

func (r *row) exclusions() (ids []account.ID) {
	if r.skips == "[]" || json.Unmarshal([]byte(r.skips), &ids) != nil {
		return nil
	}
	return ids
}

// rowsOf reads the living tickets of some people.
func rowsOf(ctx context.Context, q db.Querier, now int64, ids ...account.ID) (map[account.ID]row, error) {
	args := make([]any, 0, len(ids)+1)
	args = append(args, now)
	for _, who := range ids {
		args = append(args, string(who))
	}
	all, err := db.Select(ctx, q, scanRow, rowColumns+`WHERE t.deadline_at > $1 AND t.account_id IN (`+db.Placeholders(2, len(ids))+`)`, args...)
	found := make(map[account.ID]row, len(all))
	for _, r := range all {
		found[r.who] = r.at(now)
	}
	return found, err
}

// exclusionsOf returns, for each of some people, the others in the queue whom
// they cannot be proposed to: because of an encounter, a block, a report, a match
// or a pass. It only saves proposals that the rows would refuse.
func exclusionsOf(ctx context.Context, q db.Querier, now time.Time, ids []account.ID) (map[account.ID][]account.ID, error) {
	args := make([]any, 0, len(ids)+1)
	args = append(args, db.Millis(now.Add(-EncounterTime)))
	for _, who := range ids {
		args = append(args, string(who))
	}
	in := ` IN (` + db.Placeholders(2, len(ids)) + `)`
	args = append(args, db.Millis(now))
	met := `(never OR at > $1 OR apart_until > $` + strconv.Itoa(len(args)) + `) AND `
	const over = `(matched_at IS NOT NULL OR a_choice = 'pass' AND a_at > $1 OR b_choice = 'pass' AND b_at > $1) AND `
	text := `SELECT a_id AS x, b_id AS y FROM meetings WHERE ` + met + `a_id` + in + ` UNION ALL SELECT b_id, a_id FROM meetings WHERE ` + met + `b_id` + in +
		` UNION ALL SELECT a_id, b_id FROM pairs WHERE ` + over + `a_id` + in + ` UNION ALL SELECT b_id, a_id FROM pairs WHERE ` + over + `b_id` + in +
		` UNION ALL SELECT a_id, b_id FROM apart WHERE a_id` + in
	found := map[account.ID][]account.ID{}
	_, err := db.Select(ctx, q, func(row interface{ Scan(...any) error }) (none struct{}, err error) {
		var x, y account.ID
		err = row.Scan(&x, &y)
		found[x] = append(found[x], y)
		return none, err
	}, `SELECT u.x, u.y FROM (`+text+`) u WHERE EXISTS (SELECT 1 FROM tickets t WHERE t.account_id = u.y)`, args...)
	return found, err
}

// verdict is the result of an attempted proposal.
type verdict struct {
	call     string // the new call; "": refused
	excluded bool   // the two are excluded from each other
	checked  bool   // rows and people have been read
	rows     map[account.ID]row
	people   map[account.ID]*discovery.Person
}
