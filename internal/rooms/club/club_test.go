package club_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/base/page"
	"heyy/internal/lab/testkit"
	"heyy/internal/people/account"
	"heyy/internal/rooms/club"
	"heyy/internal/rooms/room"
	"heyy/internal/talk/search"
)

var (
	ctx      = context.Background()
	must     = testkit.Must
	wantCode = testkit.WantCode
)

type fixture struct {
	*club.Service
	db    *db.DB
	rooms *room.Service
	clock *testkit.Clock
}

func each(t *testing.T, f func(t *testing.T, x *fixture)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := &fixture{db: d, clock: testkit.NewClock(time.UnixMilli(1_800_000_000_000))}
		x.Service = club.New(d, club.Config{Search: search.Names{}, Now: x.clock.Now})
		x.rooms = room.New(d, slog.New(slog.DiscardHandler), room.Config{SFU: testkit.NewSFU(), Clubs: x.Service, Now: x.clock.Now})
		f(t, x)
	})
}

func (x *fixture) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	must(t, x.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	}))
}

func (x *fixture) person(t testing.TB) account.ID {
	t.Helper()
	who := account.ID(id.Opaque())
	x.exec(t, `INSERT INTO accounts (id, kind, created_at) VALUES ($1, 'member', 0)`, who)
	return who
}

// block makes a block b.
func (x *fixture) block(t testing.TB, a, b account.ID) {
	t.Helper()
	x.exec(t, `INSERT INTO blocks (by_id, on_id, at) VALUES ($1, $2, 0)`, a, b)
}

func plan(entry club.Entry) club.Plan {
	return club.Plan{Name: "Jazz at night", About: "Listening.", Category: "music", Language: "en", Entry: entry}
}

// founded is a club and its founder.
func (x *fixture) founded(t testing.TB, p club.Plan) (club.Club, account.ID) {
	t.Helper()
	founder := x.person(t)
	c, err := x.Found(ctx, founder, p)
	must(t, err)
	x.clock.Advance(time.Second)
	return c, founder
}

// member is somebody who has joined an open club.
func (x *fixture) member(t testing.TB, c club.Club) account.ID {
	t.Helper()
	who := x.person(t)
	_, err := x.Join(ctx, who, c.ID, club.Entrance{Rules: c.RulesVersion})
	must(t, err)
	x.clock.Advance(time.Second)
	return who
}

// role returns the role of somebody in the rows.
func (x *fixture) role(t testing.TB, c club.ID, who account.ID) club.Role {
	t.Helper()
	var r club.Role
	err := x.db.QueryRow(`SELECT role FROM club_members WHERE club_id = $1 AND account_id = $2`, c, who).Scan(&r)
	if !db.IsNone(err) {
		must(t, err)
	}
	return r
}

func TestWhoAskedFirstIsFirstInTheQueue(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		asks, admin := x.founded(t, plan(club.Request))
		var want, got []account.ID
		for i := range 5 {
			who := x.person(t)
			want = append(want, who)
			must(t, x.Ask(ctx, who, asks.ID, 0, ""))
			if i != 2 { // the third and the fourth ask in the same millisecond
				x.clock.Advance(time.Second)
			}
		}
		if want[2] > want[3] {
			want[2], want[3] = want[3], want[2]
		}
		part := page.Request{Limit: 2}
		for {
			some, next, err := x.Requests(ctx, admin, asks.ID, part)
			must(t, err)
			for _, a := range some {
				got = append(got, a.Account)
			}
			if next == (page.Cursor{}) {
				break
			}
			if len(got) == 2 { // one of a page that was read is answered, and somebody new asks
				must(t, x.Answer(ctx, admin, asks.ID, got[0], false))
				late := x.person(t)
				want = append(want, late)
				must(t, x.Ask(ctx, late, asks.ID, 0, ""))
			}
			part.Before = next
		}
		if !slices.Equal(got, want) {
			t.Errorf("read %v, asked %v", got, want)
		}
	})
}

