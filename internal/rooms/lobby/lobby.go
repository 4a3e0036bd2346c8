package lobby

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/outbox"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
	"heyy/internal/rooms/room"
)

const (
	maxFound    = 50
	maxProposed = 200 // by the index, of which those are found that lists tell the viewer of
	atOnce      = 200 // rooms that CatchUp reads at once
)

// Search folds texts and queries as messages are; see package search, which is of a later
// layer.
type Search interface {
	// Words returns the words under which a text is found.
	Words(text string) []string
	// Query returns ranges of words, from inclusive to exclusive, of which a text has one
	// each, and whether a text that has them matches.
	Query(text string) (ranges [][2]string, matches func(text string) bool, err error)
}

// Service indexes open rooms and finds them. Create it with New.
type Service struct {
	db     *db.DB
	rooms  *room.Service
	people *profile.Service
	search Search
}

// New returns a service.
func New(d *db.DB, rooms *room.Service, people *profile.Service, search Search) *Service {
	return &Service{db: d, rooms: rooms, people: people, search: search}
}

// Listener returns the outbox listener, which indexes rooms that have changed.
func (s *Service) Listener() outbox.Listener {
	return outbox.Listener{Name: "lobby", Take: func(ctx context.Context, r outbox.Record) error {
		switch r.Kind {
		case room.KindChanged:
			c, err := outbox.Read[room.Changed](r)
			if err != nil || !movesNames(c) {
				return err
			}
			return s.Refresh(ctx, c.Room)
		case room.KindEdited:
			e, err := outbox.Read[room.Edited](r)
			if err != nil {
				return err
			}
			return s.Refresh(ctx, e.Room)
		case room.KindEnded:
			e, err := outbox.Read[room.Ended](r)
			if err != nil {
				return err
			}
			return s.Refresh(ctx, e.Room)
		}
		return nil
	}}
}

// movesNames reports whether a change may put a name on the card of a room, or take one away.
func movesNames(c room.Changed) bool {
	switch c.Cause {
	case room.Joined:
		return c.Member.Seat != 0
	case room.Sat, room.Stood, room.MovedToAudience, room.Removed, room.Left, room.Excluded, room.MadeHost:
		return true
	}
	return false
}

// Refresh indexes a room as its card tells of it now. One that has ended, or that lists tell
// nobody of, has no words.
func (s *Service) Refresh(ctx context.Context, r room.ID) (err error) {
	defer fault.Wrap(&err, "index the room %s", r)
	card, _, _, err := s.rooms.Card(ctx, r)
	if fault.Is(err, "room.not_found") {
		return nil
	}
	if err != nil {
		return err
	}
	if !card.EndedAt.IsZero() || card.Access == room.AccessLink {
		return s.db.Tx(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `DELETE FROM lobby_rooms WHERE room_id = $1`, r)
			return err
		})
	}
	people, err := s.people.People(ctx, named(card)...)
	if err != nil {
		return err
	}
	want := s.search.Words(text(card, people))
	have, err := words(ctx, s.db, r)
	if err != nil || len(have) == len(want) && !slices.ContainsFunc(want, func(w string) bool { return !have[w] }) {
		return err
	}
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		hit, err := db.Changed(tx.ExecContext(ctx, `INSERT INTO lobby_rooms (room_id, seq) SELECT id, CAST($1 AS BIGINT) FROM rooms WHERE id = $2 AND ended_at IS NULL
			ON CONFLICT (room_id) DO UPDATE SET seq = excluded.seq WHERE excluded.seq >= lobby_rooms.seq`, card.Seq, r))
		if err != nil || !hit { // a later reading was first, or the room has ended
			return err
		}
		return s.write(ctx, tx, r, want)
	})
}

