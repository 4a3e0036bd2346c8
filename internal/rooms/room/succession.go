package room

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

// hostTimeout is how long a room waits for its host before somebody inherits it.
const hostTimeout = 2 * time.Minute

// HandOver makes who, who is present, the host. by becomes a co-host. Those excluded from the
// new host leave. It fails with room.hosts_other if who hosts another open room.
func (s *Service) HandOver(ctx context.Context, by account.ID, r ID, who account.ID) (_ Changed, err error) {
	defer fault.Wrap(&err, "hand %s over to %s", r, who)
	out, gone, err := s.succeed(ctx, by, r, who, handOver)
	if db.IsUnique(err) {
		return Changed{}, errHostsOther
	}
	if err != nil {
		return Changed{}, err
	}
	s.after(ctx, who, r)
	for _, one := range append(gone, by) {
		s.after(ctx, one, r)
	}
	return out, nil
}

// succeed gives a room to another host. gone are those who had to leave.
func (s *Service) succeed(ctx context.Context, by account.ID, r ID, to account.ID, f func(to account.ID, apart []account.ID) rule) (out Changed, gone []account.ID, err error) {
	now := s.now()
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := lock(ctx, tx, r); err != nil {
			return err
		}
		apart, err := unwelcome(ctx, tx, r, to)
		if err != nil {
			return err
		}
		st, err := s.applied(ctx, tx, r, by, now, f(to, apart), append([]account.ID{to}, apart...)...)
		if err == nil {
			out, gone = st.fact(r, to), apart
		}
		return err
	})
	return out, gone, err
}

func handOver(to account.ID, apart []account.ID) rule {
	return func(s *state) error {
		if err := s.can(actionHandOver, s.target(to)); err != nil {
			return err
		}
		s.becomesHost(to, apart)
		s.logged(entry{action: LogHandedOver, about: to})
		return nil
	}
}

// becomesHost makes a member the host, and the host of before a co-host. Everybody hears the
// host, so those excluded from the new one leave.
func (s *state) becomesHost(to account.ID, apart []account.ID) {
	for _, who := range apart {
		s.takeOut(who)
	}
	if before := s.members[s.host]; before != nil {
		before.Role = CoHost
		cause := UnmadeHost
		if !before.Present {
			cause = ""
		}
		s.changed(cause, before)
	}
	m := s.members[to]
	m.Role, m.CanSpeak, m.MutedByHost, m.Invited = Host, true, false, false
	m.lowerHand()
	s.host = to
	s.changed(MadeHost, m)
}

// inherit gives the room to whom has served it longest, a co-host before a speaker, or ends it
// if nobody can hold it. The host may have come back since.
func (s *Service) inherit(ctx context.Context, r ID) (changed []account.ID, err error) {
	now := s.now()
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		room, err := lock(ctx, tx, r)
		if err != nil {
			return err
		}
		var due bool
		if err := tx.QueryRowContext(ctx, `SELECT COALESCE(host_left_at <= $1, FALSE) AND ended_at IS NULL FROM rooms WHERE id = $2`,
			db.Millis(now.Add(-hostTimeout)), r).Scan(&due); err != nil || !due {
			return err
		}
		heirs, err := heirsOf(ctx, tx, r)
		if err != nil {
			return err
		}
		for _, to := range heirs {
			hosts := false
			if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM rooms WHERE host_id = $1 AND ended_at IS NULL AND id <> $2)`, to, r).Scan(&hosts); err != nil {
				return err
			}
			if hosts {
				continue
			}
			apart, err := unwelcome(ctx, tx, r, to)
			if err != nil {
				return err
			}
			changed = append(append(changed, to, room.Host), apart...)
			return s.apply(ctx, tx, r, room.Host, now, func(st *state) error {
				st.becomesHost(to, apart)
				st.logged(entry{action: LogInherited, about: to})
				return nil
			}, append([]account.ID{to}, apart...)...)
		}
		return s.apply(ctx, tx, r, room.Host, now, func(st *state) error {
			st.ended = EndedNoHost
			return nil
		})
	})
	return changed, err
}

// heirsOf returns who could inherit a room, the first in line first.
func heirsOf(ctx context.Context, tx *sql.Tx, r ID) ([]account.ID, error) {
	type heir struct {
		who   account.ID
		role  Role
		since int64
	}
	all, err := db.Select(ctx, tx, func(row interface{ Scan(...any) error }) (h heir, err error) {
		err = row.Scan(&h.who, &h.role, &h.since)
		return h, err
	}, `SELECT account_id, role, serving_since FROM room_members
		WHERE room_id = $1 AND role <> $2 AND serving_since IS NOT NULL AND join_id IS NOT NULL`, r, Host)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b heir) int {
		return cmp.Or(cmp.Compare(b.role.rank(), a.role.rank()), cmp.Compare(a.since, b.since), cmp.Compare(a.who, b.who))
	})
	heirs := make([]account.ID, len(all))
	for i, h := range all {
		heirs[i] = h.who
	}
	return heirs, nil
}

// unwelcome returns the members present in a room who have to leave when who becomes its host:
// those excluded from them, and those they have banned.
func unwelcome(ctx context.Context, q db.Querier, r ID, who account.ID) ([]account.ID, error) {
	return db.Select(ctx, q, scanAccount, `SELECT m.account_id FROM room_members m WHERE m.room_id = $1 AND m.join_id IS NOT NULL
		AND m.account_id IN (SELECT b_id FROM apart WHERE a_id = $2 UNION SELECT account_id FROM room_bans WHERE host_id = $2)`, r, who)
}

// excludedIn returns the members present in a room who are excluded from who.
func excludedIn(ctx context.Context, q db.Querier, r ID, who account.ID) ([]account.ID, error) {
	return db.Select(ctx, q, scanAccount, `SELECT m.account_id FROM room_members m WHERE m.room_id = $1 AND m.join_id IS NOT NULL
		AND m.account_id IN (SELECT b_id FROM apart WHERE a_id = $2)`, r, who)
}