func TestAnOpenClubIsJoinedAtOnceAndARequestIsAnswered(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		open, founder := x.founded(t, plan(club.Open))
		if open.Role != club.Founder || !open.Accepted || open.Members != 1 || len(open.Leaders) != 1 || open.Leaders[0].Account != founder {
			t.Errorf("founded: %+v", open)
		}
		who := x.person(t)
		for range 2 {
			c, err := x.Join(ctx, who, open.ID, club.Entrance{})
			must(t, err)
			if c.Role != club.Ordinary || c.Members != 2 {
				t.Errorf("joined: %+v", c)
			}
		}
		wantCode(t, x.Ask(ctx, who, open.ID, 0, ""), "club.member")

		asks, admin := x.founded(t, plan(club.Request))
		_, err := x.Join(ctx, who, asks.ID, club.Entrance{})
		wantCode(t, err, "club.ask_first")
		must(t, x.Ask(ctx, who, asks.ID, 0, "I play the bass"))
		must(t, x.Ask(ctx, who, asks.ID, 0, "I play the double bass"))
		wantCode(t, x.Answer(ctx, who, asks.ID, who, true), "club.admins_only")
		got, _, err := x.Requests(ctx, admin, asks.ID, page.Request{})
		must(t, err)
		if len(got) != 1 || got[0].Account != who || got[0].Note != "I play the double bass" {
			t.Errorf("requests: %+v", got)
		}
		must(t, x.Answer(ctx, admin, asks.ID, who, false))
		wantCode(t, x.Answer(ctx, admin, asks.ID, who, true), "club.request_gone")
		wantCode(t, x.Ask(ctx, who, asks.ID, 0, ""), "club.declined")
		x.clock.Advance(8 * 24 * time.Hour)
		must(t, x.Ask(ctx, who, asks.ID, 0, ""))
		must(t, x.Answer(ctx, admin, asks.ID, who, true))
		if r := x.role(t, asks.ID, who); r != club.Ordinary {
			t.Errorf("accepted: %q", r)
		}
		var facts []string
		facts, err = db.Select(ctx, x.db, func(row interface{ Scan(...any) error }) (s string, err error) {
			err = row.Scan(&s)
			return s, err
		}, `SELECT kind FROM outbox WHERE scope = $1 ORDER BY id`, "club:"+string(asks.ID))
		must(t, err)
		if want := []string{"club.requested", "club.answered", "club.requested", "club.answered"}; !slices.Equal(facts, want) {
			t.Errorf("told: %v", facts)
		}
	})
}

func TestRulesAreAcceptedInTheirVersion(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		p := plan(club.Open)
		p.Rules = "Be kind."
		c, founder := x.founded(t, p)
		who := x.person(t)
		_, err := x.Join(ctx, who, c.ID, club.Entrance{})
		wantCode(t, err, "club.rules")
		_, err = x.Join(ctx, who, c.ID, club.Entrance{Rules: c.RulesVersion})
		must(t, err)
		may := func(want string) {
			t.Helper()
			if err := x.CanOpenRoom(ctx, x.db, c.ID, who); want == "" {
				must(t, err)
			} else {
				wantCode(t, err, want)
			}
		}
		may("")
		edited, err := x.Edit(ctx, founder, c.ID, func(p *club.Plan) { p.Rules = "Be kind, and on time." })
		must(t, err)
		if edited.RulesVersion != c.RulesVersion+1 || !edited.Accepted {
			t.Errorf("edited: %+v", edited)
		}
		may("club.rules")
		seen, err := x.Get(ctx, who, c.ID, "")
		must(t, err)
		if !seen.MustRead() {
			t.Error("the member is not asked")
		}
		wantCode(t, x.AcceptRules(ctx, who, c.ID, c.RulesVersion), "club.rules")
		must(t, x.AcceptRules(ctx, who, c.ID, edited.RulesVersion))
		may("")
		again, err := x.Edit(ctx, founder, c.ID, func(p *club.Plan) { p.About = "Swing." })
		must(t, err)
		if again.RulesVersion != edited.RulesVersion {
			t.Error("other changes ask members anew")
		}
	})
}

