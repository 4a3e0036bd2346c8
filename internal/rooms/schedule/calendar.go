package schedule

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"slices"
	"time"

	ics "github.com/arran4/golang-ical"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/people/account"
)

// tokenHash returns the stored form of the token of a calendar. It needs no salt: a token is
// random.
func tokenHash(token string) string {
	sum := sha256.Sum256([]byte("calendar " + token))
	return hex.EncodeToString(sum[:])
}

// MakeCalendar makes the token of by's calendar, which nothing tells again. An older one works
// no more.
func (s *Service) MakeCalendar(ctx context.Context, by account.ID) (token string, err error) {
	defer fault.Wrap(&err, "make a calendar")
	token = id.Secret()
	return token, s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO event_calendars (account_id, token_hash, created_at) VALUES ($1, $2, $3)
			ON CONFLICT (account_id) DO UPDATE SET token_hash = excluded.token_hash, created_at = excluded.created_at`, by, tokenHash(token), db.Millis(s.now()))
		return err
	})
}

// EndCalendar revokes the token of by's calendar. It is idempotent.
func (s *Service) EndCalendar(ctx context.Context, by account.ID) (err error) {
	defer fault.Wrap(&err, "end a calendar")
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM event_calendars WHERE account_id = $1`, by)
		return err
	})
}

// Calendar returns when by made the token of their calendar; zero: there is none.
func (s *Service) Calendar(ctx context.Context, by account.ID) (at time.Time, err error) {
	defer fault.Wrap(&err, "read a calendar")
	var ms int64
	err = s.db.QueryRowContext(ctx, `SELECT created_at FROM event_calendars WHERE account_id = $1`, by).Scan(&ms)
	if db.IsNone(err) {
		return time.Time{}, nil
	}
	return time.UnixMilli(ms), err
}

// ByToken returns whose calendar has a token. Fault: event.calendar_gone.
func (s *Service) ByToken(ctx context.Context, token string) (who account.ID, err error) {
	defer fault.Wrap(&err, "look up a calendar")
	err = s.db.QueryRowContext(ctx, `SELECT account_id FROM event_calendars WHERE token_hash = $1`, tokenHash(token)).Scan(&who)
	if db.IsNone(err) {
		return "", errNoCalendar
	}
	return who, err
}

// Feed returns the calendar of who in iCalendar (RFC 5545): what they host, take part in and go
// to, the next dates first, and what was cancelled. origin is that of links.
func (s *Service) Feed(ctx context.Context, who account.ID, origin string) (_ []byte, err error) {
	defer fault.Wrap(&err, "write a calendar")
	all, err := db.Select(ctx, s.db, scanEvent, `SELECT `+columns+` FROM events r
		WHERE r.state <> 'over' AND r.host_id IS NOT NULL AND `+isMine("$1")+` AND `+exists("$1")+` ORDER BY r.starts_at, r.id LIMIT $2`, who, maxInCalendar)
	if err != nil {
		return nil, err
	}
	return s.write(origin, all...)
}

// File returns one event in iCalendar. Fault: event.not_found.
func (s *Service) File(ctx context.Context, viewer account.ID, e ID, origin string) (_ []byte, err error) {
	defer fault.Wrap(&err, "write the event %s", e)
	one, err := read(ctx, s.db, e, viewer)
	if err != nil {
		return nil, err
	}
	return s.write(origin, one)
}

// date is one date of an event.
type date struct {
	Event
	at  time.Time
	uid string
}

// write writes the dates of events within MaxAhead, maxInCalendar at most. The same rows have the
// same bytes.
func (s *Service) write(origin string, events ...Event) ([]byte, error) {
	var all []date
	for _, e := range events {
		dates, err := e.dates(s.now().Add(MaxAhead))
		if err != nil {
			return nil, err
		}
		for _, at := range dates {
			d := date{Event: e, at: at, uid: string(e.ID)}
			if e.Weekly { // by day: its time may change, and the day of a calendar with it
				d.uid += "-" + at.In(e.location()).Format("20060102")
			}
			all = append(all, d)
		}
	}
	slices.SortStableFunc(all, func(a, b date) int { return a.at.Compare(b.at) })
	cal := ics.NewCalendarFor("Heyy")
	cal.SetMethod(ics.MethodPublish)
	cal.SetXWRCalName("Heyy")
	cal.SetRefreshInterval("PT1H") // which says VALUE=DURATION itself
	cal.SetXPublishedTTL("PT1H")
	for _, d := range all[:min(len(all), maxInCalendar)] {
		url := origin + "/events/" + string(d.ID)
		v := cal.AddEvent(d.uid + "@heyy")
		v.SetDtStampTime(d.UpdatedAt)
		v.SetModifiedAt(d.UpdatedAt)
		v.SetSequence(d.Sequence)
		v.SetStartAt(d.at)
		v.SetEndAt(d.at.Add(d.ends().Sub(d.StartsAt)))
		v.SetSummary(d.Title)
		about := url
		if d.About != "" {
			about = d.About + "\n\n" + url
		}
		v.SetDescription(about)
		v.SetURL(url)
		v.SetClass(ics.ClassificationPrivate)
		status := ics.ObjectStatusConfirmed
		if d.State == Cancelled {
			status = ics.ObjectStatusCancelled
		}
		v.SetStatus(status)
	}
	var out bytes.Buffer
	err := cal.SerializeTo(&out, ics.WithNewLineWindows)
	return out.Bytes(), err
}
