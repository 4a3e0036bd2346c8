package room_test

import (
	"fmt"
	"slices"
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

// says changes what stands in the rows about somebody: what no command does yet.
func (l *fixture) says(t *testing.T, set string, r room.ID, who account.ID) error {
	t.Helper()
	_, err := l.db.Exec(`UPDATE room_members SET `+set+` WHERE room_id = $1 AND account_id = $2`, r, who)
	return err
}

func (l *fixture) role(t *testing.T, r room.ID, who account.ID) (role room.Role) {
	t.Helper()
	must(t, l.db.QueryRow(`SELECT role FROM room_members WHERE room_id = $1 AND account_id = $2`, r, who).Scan(&role))
	return role
}

func TestARoleIsKeptUntilSomethingChangesIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.joins(t, r.ID, host)
		speaker, co := l.joined(t, r.ID), l.joined(t, r.ID)
		must(t, l.says(t, `role = 'co_host'`, r.ID, co))
		is := func(when string, of account.ID, want room.Role) {
			t.Helper()
			if got := l.role(t, r.ID, of); got != want {
				t.Errorf("%s: %s, not %s", when, got, want)
			}
		}
		is("joined", speaker, room.Listener)
		for _, who := range []account.ID{speaker, co} {
			_, err := l.Sit(ctx, who, r.ID, 0)
			must(t, err)
		}
		is("sits", speaker, room.Speaker)
		is("a co-host sits", co, room.CoHost)
		for _, who := range []account.ID{host, speaker, co} {
			_, err := l.Stand(ctx, who, r.ID)
			must(t, err)
		}
		is("stands", speaker, room.Listener)
		is("a co-host stands", co, room.CoHost)
		is("a host stands", host, room.Host)
		_, err := l.Sit(ctx, speaker, r.ID, 0)
		must(t, err)
		for _, who := range []account.ID{host, speaker, co} {
			must(t, l.Leave(ctx, who, r.ID))
		}
		is("left", speaker, room.Listener)
		is("a co-host left", co, room.CoHost)
		is("a host left", host, room.Host)
		for _, who := range []account.ID{host, co} {
			l.joins(t, r.ID, who)
		}
		is("a host is back", host, room.Host)
		_, err = l.Remove(ctx, host, r.ID, co)
		must(t, err)
		is("a co-host was removed", co, room.Listener)

		last := l.joined(t, r.ID)
		_, err = l.Sit(ctx, last, r.ID, 0)
		must(t, err)
		must(t, l.End(ctx, host, r.ID))
		is("the room ended", last, room.Listener)
		is("the room ended", host, room.Host)
	})
}

func TestACoHostActsOnEverybodyButTheHost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		co, who := l.joined(t, r.ID), l.joined(t, r.ID)
		_, err := l.MoveToAudience(ctx, co, r.ID, who)
		refused(t, err, "room.host_only")
		must(t, l.says(t, `role = 'co_host'`, r.ID, co))
		_, err = l.Sit(ctx, who, r.ID, 0)
		must(t, err)
		_, err = l.MoveToAudience(ctx, co, r.ID, who)
		must(t, err)
		_, err = l.AllowToSpeak(ctx, co, r.ID, who)
		must(t, err)
		_, err = l.Remove(ctx, co, r.ID, host)
		refused(t, err, "room.host_only")
		_, err = l.MoveToAudience(ctx, co, r.ID, host)
		refused(t, err, "room.host_only")
		refused(t, l.End(ctx, co, r.ID), "room.host_only")
		must(t, l.Leave(ctx, co, r.ID))
		_, err = l.Remove(ctx, co, r.ID, who)
		refused(t, err, "room.host_only")
		l.joins(t, r.ID, co)
		_, err = l.Remove(ctx, co, r.ID, who)
		must(t, err)
	})
}

func TestALockedSeatIsForHosts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		who := l.joined(t, r.ID)
		_, err := d.Exec(`UPDATE rooms SET locked_seats = $1 WHERE id = $2`, 1<<(2-1)|1<<(11-1), r.ID)
		must(t, err)
		for _, seat := range []int{2, 11} {
			_, err = l.Sit(ctx, who, r.ID, seat)
			refused(t, err, "room.seat_locked")
		}
		_, err = l.Sit(ctx, who, r.ID, 0)
		must(t, err)
		if m := l.member(t, r.ID, who); m.Seat != 3 {
			t.Errorf("the first free seat was %d", m.Seat)
		}
		_, err = l.Sit(ctx, host, r.ID, 2)
		must(t, err)
	})
}