func TestALinkLetsInExactlyAsManyAsItSays(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		c, founder := x.founded(t, plan(club.Invite))
		const most, tries = 5, 16
		_, token, err := x.MakeLink(ctx, founder, c.ID, time.Hour, most)
		must(t, err)
		var stored int
		must(t, x.db.QueryRow(`SELECT COUNT(*) FROM club_invites WHERE token_hash = $1`, token).Scan(&stored))
		if stored != 0 {
			t.Error("the secret is stored")
		}
		seen, err := x.Get(ctx, x.person(t), c.ID, token)
		must(t, err)
		if seen.Name != c.Name || seen.Role != club.Outsider {
			t.Errorf("by a link: %+v", seen)
		}
		var mu sync.Mutex
		var all sync.WaitGroup
		in := 0
		for range tries {
			who := x.person(t)
			all.Go(func() {
				_, err := x.Join(ctx, who, c.ID, club.Entrance{Token: token})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					in++
				} else if !fault.Is(err, "club.invite_gone") {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if in != most {
			t.Errorf("%d came in by a link for %d", in, most)
		}
		now, err := x.Get(ctx, founder, c.ID, "")
		must(t, err)
		if now.Members != most+1 {
			t.Errorf("%d members", now.Members)
		}
	})
}

func TestALinkEndsByTimeByItsMakerAndWithThem(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		p := plan(club.Invite)
		p.MembersInvite = true
		c, founder := x.founded(t, p)
		_, token, err := x.MakeLink(ctx, founder, c.ID, time.Hour, 10)
		must(t, err)
		member := x.person(t)
		_, err = x.Join(ctx, member, c.ID, club.Entrance{Token: token})
		must(t, err)
		gone := func(token string) {
			t.Helper()
			who := x.person(t)
			_, err := x.Join(ctx, who, c.ID, club.Entrance{Token: token})
			wantCode(t, err, "club.invite_gone")
			_, err = x.Get(ctx, who, c.ID, token)
			wantCode(t, err, "club.invite_gone")
			_, err = x.Get(ctx, who, c.ID, "")
			wantCode(t, err, "club.not_found")
		}
		gone("nonsense")
		other, _ := x.founded(t, plan(club.Open))
		if _, err := x.Join(ctx, x.person(t), other.ID, club.Entrance{Token: token}); err != nil {
			t.Errorf("a link to another club keeps nobody out of an open one: %v", err)
		}
		x.clock.Advance(time.Hour)
		gone(token)

		l, token, err := x.MakeLink(ctx, founder, c.ID, 24*time.Hour, 10)
		must(t, err)
		wantCode(t, x.Revoke(ctx, member, c.ID, l.ID), "club.admins_only")
		must(t, x.Revoke(ctx, founder, c.ID, l.ID))
		must(t, x.Revoke(ctx, founder, c.ID, l.ID))
		gone(token)

		_, token, err = x.MakeLink(ctx, member, c.ID, 7*24*time.Hour, 1000)
		must(t, err)
		links, err := x.Links(ctx, founder, c.ID)
		must(t, err)
		if len(links) != 1 || links[0].By != member {
			t.Errorf("links: %+v", links)
		}
		must(t, x.Remove(ctx, founder, c.ID, member))
		gone(token)
		_, _, err = x.MakeLink(ctx, founder, c.ID, 2*time.Hour, 1)
		wantCode(t, err, "club.link_limits")
		_, _, err = x.MakeLink(ctx, founder, c.ID, time.Hour, 1001)
		wantCode(t, err, "club.link_limits")
	})
}

