package safety

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"

	"github.com/google/uuid"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/base/outbox"
	"heyy/internal/base/textrule"
	"heyy/internal/people/account"
)

// Reasons are the keys of report reasons.
var Reasons = []string{"harassment", "hate", "sexual", "minor", "fake", "spam", "threat", "other"}

const (
	MaxNote      = 1000 // runes
	maxFollowUps = 20   // complaints added to one open report
)

// Complaint is the content of a report.
type Complaint struct {
	Reason string // one of Reasons
	Note   string // in their own words; may be empty
	Place  string // where it happened: one of plainPlaces, or kind:<id>
}

// plainPlaces are places without an id.
var plainPlaces = []string{"discover", "profile", "match"}

// PlaceResolver returns the name of a place; ok is false unless by met other there, or
// could see it of them.
type PlaceResolver func(ctx context.Context, by, other account.ID, id string) (about string, ok bool, err error)

// SetPlaceResolvers sets the resolvers by kind of place: call, room, clip, moment, photo. Call it
// once, before the first report.
func (s *Service) SetPlaceResolvers(kinds map[string]PlaceResolver) { s.resolvers = kinds }

// resolvePlace parses a place. An id that does not concern the two people is dropped; the
// complaint is kept, because a recording or a room may be gone by now.
func (s *Service) resolvePlace(ctx context.Context, by, other account.ID, said string) (place, about string, err error) {
	kind, of, named := strings.Cut(said, ":")
	if !named && slices.Contains(plainPlaces, said) {
		return said, "", nil
	}
	find, known := s.resolvers[kind]
	if !known || named && uuid.Validate(of) != nil {
		return "", "", fault.At("body.place", "report.place", "Nothing can be reported from this place. Check the place and try again.")
	}
	if !named {
		return kind, "", nil
	}
	about, ok, err := find(ctx, by, other, of)
	if err != nil || !ok {
		return kind, "", err
	}
	return kind + ":" + of, about, nil
}

// entry is a complaint in JSON.
type entry struct {
	Reason string `json:"reason"`
	Note   string `json:"note"`
	Place  string `json:"place"`
	About  string `json:"about,omitempty"`
	At     int64  `json:"at"`
}

// Report stores a complaint and blocks: the exclusion is permanent, even if the block is
// taken back. While an earlier report of the same pair is open, the complaint is added to
// it. An unknown id answers like a known one, see Block. The rate is limited by the
// caller, per call: which calls leave a row reveals who exists.
func (s *Service) Report(ctx context.Context, by, other account.ID, c Complaint) (err error) {
	defer fault.Wrap(&err, "report %s", other)
	if !slices.Contains(Reasons, c.Reason) {
		return fault.At("body.reason", "report.reason", "Choose one of the reasons.")
	}
	if c.Note != "" {
		if c.Note, err = textrule.Line("body.note", c.Note, MaxNote); err != nil {
			return err
		}
	}
	one := entry{Reason: c.Reason, Note: c.Note, At: db.Millis(s.now())}
	if one.Place, one.About, err = s.resolvePlace(ctx, by, other, c.Place); err != nil {
		return err
	}
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		// The block's row is the lock of the pair.
		there, err := s.block(ctx, tx, by, other)
		if err != nil {
			return err
		}
		added, err := addFollowUp(ctx, tx, by, other, one)
		if err != nil || added {
			return err
		}
		if !there {
			return nil
		}
		report := id.New()
		if _, err := tx.ExecContext(ctx, `INSERT INTO reports (id, by_id, on_id, reason, note, place, about, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			report, string(by), string(other), one.Reason, one.Note, one.Place, one.About, one.At); err != nil {
			return err
		}
		return outbox.Append(ctx, tx, s.now(), Reported{Report: report, Reason: one.Reason, Place: one.Place, At: one.At})
	})
	if err == nil {
		s.wake()
	}
	return err
}

// addFollowUp adds a complaint to the open report of the pair, if there is one.
func addFollowUp(ctx context.Context, tx *sql.Tx, by, other account.ID, one entry) (bool, error) {
	var report, more string
	err := tx.QueryRowContext(ctx, `SELECT id, more FROM reports WHERE by_id = $1 AND on_id = $2 AND closed_at IS NULL`,
		string(by), string(other)).Scan(&report, &more)
	if db.IsNone(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var all []entry
	if err := json.Unmarshal([]byte(more), &all); err != nil {
		return false, err
	}
	if len(all) == maxFollowUps {
		return true, nil // the limit drops it silently: the operator has enough
	}
	data, err := json.Marshal(append(all, one))
	if err != nil {
		return false, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE reports SET more = $1 WHERE id = $2`, string(data), report)
	return true, err
}