func TestOnAStageNobodySpeaksUnasked(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		if r.Shape != room.Lounge {
			t.Errorf("opened as %s", r.Shape)
		}
		_, err := d.Exec(`UPDATE rooms SET shape = 'stage' WHERE id = $1`, r.ID)
		must(t, err)
		who := l.joined(t, r.ID)
		_, err = l.Sit(ctx, who, r.ID, 0)
		refused(t, err, "room.seat_refused")
		_, err = l.AllowToSpeak(ctx, host, r.ID, who)
		must(t, err)
		_, err = l.Sit(ctx, who, r.ID, 0)
		must(t, err)
	})
}

func TestAHandComesDownWithAnythingThatAnswersIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.joins(t, r.ID, host)
		var seq int64
		raised := func(who account.ID) bool {
			t.Helper()
			var up bool
			must(t, d.QueryRow(`SELECT hand_seq IS NOT NULL FROM room_members WHERE room_id = $1 AND account_id = $2`, r.ID, who).Scan(&up))
			return up
		}
		for name, do := range map[string]func(who account.ID) error{
			"sits":              func(who account.ID) error { _, err := l.Sit(ctx, who, r.ID, 0); return err },
			"leaves":            func(who account.ID) error { return l.Leave(ctx, who, r.ID) },
			"is moved":          func(who account.ID) error { _, err := l.MoveToAudience(ctx, host, r.ID, who); return err },
			"is removed":        func(who account.ID) error { _, err := l.Remove(ctx, host, r.ID, who); return err },
			"goes elsewhere":    func(who account.ID) error { return l.LeaveAll(ctx, who) },
			"joins again keeps": func(who account.ID) error { _, _, err := l.Join(ctx, who, r.ID); return err },
		} {
			who := l.joined(t, r.ID)
			seq++
			must(t, l.says(t, fmt.Sprintf(`hand_seq = %d`, seq), r.ID, who))
			must(t, do(who))
			if got, want := raised(who), name == "joins again keeps"; got != want {
				t.Errorf("who %s: the hand is up: %t", name, got)
			}
		}
		last := l.joined(t, r.ID)
		must(t, l.says(t, `hand_seq = 9`, r.ID, last))
		must(t, l.End(ctx, host, r.ID))
		if raised(last) {
			t.Error("the hand outlives the room")
		}
	})
}

// The rows themselves refuse what no rule may leave behind.
func TestTheRowsRefuseWhatIsNoRole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.joins(t, r.ID, host)
		speaker, listener, other := l.joined(t, r.ID), l.joined(t, r.ID), l.joined(t, r.ID)
		_, err := l.Sit(ctx, speaker, r.ID, 0)
		must(t, err)
		must(t, l.says(t, `hand_seq = 5`, r.ID, other))
		for _, c := range []struct {
			set string
			who account.ID
		}{
			{`role = 'guest'`, listener},
			{`role = 'speaker'`, listener},
			{`role = 'listener'`, speaker},
			{`role = 'host'`, listener}, // there is one
			{`seat = NULL`, speaker},
			{`join_id = NULL`, speaker},
			{`role = 'speaker', seat = 0`, listener},
			{`role = 'speaker', seat = 1`, listener}, // the host's
			{`hand_seq = 1`, speaker},
			{`hand_seq = 5`, listener}, // one order
		} {
			if l.says(t, c.set, r.ID, c.who) == nil {
				t.Errorf("%s was kept", c.set)
			}
		}
		for _, set := range []string{`shape = 'circle'`, `locked_seats = -1`} {
			if _, err := d.Exec(`UPDATE rooms SET `+set+` WHERE id = $1`, r.ID); err == nil {
				t.Errorf("%s was kept", set)
			}
		}
		for _, role := range room.Roles {
			if role == room.Speaker || role == room.Host {
				continue // of speaker and host, who are there
			}
			must(t, l.says(t, `role = '`+string(role)+`'`, r.ID, listener))
		}
	})
}

// The lobby and those inside read the same role.
func TestEverybodyReadsTheSameRole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.joins(t, r.ID, host)
		co, speaker := l.joined(t, r.ID), l.joined(t, r.ID)
		must(t, l.says(t, `role = 'co_host'`, r.ID, co))
		for _, who := range []account.ID{co, speaker} {
			_, err := l.Sit(ctx, who, r.ID, 0)
			must(t, err)
		}
		lobby, err := l.Lobby(ctx, speaker, "", "")
		must(t, err)
		view, err := l.Get(ctx, speaker, r.ID)
		must(t, err)
		want := []room.Role{room.Host, room.CoHost, room.Speaker}
		for from, of := range map[string]room.Room{"the lobby": lobby[0], "inside": view} {
			var got []room.Role
			for _, m := range of.Members {
				got = append(got, m.Role)
			}
			if !slices.Equal(got, want) {
				t.Errorf("from %s: %v", from, got)
			}
		}
	})
}