func TestALinkCountsEachPersonOnce(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		c, founder := x.founded(t, plan(club.Invite))
		_, token, err := x.MakeLink(ctx, founder, c.ID, time.Hour, 2)
		must(t, err)
		one := x.person(t)
		for range 3 {
			_, err := x.Join(ctx, one, c.ID, club.Entrance{Token: token})
			must(t, err)
			must(t, x.Leave(ctx, one, c.ID))
		}
		links, err := x.Links(ctx, founder, c.ID)
		must(t, err)
		if len(links) != 1 || links[0].Uses != 1 {
			t.Errorf("one person used it as %+v", links)
		}
		_, err = x.Join(ctx, x.person(t), c.ID, club.Entrance{Token: token})
		must(t, err)
		_, err = x.Join(ctx, x.person(t), c.ID, club.Entrance{Token: token})
		wantCode(t, err, "club.invite_gone")
	})
}

func TestALinkLetsInWhileItsMakerMayMakeLinks(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		p := plan(club.Open)
		p.MembersInvite = true
		c, founder := x.founded(t, p)
		admin, member := x.person(t), x.person(t)
		tokens := map[account.ID]string{}
		for _, who := range []account.ID{admin, member} {
			_, err := x.Join(ctx, who, c.ID, club.Entrance{})
			must(t, err)
		}
		must(t, x.MakeAdmin(ctx, founder, c.ID, admin))
		for _, who := range []account.ID{founder, admin, member} {
			_, token, err := x.MakeLink(ctx, who, c.ID, time.Hour, 10)
			must(t, err)
			tokens[who] = token
		}
		open := func(want ...account.ID) {
			t.Helper()
			for who, token := range tokens {
				_, err := x.Get(ctx, x.person(t), c.ID, token)
				if slices.Contains(want, who) != (err == nil) {
					t.Errorf("the link of %s: %v", who, err)
				}
			}
		}
		open(founder, admin, member)
		_, err := x.Edit(ctx, founder, c.ID, func(p *club.Plan) { p.MembersInvite, p.Entry = false, club.Invite })
		must(t, err)
		open(founder, admin)
		must(t, x.UnmakeAdmin(ctx, founder, c.ID, admin))
		open(founder)
	})
}

func TestARoomNamesNoClubForWhomItDoesNotExist(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		c, founder := x.founded(t, plan(club.Open))
		host, stranger := x.person(t), x.person(t)
		_, err := x.Join(ctx, host, c.ID, club.Entrance{})
		must(t, err)
		r, err := x.rooms.Open(ctx, host, room.Plan{Title: "In the club", Category: "talk", Language: "en", Club: room.ClubID(c.ID)})
		must(t, err)
		x.exec(t, `UPDATE rooms SET live_at = 1 WHERE id = $1`, r.ID)
		named := func(want bool) {
			t.Helper()
			seen, err := x.rooms.Get(ctx, stranger, r.ID)
			must(t, err)
			listed, err := x.rooms.Lobby(ctx, stranger, "", "en")
			must(t, err)
			if len(listed) != 1 || (seen.Club != "") != want || (seen.ClubName != "") != want || (listed[0].Club != "") != want {
				t.Errorf("the room names %q, the lobby %+v", seen.ClubName, listed)
			}
		}
		named(true)
		x.block(t, founder, stranger)
		named(false)
		card, _, _, err := x.rooms.Card(ctx, r.ID)
		must(t, err)
		without, from, err := x.rooms.WithoutClub(ctx, card)
		must(t, err)
		if without.Club != "" || card.Club == "" || len(from) != 1 || from[0] != stranger {
			t.Errorf("the card of %q is without it for %v: %+v", card.ClubName, from, without.Club)
		}
	})
}