// write makes want the words of a room whose row in lobby_rooms is locked.
func (s *Service) write(ctx context.Context, tx *sql.Tx, r room.ID, want []string) error {
	have, err := words(ctx, tx, r)
	if err != nil {
		return err
	}
	for _, w := range want {
		if have[w] {
			delete(have, w)
			continue
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO lobby_words (word, room_id) VALUES ($1, $2)`, []byte(w), r); err != nil {
			return err
		}
	}
	for w := range have {
		if _, err := tx.ExecContext(ctx, `DELETE FROM lobby_words WHERE word = $1 AND room_id = $2`, []byte(w), r); err != nil {
			return err
		}
	}
	return nil
}

// words returns the words of a room in the index.
func words(ctx context.Context, q db.Querier, r room.ID) (map[string]bool, error) {
	all, err := db.Select(ctx, q, func(row interface{ Scan(...any) error }) (w []byte, err error) {
		err = row.Scan(&w)
		return w, err
	}, `SELECT word FROM lobby_words WHERE room_id = $1`, r)
	have := make(map[string]bool, len(all))
	for _, w := range all {
		have[string(w)] = true
	}
	return have, err
}

// named returns the people whom a card names.
func named(card room.Room) []account.ID {
	who := []account.ID{card.Host}
	for _, m := range card.Members {
		if m.Seat != 0 && m.Account != card.Host {
			who = append(who, m.Account)
		}
	}
	return who
}

// text returns what a card says, one thing in a line.
func text(card room.Room, people map[account.ID]profile.Person) string {
	lines := append([]string{card.Title, card.ClubName}, topics[card.Category]...)
	for _, who := range named(card) {
		lines = append(lines, people[who].Name)
	}
	all := strings.Join(lines, "\n")
	if without := apostrophes.Replace(all); without != all {
		return all + "\n" + without
	}
	return all
}

// apostrophes are often left out when people type: O’Neill, what’s.
var apostrophes = strings.NewReplacer("’", "", "'", "", "ʼ", "", "`", "")

// CatchUp indexes all open rooms.
func (s *Service) CatchUp(ctx context.Context, _ time.Time) (err error) {
	defer fault.Wrap(&err, "index all open rooms")
	for after := room.ID(""); ; {
		some, err := db.Select(ctx, s.db, scanID, `SELECT id FROM rooms WHERE ended_at IS NULL AND id > $1 ORDER BY id LIMIT $2`, after, atOnce)
		if err != nil || len(some) == 0 {
			return err
		}
		var errs []error
		for _, r := range some {
			errs = append(errs, s.Refresh(ctx, r))
		}
		if err := errors.Join(errs...); err != nil {
			return err
		}
		after = some[len(some)-1]
	}
}

func scanID(row interface{ Scan(...any) error }) (r room.ID, err error) {
	err = row.Scan(&r)
	return r, err
}

// Find returns the rooms of which lists tell viewer and whose words match query, in the order
// of the lobby: maxFound at most. category "" means all. Faults: search.empty, search.too_long,
// search.characters, room.category_unknown.
func (s *Service) Find(ctx context.Context, viewer account.ID, query, category string) (_ []room.Room, err error) {
	defer fault.Wrap(&err, "find rooms")
	if category != "" && !slices.Contains(room.Categories, category) {
		return nil, fault.At("query.category", "room.category_unknown", "This topic isn't on the list. Choose another.")
	}
	ranges, matches, err := s.search.Query(query)
	if err != nil {
		return nil, err
	}
	var args []any
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	where := ``
	if category != "" {
		where = ` AND r.category = ` + arg(category)
	}
	for _, w := range ranges {
		where += ` AND r.id IN (SELECT w.room_id FROM lobby_words w WHERE w.word >= ` + arg([]byte(w[0])) + ` AND w.word < ` + arg([]byte(w[1])) + `)`
	}
	ids, err := db.Select(ctx, s.db, scanID, `SELECT r.id FROM rooms r WHERE r.ended_at IS NULL AND r.deadline_at IS NULL AND r.live_at IS NOT NULL AND r.access <> 'link'`+where+`
		ORDER BY r.lively DESC, r.id DESC LIMIT `+arg(maxProposed), args...)
	if err != nil {
		return nil, err
	}
	rooms, err := s.rooms.Among(ctx, viewer, ids)
	if err != nil {
		return nil, err
	}
	var who []account.ID
	for _, r := range rooms {
		who = append(who, named(r)...)
	}
	people, err := s.people.People(ctx, who...)
	if err != nil {
		return nil, err
	}
	rooms = slices.DeleteFunc(rooms, func(r room.Room) bool { return !matches(text(r, people)) })
	return rooms[:min(len(rooms), maxFound)], nil
}
