package room

import (
	"context"
	"database/sql"
	"slices"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

// ClubID is the id of a club; see package club.
type ClubID string

// InClub says how somebody stands to a club.
type InClub struct {
	Member bool // founder, admin or member
	Banned bool
}

// Clubs knows who belongs to a club; see package club.
type Clubs interface {
	// ClubMember says how somebody stands to a club: not at all, to one that is closed or unknown.
	ClubMember(ctx context.Context, q db.Querier, club ClubID, who account.ID) (InClub, error)
	// CanOpenRoom returns nil if somebody may open a room in a club, or the refusal.
	CanOpenRoom(ctx context.Context, q db.Querier, club ClubID, who account.ID) error
}

// noClubs is Clubs where there are none.
type noClubs struct{}

func (noClubs) ClubMember(context.Context, db.Querier, ClubID, account.ID) (InClub, error) {
	return InClub{}, nil
}
func (noClubs) CanOpenRoom(context.Context, db.Querier, ClubID, account.ID) error {
	return errNotFound
}

// hideClubs takes the clubs that do not exist for viewer off rooms: those whose founder they
// must not meet.
func (s *Service) hideClubs(ctx context.Context, q db.Querier, viewer account.ID, rooms ...*Room) error {
	args := []any{viewer}
	for _, r := range rooms {
		if r.Club != "" {
			args = append(args, r.Club)
		}
	}
	if len(args) == 1 {
		return nil
	}
	hidden, err := db.Select(ctx, q, func(row interface{ Scan(...any) error }) (c ClubID, err error) {
		err = row.Scan(&c)
		return c, err
	}, `SELECT DISTINCT f.club_id FROM apart x JOIN club_members f ON f.account_id = x.b_id AND f.role = 'founder'
		WHERE x.a_id = $1 AND f.club_id IN (`+db.Placeholders(2, len(args)-1)+`)`, args...)
	if err != nil {
		return err
	}
	for _, r := range rooms {
		if slices.Contains(hidden, r.Club) {
			r.hideClub()
		}
	}
	return nil
}

func (r *Room) hideClub() { r.Club, r.ClubName = "", "" }

// WithoutClub returns a room as those are told of it for whom its club does not exist, and who
// they are: those apart from its founder.
func (s *Service) WithoutClub(ctx context.Context, r Room) (Room, []account.ID, error) {
	if r.Club == "" {
		return r, nil, nil
	}
	from, err := db.Select(ctx, s.db, scanAccount, `SELECT DISTINCT x.b_id FROM club_members f JOIN apart x ON x.a_id = f.account_id WHERE f.club_id = $1 AND f.role = 'founder'`, r.Club)
	r.hideClub()
	return r, from, err
}

// OfClub returns the rooms that were opened in a club, as Lobby.
func (s *Service) OfClub(ctx context.Context, viewer account.ID, club ClubID) (_ []Room, err error) {
	defer fault.Wrap(&err, "read the rooms of the club %s", club)
	return s.listed(ctx, viewer, []part{{maxListed, `r.club_id = $2`}}, club)
}

// Expel takes somebody who was banned from a club out of its open rooms, with no way back. A
// room that they host is one of the club no longer.
func (s *Service) Expel(ctx context.Context, club ClubID, who account.ID) (err error) {
	defer fault.Wrap(&err, "expel %s from the rooms of the club %s", who, club)
	var rooms []ID
	if err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE rooms SET club_id = NULL WHERE club_id = $1 AND host_id = $2`, club, who); err != nil {
			return err
		}
		if rooms, err = db.Select(ctx, tx, scanID, `SELECT r.id FROM rooms r JOIN room_members m ON m.room_id = r.id
			WHERE r.club_id = $1 AND r.ended_at IS NULL AND m.account_id = $2 AND m.removed_at IS NULL ORDER BY r.id`, club, who); err != nil {
			return err
		}
		for _, r := range rooms {
			if err := s.apply(ctx, tx, r, who, s.now(), expel); err != nil && !fault.Is(err, errEnded.Code) {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	s.after(ctx, who, rooms...)
	for _, r := range rooms {
		s.listeners.CloseOwner(string(r), previewIdentity(who), "")
	}
	return nil
}

// expel removes the person for whom it is run.
func expel(s *state) error {
	if m := s.members[s.by]; m != nil {
		s.takeAway(m)
	}
	return nil
}

// takeAway makes a member leave and bars them from joining again.
func (s *state) takeAway(m *Member) {
	cause := Removed
	if !m.Present {
		cause = "" // others see nothing change
	}
	m.leave()
	m.Role = Listener
	s.removed[m.Account] = true
	s.changed(cause, m)
}