func TestWhoIsBannedComesInByNoWay(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		c, founder := x.founded(t, plan(club.Open))
		who := x.member(t, c)
		_, token, err := x.MakeLink(ctx, founder, c.ID, time.Hour, 10)
		must(t, err)
		host := x.member(t, c)
		r, err := x.rooms.Open(ctx, host, room.Plan{Title: "Now", Category: "music", Language: "en", Club: c.ID})
		must(t, err)
		if r.Club != c.ID || r.ClubName != c.Name {
			t.Errorf("the room is of %q %q", r.Club, r.ClubName)
		}
		_, _, err = x.rooms.Join(ctx, who, r.ID)
		must(t, err)

		must(t, x.Ban(ctx, founder, c.ID, who))
		must(t, x.Ban(ctx, founder, c.ID, who))
		must(t, x.rooms.Expel(ctx, c.ID, who))
		_, _, err = x.rooms.Join(ctx, who, r.ID)
		wantCode(t, err, "room.removed")
		next, err := x.rooms.Open(ctx, founder, room.Plan{Title: "Later", Category: "music", Language: "en", Club: c.ID})
		must(t, err)
		_, _, err = x.rooms.Join(ctx, who, next.ID)
		wantCode(t, err, "room.removed")
		_, err = x.Join(ctx, who, c.ID, club.Entrance{})
		wantCode(t, err, "club.banned")
		_, err = x.Join(ctx, who, c.ID, club.Entrance{Token: token})
		wantCode(t, err, "club.banned")
		wantCode(t, x.Follow(ctx, who, c.ID), "club.banned")
		_, err = x.rooms.Open(ctx, who, room.Plan{Title: "Mine", Category: "music", Language: "en", Club: c.ID})
		wantCode(t, err, "club.members_only")
		in, err := x.ClubMember(ctx, x.db, c.ID, who)
		must(t, err)
		if in != (room.InClub{Banned: true}) {
			t.Errorf("in the club: %+v", in)
		}
		bans, _, err := x.Bans(ctx, founder, c.ID, page.Request{})
		must(t, err)
		if len(bans) != 1 || bans[0].Account != who {
			t.Errorf("bans: %+v", bans)
		}
		must(t, x.Ban(ctx, founder, c.ID, account.ID(id.Opaque())))

		must(t, x.LiftBan(ctx, founder, c.ID, who))
		_, err = x.Join(ctx, who, c.ID, club.Entrance{})
		must(t, err)
	})
}

func TestABannedHostTakesTheirRoomAlong(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		c, founder := x.founded(t, plan(club.Open))
		host := x.member(t, c)
		r, err := x.rooms.Open(ctx, host, room.Plan{Title: "Now", Category: "music", Language: "en", Club: c.ID})
		must(t, err)
		must(t, x.Ban(ctx, founder, c.ID, host))
		must(t, x.rooms.Expel(ctx, c.ID, host))
		r, err = x.rooms.Get(ctx, host, r.ID)
		must(t, err)
		if r.Club != "" || !r.EndedAt.IsZero() {
			t.Errorf("the room is of %q, ended at %v", r.Club, r.EndedAt)
		}
	})
}

func TestOneOfTwoTransfersAtOnceHolds(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		c, founder := x.founded(t, plan(club.Open))
		heirs := []account.ID{x.member(t, c), x.member(t, c)}
		errs := make([]error, len(heirs))
		var all sync.WaitGroup
		for i, to := range heirs {
			all.Go(func() { errs[i] = x.HandOver(ctx, founder, c.ID, to) })
		}
		all.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("both answer %v, %v", errs[0], errs[1])
		}
		for i, to := range heirs {
			want := club.Founder
			if errs[i] != nil {
				want = club.Ordinary
				wantCode(t, errs[i], "club.founder_only")
			}
			if r := x.role(t, c.ID, to); r != want {
				t.Errorf("heir %d is %q", i, r)
			}
		}
		if r := x.role(t, c.ID, founder); r != club.Admin {
			t.Errorf("the old founder is %q", r)
		}
		must(t, x.Leave(ctx, founder, c.ID))
	})
}

