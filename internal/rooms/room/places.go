package room

import (
	"context"
	"database/sql"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

// Place is the room in which somebody is.
type Place struct {
	ID    ID
	Title string
}

// Places returns the open rooms in which people are present, by person; whoever is in none
// is left out, and whoever is in a room that is not for everybody. It says nothing about who
// may know.
func (s *Service) Places(ctx context.Context, people ...account.ID) (_ map[account.ID]Place, err error) {
	defer fault.Wrap(&err, "read the rooms of people")
	if len(people) == 0 {
		return nil, nil
	}
	type there struct {
		who account.ID
		Place
	}
	args := make([]any, len(people))
	for i, who := range people {
		args[i] = who
	}
	all, err := db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (t there, err error) {
		err = row.Scan(&t.who, &t.ID, &t.Title)
		return t, err
	}, `SELECT m.account_id, r.id, r.title FROM room_members m JOIN rooms r ON r.id = m.room_id
		WHERE m.account_id IN (`+db.Placeholders(1, len(args))+`) AND m.join_id IS NOT NULL AND r.ended_at IS NULL
		AND r.access = 'open' AND NOT r.women_only AND NOT r.verified_only`, args...)
	if err != nil {
		return nil, err
	}
	in := make(map[account.ID]Place, len(all))
	for _, t := range all {
		in[t.who] = t.Place
	}
	return in, nil
}

// Together reports whether there is a room of Together, the function.
func (s *Service) Together(ctx context.Context, tx *sql.Tx, by, other account.ID) (together bool, err error) {
	_, together, err = Together(ctx, tx, by, other)
	return together, err
}

// ShutTo returns the people who may not join a room of Places: those to whom it is closed, and those
// who were removed.
func (s *Service) ShutTo(ctx context.Context, r ID) (_ []account.ID, err error) {
	defer fault.Wrap(&err, "read who may not join %s", r)
	closed, err := s.ClosedTo(ctx, r)
	if err != nil {
		return nil, err
	}
	removed, err := db.Select(ctx, s.db, scanAccount, `SELECT account_id FROM room_members WHERE room_id = $1 AND removed_at IS NOT NULL`, r)
	return append(closed, removed...), err
}

// Together returns the title of the open room in which by and other are present and by is shown
// other: in a crowd, who only listens is not shown. Of several it is the one that by entered
// last. ok is false if there is none, and of two who must not meet.
func Together(ctx context.Context, q db.Querier, by, other account.ID) (title string, ok bool, err error) {
	defer fault.Wrap(&err, "read the room of %s and %s", by, other)
	err = q.QueryRowContext(ctx, `SELECT r.title FROM room_members m JOIN room_members o ON o.room_id = m.room_id JOIN rooms r ON r.id = m.room_id
		WHERE m.account_id = $1 AND m.join_id IS NOT NULL AND o.account_id = $2 AND o.join_id IS NOT NULL AND r.ended_at IS NULL
		AND (NOT r.crowded OR o.seat IS NOT NULL OR o.hand_seq IS NOT NULL)
		AND NOT EXISTS (SELECT 1 FROM apart x WHERE x.a_id = $1 AND x.b_id = $2)
		ORDER BY m.joined_at DESC, r.id LIMIT 1`, string(by), string(other)).Scan(&title)
	if db.IsNone(err) {
		return "", false, nil
	}
	return title, err == nil, err
}