func TestTheFounderLeadsAndAdminsHelp(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		c, founder := x.founded(t, plan(club.Open))
		admin, member := x.member(t, c), x.member(t, c)
		wantCode(t, x.Leave(ctx, founder, c.ID), "club.founder_stays")
		must(t, x.MakeAdmin(ctx, founder, c.ID, admin))
		wantCode(t, x.MakeAdmin(ctx, admin, c.ID, member), "club.founder_only")
		wantCode(t, x.Remove(ctx, admin, c.ID, founder), "club.founder_only")
		must(t, x.Remove(ctx, admin, c.ID, member))
		must(t, x.Remove(ctx, admin, c.ID, member))
		must(t, x.UnmakeAdmin(ctx, founder, c.ID, admin))
		wantCode(t, x.Remove(ctx, admin, c.ID, member), "club.admins_only")
		wantCode(t, x.Close(ctx, admin, c.ID), "club.founder_only")
		must(t, x.Close(ctx, founder, c.ID))
		must(t, x.Close(ctx, founder, c.ID))
		_, err := x.Get(ctx, founder, c.ID, "")
		wantCode(t, err, "club.closed")
		mine, err := x.Mine(ctx, founder)
		must(t, err)
		if len(mine) != 0 {
			t.Errorf("closed and still theirs: %+v", mine)
		}
		must(t, x.Sweep(ctx, x.clock.Now().Add(25*time.Hour)))
		_, err = x.Get(ctx, founder, c.ID, "")
		wantCode(t, err, "club.not_found")
	})
}

func TestAClubWithoutItsFounderIsInheritedOrCloses(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		c, founder := x.founded(t, plan(club.Open))
		older, admin, follower := x.member(t, c), x.member(t, c), x.person(t)
		must(t, x.MakeAdmin(ctx, founder, c.ID, admin))
		must(t, x.Follow(ctx, follower, c.ID))
		for i, step := range []struct{ gone, heir account.ID }{{founder, admin}, {admin, older}} {
			x.exec(t, `DELETE FROM accounts WHERE id = $1`, step.gone)
			must(t, x.Sweep(ctx, x.clock.Now()))
			must(t, x.Sweep(ctx, x.clock.Now()))
			if r := x.role(t, c.ID, step.heir); r != club.Founder {
				t.Errorf("step %d: the heir is %q", i, r)
			}
		}
		x.exec(t, `DELETE FROM accounts WHERE id = $1`, older)
		must(t, x.Sweep(ctx, x.clock.Now()))
		_, err := x.Get(ctx, follower, c.ID, "")
		wantCode(t, err, "club.closed")
	})
}

func TestPeopleApartDoNotMeetInAClub(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		c, founder := x.founded(t, plan(club.Request))
		admin, ann := x.person(t), x.person(t)
		for _, who := range []account.ID{admin, ann} {
			must(t, x.Ask(ctx, who, c.ID, 0, ""))
			must(t, x.Answer(ctx, founder, c.ID, who, true))
		}
		must(t, x.MakeAdmin(ctx, founder, c.ID, admin))

		stranger := x.person(t)
		x.block(t, stranger, founder)
		_, err := x.Get(ctx, stranger, c.ID, "")
		wantCode(t, err, "club.not_found")
		_, token, err := x.MakeLink(ctx, founder, c.ID, time.Hour, 9)
		must(t, err)
		for _, way := range []error{x.Ask(ctx, stranger, c.ID, 0, ""), x.Follow(ctx, stranger, c.ID), x.Leave(ctx, stranger, c.ID), x.Unfollow(ctx, stranger, c.ID), x.Withdraw(ctx, stranger, c.ID)} {
			wantCode(t, way, "club.not_found")
		}
		_, err = x.Join(ctx, stranger, c.ID, club.Entrance{Token: token})
		wantCode(t, err, "club.not_found")
		_, err = x.Get(ctx, stranger, c.ID, token)
		wantCode(t, err, "club.not_found")
		found, _, err := x.Find(ctx, stranger, club.Filter{}, page.Request{})
		must(t, err)
		if len(found) != 0 {
			t.Errorf("a blocker of the founder finds %+v", found)
		}

		x.block(t, ann, founder)
		seen, err := x.Get(ctx, ann, c.ID, "")
		must(t, err)
		if seen.Members != 3 || len(seen.Leaders) != 1 || seen.Leaders[0].Account != admin {
			t.Errorf("a member who blocked the founder sees %+v", seen)
		}
		members, _, err := x.Members(ctx, founder, c.ID, club.Ordinary, page.Request{})
		must(t, err)
		if len(members) != 0 {
			t.Errorf("the founder sees %+v", members)
		}

		asking := x.person(t)
		x.block(t, asking, admin)
		must(t, x.Ask(ctx, asking, c.ID, 0, ""))
		for who, want := range map[account.ID]int{admin: 0, founder: 1} {
			got, _, err := x.Requests(ctx, who, c.ID, page.Request{})
			must(t, err)
			told, err := x.Get(ctx, who, c.ID, "")
			must(t, err)
			if len(got) != want || told.Requests != want {
				t.Errorf("%d requests, %d counted, want %d", len(got), told.Requests, want)
			}
		}
		wantCode(t, x.Answer(ctx, admin, c.ID, asking, true), "club.request_gone")
		must(t, x.Answer(ctx, founder, c.ID, asking, true))
	})
}

func TestNamesAreFoundByTheirWordsInEveryScript(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		named := map[string]club.ID{}
		for _, name := range []string{"Caffè dei lettori", "Jazz at night", "北京语音朋友", "Über den Dächern", "نادي القراءة"} {
			p := plan(club.Open)
			p.Name = name
			c, _ := x.founded(t, p)
			named[name] = c.ID
		}
		hidden := plan(club.Invite)
		hidden.Name = "Jazz in secret"
		x.founded(t, hidden)
		who := x.person(t)
		for query, want := range map[string]string{
			"caffe": "Caffè dei lettori", "CAFF": "Caffè dei lettori", "lettori caffè": "Caffè dei lettori", "jaz": "Jazz at night", "uber dach": "Über den Dächern",
			"语音": "北京语音朋友", "朋友": "北京语音朋友", "京朋": "", "azz": "", "القرا": "نادي القراءة",
		} {
			got, _, err := x.Find(ctx, who, club.Filter{Query: query}, page.Request{})
			must(t, err)
			if want == "" && len(got) != 0 || want != "" && (len(got) != 1 || got[0].ID != named[want]) {
				t.Errorf("%q finds %+v", query, got)
			}
		}
		_, _, err := x.Find(ctx, who, club.Filter{Query: "  "}, page.Request{})
		wantCode(t, err, "search.empty")
		got, _, err := x.Find(ctx, who, club.Filter{Category: "sport"}, page.Request{})
		must(t, err)
		if len(got) != 0 {
			t.Errorf("of another topic: %+v", got)
		}
		var names []string
		next := page.Cursor{}
		for {
			var part []club.Club
			part, next, err = x.Find(ctx, who, club.Filter{Language: "en"}, page.Request{Before: next, Limit: 2})
			must(t, err)
			for _, c := range part {
				names = append(names, c.Name)
			}
			if next == (page.Cursor{}) {
				break
			}
		}
		if len(names) != 5 || names[0] != "نادي القراءة" || names[4] != "Caffè dei lettori" {
			t.Errorf("pages: %v", names)
		}
	})
}

func TestVoicesAreOfMembersWhoCanBeSeen(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		c, founder := x.founded(t, plan(club.Open))
		var want []account.ID
		blocked := account.ID("")
		for i := range 5 {
			who := x.member(t, c)
			x.exec(t, `INSERT INTO profiles (account_id, name, language, interests, updated_at, paused) VALUES ($1, 'Ada', 'en', '[]', 0, $2)`, who, i == 3)
			if i != 0 {
				x.exec(t, `INSERT INTO clips (id, account_id, place, prompt, blob_key, ms, peaks, created_at) VALUES ($1, $2, 0, 'best_sound', 'k', 9, '', 0)`, id.New(), who)
			}
			switch i {
			case 1, 2:
				want = append([]account.ID{who}, want...)
			case 4:
				blocked = who
				x.block(t, who, founder)
			}
		}
		got, _, err := x.Voices(ctx, founder, c.ID, page.Request{})
		must(t, err)
		var who []account.ID
		for _, m := range got {
			who = append(who, m.Account)
		}
		if !slices.Equal(who, want) {
			t.Errorf("voices of %v, want %v; not %v", who, want, blocked)
		}
		_, _, err = x.Voices(ctx, x.person(t), c.ID, page.Request{})
		wantCode(t, err, "club.members_only")
	})
}

func TestNobodyFoundsOrJoinsWithoutBound(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		who := x.person(t)
		var all sync.WaitGroup
		var mu sync.Mutex
		made := 0
		for i := range club.MaxFounded + 4 {
			all.Go(func() {
				p := plan(club.Open)
				p.Name = fmt.Sprintf("Club %d", i)
				_, err := x.Found(ctx, who, p)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					made++
				} else if !fault.Is(err, "club.founded_many") {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if made != club.MaxFounded {
			t.Errorf("%d founded at once", made)
		}
		for i := made; i < club.MaxJoined; i++ {
			c := club.ID(id.Opaque())
			x.exec(t, `INSERT INTO clubs (id, name, about, rules, category, language, entry, members_invite, created_at) VALUES ($1, 'C', '', '', 'talk', 'en', 'open', FALSE, 0)`, c)
			x.exec(t, `INSERT INTO club_members (club_id, account_id, role, rules_accepted, joined_at) VALUES ($1, $2, 'member', 0, 0)`, c, who)
		}
		c, founder := x.founded(t, plan(club.Request))
		wantCode(t, x.Follow(ctx, who, c.ID), "club.too_many")
		wantCode(t, x.Ask(ctx, who, c.ID, 0, ""), "club.too_many")
		member := x.person(t)
		must(t, x.Ask(ctx, member, c.ID, 0, ""))
		must(t, x.Answer(ctx, founder, c.ID, member, true))
		x.exec(t, `INSERT INTO club_members (club_id, account_id, role, rules_accepted, joined_at) VALUES ($1, $2, 'member', 0, 0)`, c.ID, who)
		wantCode(t, x.HandOver(ctx, founder, c.ID, who), "club.they_founded_many")
	})
}

func TestTextsAreCheckedAndBounded(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		who := x.person(t)
		for code, change := range map[string]func(*club.Plan){
			"club.name_short":       func(p *club.Plan) { p.Name = "x" },
			"text.too_long":         func(p *club.Plan) { p.Name = strings.Repeat("x", club.MaxName+1) },
			"text.reserved":         func(p *club.Plan) { p.Name = "Official Support Team" },
			"text.hidden":           func(p *club.Plan) { p.About = "a\u202eb" },
			"room.category_unknown": func(p *club.Plan) { p.Category = "spies" },
			"language.unknown":      func(p *club.Plan) { p.Language = "xx" },
			"club.entry_unknown":    func(p *club.Plan) { p.Entry = "" },
		} {
			p := plan(club.Open)
			change(&p)
			_, err := x.Found(ctx, who, p)
			wantCode(t, err, code)
		}
		p := plan(club.Open)
		p.Rules = strings.Repeat("x", club.MaxRules+1)
		_, err := x.Found(ctx, who, p)
		wantCode(t, err, "text.too_long")
	})
}
