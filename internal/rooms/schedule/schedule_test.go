package schedule_test

import (
	"context"
	"database/sql"
	"errors"
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
	"heyy/internal/base/outbox"
	"heyy/internal/base/page"
	"heyy/internal/lab/testkit"
	"heyy/internal/people/account"
	"heyy/internal/rooms/club"
	"heyy/internal/rooms/room"
	"heyy/internal/rooms/schedule"
	"heyy/internal/talk/search"
)

var (
	ctx      = context.Background()
	must     = testkit.Must
	wantCode = testkit.WantCode
	noon     = time.Date(2027, 3, 10, 12, 0, 0, 0, time.UTC)
)

type fixture struct {
	*schedule.Service
	db    *db.DB
	rooms *room.Service
	clubs *club.Service
	clock *testkit.Clock
}

func each(t *testing.T, f func(t *testing.T, x *fixture)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := &fixture{db: d, clock: testkit.NewClock(noon)}
		x.clubs = club.New(d, club.Config{Search: search.Names{}, Now: x.clock.Now})
		x.rooms = room.New(d, slog.New(slog.DiscardHandler), room.Config{SFU: testkit.NewSFU(), Clubs: x.clubs, Now: x.clock.Now})
		x.Service = schedule.New(d, schedule.Config{Rooms: x.rooms, Clubs: x.clubs, Now: x.clock.Now})
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

// block makes a block b, as package safety does.
func (x *fixture) block(t testing.TB, a, b account.ID) {
	t.Helper()
	must(t, x.db.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO blocks (by_id, on_id, at) VALUES ($1, $2, 0)`, a, b); err != nil {
			return err
		}
		return x.Separate(ctx, tx, a, b)
	}))
}

// plan is an open event in two hours.
func (x *fixture) plan() schedule.Plan {
	return schedule.Plan{Title: "Jazz at night", About: "Listening.", Category: "music", Language: "en", Zone: "Europe/Rome", StartsAt: x.clock.Now().Add(2 * time.Hour), Minutes: 60}
}

func (x *fixture) planned(t testing.TB, change ...func(*schedule.Plan)) (schedule.Event, account.ID) {
	t.Helper()
	host, p := x.person(t), x.plan()
	for _, c := range change {
		c(&p)
	}
	e, err := x.Plan(ctx, host, "", p)
	must(t, err)
	return e, host
}

// goer is somebody who goes to an event.
func (x *fixture) goer(t testing.TB, e schedule.ID) account.ID {
	t.Helper()
	who := x.person(t)
	must(t, x.Go(ctx, who, e))
	return who
}

// news returns the facts about an event of one sort.
func (x *fixture) news(t testing.TB, what schedule.What) []schedule.News {
	t.Helper()
	all, err := db.Select(ctx, x.db, func(row interface{ Scan(...any) error }) (r outbox.Record, err error) {
		var data string
		err = row.Scan(&data)
		r.Data = []byte(data)
		return r, err
	}, `SELECT data FROM outbox WHERE kind = $1 ORDER BY id`, schedule.KindNews)
	must(t, err)
	var found []schedule.News
	for _, r := range all {
		n, err := outbox.Read[schedule.News](r)
		must(t, err)
		if n.What == what {
			found = append(found, n)
		}
	}
	return found
}

// told returns who is told of some news, two at a time.
func (x *fixture) told(t testing.TB, n schedule.News) (all []account.ID) {
	t.Helper()
	for after := account.ID(""); ; {
		_, some, err := x.Audience(ctx, n, after, 2)
		must(t, err)
		all = append(all, some...)
		if len(some) < 2 {
			return all
		}
		after = some[1]
	}
}

func (x *fixture) state(t testing.TB, e schedule.ID) (state schedule.State, at time.Time) {
	t.Helper()
	var ms int64
	must(t, x.db.QueryRow(`SELECT state, starts_at FROM events WHERE id = $1`, e).Scan(&state, &ms))
	return state, time.UnixMilli(ms).UTC()
}

func sorted(all ...account.ID) []account.ID {
	slices.Sort(all)
	return all
}

func titles(all []schedule.Event) (out []string) {
	for _, e := range all {
		out = append(out, e.Title)
	}
	return out
}

func TestAnEventIsPlannedWithinBounds(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		host := x.person(t)
		for _, c := range []struct {
			code   string
			change func(*schedule.Plan)
		}{
			{"event.too_soon", func(p *schedule.Plan) { p.StartsAt = noon.Add(4 * time.Minute) }},
			{"event.too_soon", func(p *schedule.Plan) { p.StartsAt = noon.Add(-time.Hour) }},
			{"event.too_far", func(p *schedule.Plan) { p.StartsAt = noon.Add(30*24*time.Hour + time.Minute) }},
			{"event.zone_unknown", func(p *schedule.Plan) { p.Zone = "Europe/Atlantis" }},
			{"event.zone_unknown", func(p *schedule.Plan) { p.Zone = "Local" }},
			{"event.zone_unknown", func(p *schedule.Plan) { p.Zone = "../../etc/passwd" }},
			{"event.minutes", func(p *schedule.Plan) { p.Minutes = 14 }},
			{"event.minutes", func(p *schedule.Plan) { p.Minutes = 481 }},
			{"event.shape_unknown", func(p *schedule.Plan) { p.Shape = "arena" }},
			{"room.access_unknown", func(p *schedule.Plan) { p.Access = room.AccessPIN }},
			{"room.category_unknown", func(p *schedule.Plan) { p.Category = "chess" }},
			{"language.unknown", func(p *schedule.Plan) { p.Language = "xx" }},
			{"text.too_long", func(p *schedule.Plan) { p.Title = strings.Repeat("x", 81) }},
			{"text.too_long", func(p *schedule.Plan) { p.About = strings.Repeat("x", 1001) }},
			{"text.reserved", func(p *schedule.Plan) { p.Title = "Heyy support" }},
		} {
			p := x.plan()
			c.change(&p)
			_, err := x.Plan(ctx, host, "", p)
			wantCode(t, err, c.code)
		}
		for i := range schedule.MaxPlanned {
			p := x.plan()
			p.StartsAt = p.StartsAt.Add(time.Duration(i) * time.Hour)
			_, err := x.Plan(ctx, host, "", p)
			must(t, err)
		}
		_, err := x.Plan(ctx, host, "", x.plan())
		wantCode(t, err, "event.planned_many")
		all, _, err := x.Upcoming(ctx, host, schedule.Filter{Mine: true}, page.Request{Limit: 100})
		must(t, err)
		for i, e := range all {
			if i > 0 && e.StartsAt.Before(all[i-1].StartsAt) {
				t.Fatal("the next one is not first")
			}
			must(t, x.Cancel(ctx, host, e.ID))
		}
		if len(all) != schedule.MaxPlanned {
			t.Errorf("%d of %d are listed", len(all), schedule.MaxPlanned)
		}
		for range 20 {
			e, err := x.Plan(ctx, host, "", x.plan())
			must(t, err)
			must(t, x.Cancel(ctx, host, e.ID))
			must(t, x.Cancel(ctx, host, e.ID))
		}
		_, err = x.Plan(ctx, host, "", x.plan())
		wantCode(t, err, "event.planned_day")
	})
}

func TestListsGoOnFromPageToPage(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		var want []string
		for i := range 7 {
			title := string(rune('A' + i))
			x.planned(t, func(p *schedule.Plan) {
				p.Title, p.StartsAt = "Event "+title, p.StartsAt.Add(time.Duration(i/2)*time.Hour)
			})
			want = append(want, "Event "+title)
		}
		var got []string
		var at page.Cursor
		for {
			some, next, err := x.Upcoming(ctx, x.person(t), schedule.Filter{}, page.Request{Before: at, Limit: 2})
			must(t, err)
			got = append(got, titles(some)...)
			if at = next; next == (page.Cursor{}) {
				break
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("listed: %v", got)
		}
	})
}

func TestAnEventExistsForWhomItsRoomWould(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		sees := func(who account.ID, e schedule.ID, lists, reads bool) {
			t.Helper()
			all, _, err := x.Upcoming(ctx, who, schedule.Filter{}, page.Request{})
			must(t, err)
			if listed := slices.ContainsFunc(all, func(o schedule.Event) bool { return o.ID == e }); listed != lists {
				t.Errorf("listed: %v", listed)
			}
			_, err = x.Get(ctx, who, e)
			if !reads {
				wantCode(t, err, "event.not_found")
				wantCode(t, x.Go(ctx, who, e), "event.not_found")
				wantCode(t, x.Answer(ctx, who, e, true), "event.not_found")
				_, err := x.Start(ctx, who, e)
				wantCode(t, err, "event.not_found")
				_, err = x.File(ctx, who, e, "")
				wantCode(t, err, "event.not_found")
				_, err = x.Known(ctx, who, e, []account.ID{who})
				wantCode(t, err, "event.not_found")
				return
			}
			must(t, err)
		}
		open, host := x.planned(t)
		sees(x.person(t), open.ID, true, true)
		blocked, blocker, banned := x.goer(t, open.ID), x.goer(t, open.ID), x.goer(t, open.ID)
		must(t, x.Invite(ctx, host, open.ID, blocked, schedule.Speaker))
		x.block(t, host, blocked)
		x.block(t, blocker, host)
		x.exec(t, `INSERT INTO room_bans (host_id, account_id, at) VALUES ($1, $2, 0)`, host, banned)
		for _, who := range []account.ID{blocked, blocker, banned} {
			sees(who, open.ID, false, false)
		}
		wantCode(t, x.Invite(ctx, host, open.ID, blocked, schedule.Speaker), "person.unknown")
		wantCode(t, x.Invite(ctx, host, open.ID, blocker, schedule.Speaker), "person.unknown")
		wantCode(t, x.Invite(ctx, host, open.ID, account.ID(id.Opaque()), schedule.Speaker), "person.unknown")
		now, err := x.Get(ctx, host, open.ID)
		must(t, err)
		if now.Goers != 1 { // the banned one is out of sight, and may be let in again
			t.Errorf("%d go", now.Goers)
		}
		x.clock.Advance(2*time.Hour - 10*time.Minute)
		must(t, x.Sweep(ctx, x.clock.Now()))
		if told := x.told(t, x.news(t, schedule.Soon)[0]); !slices.Equal(told, []account.ID{host}) {
			t.Errorf("reminded: %v", told)
		}

		near, host := x.planned(t, func(p *schedule.Plan) { p.Access = room.AccessFollowers })
		fan := x.person(t)
		x.exec(t, `INSERT INTO follows (follower_id, followee_id, at) VALUES ($1, $2, 1)`, fan, host)
		sees(fan, near.ID, true, true)
		sees(x.person(t), near.ID, false, false)
		guest := x.person(t)
		must(t, x.Invite(ctx, host, near.ID, guest, schedule.Speaker))
		sees(guest, near.ID, true, true)
		must(t, x.Go(ctx, fan, near.ID))
		x.exec(t, `DELETE FROM follows WHERE follower_id = $1`, fan)
		sees(fan, near.ID, true, true)

		founder, member := x.person(t), x.person(t)
		c, err := x.clubs.Found(ctx, founder, club.Plan{Name: "Jazz", Category: "music", Language: "en", Entry: club.Open})
		must(t, err)
		_, err = x.clubs.Join(ctx, member, c.ID, club.Entrance{})
		must(t, err)
		p := x.plan()
		p.Access = room.AccessClub
		_, err = x.Plan(ctx, founder, "", p)
		wantCode(t, err, "room.club_missing")
		ours, err := x.Plan(ctx, founder, c.ID, p)
		must(t, err)
		sees(member, ours.ID, true, true)
		sees(x.person(t), ours.ID, false, false)
		must(t, x.Invite(ctx, founder, ours.ID, guest, schedule.Speaker))
		sees(guest, ours.ID, true, true)

		hidden, host := x.planned(t, func(p *schedule.Plan) { p.Access = room.AccessLink })
		sees(x.person(t), hidden.ID, false, true)
		sees(host, hidden.ID, true, true)
		sees(x.goer(t, hidden.ID), hidden.ID, true, true)
	})
}

func TestTheEventsOfAClubAreItsMembers(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		founder, host := x.person(t), x.person(t)
		c, err := x.clubs.Found(ctx, founder, club.Plan{Name: "Jazz", Category: "music", Language: "en", Entry: club.Open})
		must(t, err)
		_, err = x.Plan(ctx, host, c.ID, x.plan())
		wantCode(t, err, "club.members_only")
		_, err = x.clubs.Join(ctx, host, c.ID, club.Entrance{})
		must(t, err)
		e, err := x.Plan(ctx, host, c.ID, x.plan())
		must(t, err)
		if e.Club != c.ID || e.ClubName != "Jazz" {
			t.Errorf("planned: %+v", e)
		}
		of := func() []string {
			all, _, err := x.Upcoming(ctx, founder, schedule.Filter{Club: c.ID}, page.Request{})
			must(t, err)
			return titles(all)
		}
		x.planned(t)
		if all := of(); len(all) != 1 {
			t.Errorf("of the club: %v", all)
		}
		out := x.person(t)
		must(t, x.clubs.Ban(ctx, founder, c.ID, out))
		_, err = x.Get(ctx, out, e.ID)
		wantCode(t, err, "event.not_found")
		must(t, x.clubs.Leave(ctx, host, c.ID))
		if all := of(); len(all) != 0 {
			t.Errorf("of the club its host has left: %v", all)
		}
		x.clock.Advance(2 * time.Hour)
		r, err := x.Start(ctx, host, e.ID)
		must(t, err)
		now, err := x.rooms.Get(ctx, host, r)
		must(t, err)
		if now.Club != "" {
			t.Error("the room is one of the club")
		}
	})
}

func TestTheLastPlaceGoesOnce(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		e, host := x.planned(t)
		var rows []string
		for i := range schedule.MaxGoers - 1 {
			n := id.Opaque()
			rows = append(rows, n)
			if len(rows) == 500 || i == schedule.MaxGoers-2 {
				x.exec(t, `INSERT INTO accounts (id, kind, created_at) VALUES ('`+strings.Join(rows, `', 'member', 0), ('`)+`', 'member', 0)`)
				x.exec(t, `INSERT INTO event_goers (event_id, account_id, at) VALUES ('`+string(e.ID)+`', '`+strings.Join(rows, `', 0), ('`+string(e.ID)+`', '`)+`', 0)`)
				rows = nil
			}
		}
		var mu sync.Mutex
		var all sync.WaitGroup
		in := 0
		for range 6 {
			who := x.person(t)
			all.Go(func() {
				err := x.Go(ctx, who, e.ID)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					in++
				} else if !fault.Is(err, "event.full") {
					t.Error(err)
				}
			})
		}
		all.Wait()
		now, err := x.Get(ctx, host, e.ID)
		must(t, err)
		if in != 1 || now.Goers != schedule.MaxGoers {
			t.Errorf("%d came in, %d go", in, now.Goers)
		}
	})
}

func TestGoingIsTakenBackAndHostsGoAnyway(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		e, host := x.planned(t)
		who := x.goer(t, e.ID)
		must(t, x.Go(ctx, who, e.ID))
		must(t, x.Go(ctx, host, e.ID))
		stranger := x.goer(t, e.ID)
		known, err := x.Known(ctx, host, e.ID, []account.ID{who, x.person(t)})
		must(t, err)
		if !slices.Equal(known, []account.ID{who}) {
			t.Errorf("known: %v", known)
		}
		x.block(t, who, stranger)
		if known, err = x.Known(ctx, stranger, e.ID, []account.ID{who}); err != nil || len(known) != 0 {
			t.Errorf("somebody who blocked them is named: %v, %v", known, err)
		}
		now, err := x.Get(ctx, who, e.ID)
		must(t, err)
		if now.Goers != 2 || !now.Going {
			t.Errorf("%+v", now)
		}
		for range 2 {
			must(t, x.Withdraw(ctx, who, e.ID))
		}
		must(t, x.Cancel(ctx, host, e.ID))
		wantCode(t, x.Go(ctx, who, e.ID), "event.over")
		if told := x.told(t, x.news(t, schedule.Called)[0]); !slices.Equal(told, []account.ID{stranger}) {
			t.Errorf("told: %v", told)
		}
	})
}

func TestNobodyGoesOrInvitesWithoutBound(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		e, host := x.planned(t)
		for range schedule.MaxInvited {
			must(t, x.Invite(ctx, host, e.ID, x.person(t), schedule.Speaker))
		}
		wantCode(t, x.Invite(ctx, host, e.ID, x.person(t), schedule.Speaker), "event.invited_many")
		wantCode(t, x.Invite(ctx, host, e.ID, host, schedule.Speaker), "event.self")
		wantCode(t, x.Invite(ctx, x.person(t), e.ID, x.person(t), schedule.Speaker), "event.host_only")
		who := x.person(t)
		for i := range schedule.MaxGoing {
			n := id.Opaque()
			x.exec(t, `INSERT INTO events (id, host_id, title, about, category, shape, language, access, zone, wall, starts_at, minutes, weekly, state, created_at, updated_at)
				VALUES ($1, $2, 'x', '', 'talk', 'lounge', 'en', 'open', 'UTC', '2027-04-01T00:00', $3, 60, FALSE, 'planned', 0, 0)`, n, host, noon.Add(time.Duration(i+100)*time.Hour).UnixMilli())
			x.exec(t, `INSERT INTO event_goers (event_id, account_id, at) VALUES ($1, $2, 0)`, n, who)
		}
		wantCode(t, x.Go(ctx, who, e.ID), "event.going_many")
	})
}

func TestInvitationsCountAlsoIfTheyAreTakenBack(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		const most = 100
		e, host := x.planned(t)
		start, who, parts := x.clock.Now(), x.person(t), []schedule.Part{schedule.CoHost, schedule.Speaker}
		for i := range most {
			switch {
			case i < 60:
				other := x.person(t)
				must(t, x.Invite(ctx, host, e.ID, other, schedule.Speaker))
				must(t, x.Invite(ctx, host, e.ID, other, schedule.Speaker)) // the same again
				if i%2 == 0 {
					must(t, x.Uninvite(ctx, host, e.ID, other))
				} else {
					x.block(t, other, host)
				}
			case i < 80:
				must(t, x.Invite(ctx, host, e.ID, who, schedule.Speaker))
				must(t, x.Uninvite(ctx, host, e.ID, who))
			default:
				must(t, x.Invite(ctx, host, e.ID, who, parts[i%2]))
			}
		}
		refused := func() {
			t.Helper()
			wantCode(t, x.Invite(ctx, host, e.ID, who, parts[0]), "event.invited_day")
			wantCode(t, x.Invite(ctx, host, e.ID, x.person(t), schedule.Speaker), "event.invited_day")
		}
		refused()
		second, err := x.Plan(ctx, host, "", x.plan())
		must(t, err)
		wantCode(t, x.Invite(ctx, host, second.ID, who, schedule.Speaker), "event.invited_day")
		if n := x.news(t, schedule.Invites); len(n) != most {
			t.Errorf("told of %d invitations", len(n))
		}
		must(t, x.Uninvite(ctx, host, e.ID, who))
		refused()
		if people, err := x.People(ctx, host, e.ID); err != nil || len(people) != 0 {
			t.Errorf("invited: %+v, %v", people, err)
		}
		other, theirs := x.planned(t)
		must(t, x.Invite(ctx, theirs, other.ID, who, schedule.Speaker))

		// A part of a day gives as large a part of the invitations back.
		x.clock.Advance(24*time.Hour/most - time.Millisecond)
		third, err := x.Plan(ctx, host, "", x.plan())
		must(t, err)
		wantCode(t, x.Invite(ctx, host, third.ID, who, schedule.Speaker), "event.invited_day")
		x.clock.Advance(start.Add(24 * time.Hour / most).Sub(x.clock.Now()))
		must(t, x.Invite(ctx, host, third.ID, who, schedule.Speaker))
		wantCode(t, x.Invite(ctx, host, third.ID, who, schedule.CoHost), "event.invited_day")
	})
}

// The rule is that of package replay, whose tests are about each of its conditions.
func TestAnEventTellsOfAReplayToWhomThatExists(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		e, host := x.planned(t)
		goer, apart, speaker := x.goer(t, e.ID), x.goer(t, e.ID), x.person(t)
		x.clock.Advance(2 * time.Hour)
		r, err := x.Start(ctx, host, e.ID)
		must(t, err)
		told := func(who account.ID, want room.ID) {
			t.Helper()
			now, err := x.Get(ctx, who, e.ID)
			must(t, err)
			all, _, err := x.Upcoming(ctx, who, schedule.Filter{}, page.Request{})
			must(t, err)
			if len(all) != 1 || now.Replay != want || all[0].Replay != want {
				t.Errorf("told of %q, in the list %+v", now.Replay, all)
			}
		}
		told(goer, "")
		x.exec(t, `INSERT INTO replays (id, host_id, title, category, language, access, women_only, verified_only, state, began_at, ended_at, keep_days)
			VALUES ($1, $2, 'x', 'talk', 'en', 'open', FALSE, FALSE, 'draft', 0, 1, 30)`, r, host)
		x.exec(t, `INSERT INTO replay_voices (replay_id, account_id, keeps, at) VALUES ($1, $2, TRUE, 0)`, r, speaker)
		x.exec(t, `INSERT INTO replay_parts (id, replay_id, account_id, from_ms, ms, loud_ms, bytes, blob_key) VALUES ('p', $1, $2, 0, 1, 1, 1, 'k')`, r, speaker)
		told(host, "")
		x.exec(t, `UPDATE replays SET state = 'published', published_at = 1`)
		x.block(t, speaker, apart)
		told(host, r)
		told(goer, r)
		told(speaker, r)
		told(apart, "")
		x.exec(t, `UPDATE replays SET women_only = TRUE`)
		told(goer, "")
		told(host, r)
	})
}

func TestTwoStartsAtOnceOpenOneRoom(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		e, host := x.planned(t, func(p *schedule.Plan) { p.Shape = room.Stage })
		co, speaker, no, goer := x.person(t), x.person(t), x.person(t), x.goer(t, e.ID)
		must(t, x.Invite(ctx, host, e.ID, co, schedule.CoHost))
		must(t, x.Invite(ctx, host, e.ID, speaker, schedule.Speaker))
		must(t, x.Invite(ctx, host, e.ID, no, schedule.CoHost))
		_, err := x.Start(ctx, co, e.ID)
		wantCode(t, err, "event.host_only")
		must(t, x.Answer(ctx, co, e.ID, true))
		must(t, x.Answer(ctx, speaker, e.ID, true))
		must(t, x.Answer(ctx, no, e.ID, false))
		_, err = x.Start(ctx, co, e.ID)
		wantCode(t, err, "event.early")
		_, err = x.Start(ctx, speaker, e.ID)
		wantCode(t, err, "event.host_only")
		x.clock.Advance(100 * time.Minute)

		starters := []account.ID{host, co, host, co}
		rooms := make([]room.ID, len(starters))
		var all sync.WaitGroup
		for i, who := range starters {
			all.Go(func() {
				var err error
				if rooms[i], err = x.Start(ctx, who, e.ID); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for _, r := range rooms {
			if r != rooms[0] || r == "" {
				t.Fatalf("rooms: %v", rooms)
			}
		}
		news := x.news(t, schedule.Started)
		if len(news) != 1 || news[0].Room != rooms[0] {
			t.Fatalf("told of: %+v", news)
		}
		opener := news[0].By
		other := co
		if opener == co {
			other = host
		}
		if told := x.told(t, news[0]); !slices.Equal(told, sorted(goer, speaker, other)) {
			t.Errorf("told: %v", told)
		}
		now, err := x.Get(ctx, goer, e.ID)
		must(t, err)
		if now.State != schedule.Live || now.Room != rooms[0] || now.CanStart {
			t.Errorf("live: %+v", now)
		}
		join := func(who account.ID) room.Member {
			t.Helper()
			r, _, err := x.rooms.Join(ctx, who, rooms[0])
			must(t, err)
			m, _ := r.Member(who)
			return m
		}
		if m := join(other); m.Role != room.CoHost {
			t.Errorf("the other leads as %+v", m)
		}
		if m := join(speaker); !m.CanSpeak || m.Role != room.Listener {
			t.Errorf("a speaker comes as %+v", m)
		}
		if m := join(no); m.CanSpeak {
			t.Errorf("who declined comes as %+v", m)
		}
		if _, err := x.rooms.Sit(ctx, speaker, rooms[0], 0); err != nil {
			t.Error(err)
		}
		wantCode(t, x.Cancel(ctx, host, e.ID), "event.live")
		_, err = x.Edit(ctx, host, e.ID, x.plan())
		wantCode(t, err, "event.live")

		// The room ends, and with it the event.
		must(t, x.rooms.End(ctx, opener, rooms[0]))
		must(t, x.Sweep(ctx, x.clock.Now()))
		if state, _ := x.state(t, e.ID); state != schedule.Over {
			t.Errorf("the event is %s", state)
		}
		_, err = x.Start(ctx, host, e.ID)
		wantCode(t, err, "event.over")
	})
}

func TestOnlyItsHostOpensARoomForFollowers(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		e, host := x.planned(t, func(p *schedule.Plan) { p.Access = room.AccessFollowers })
		co := x.person(t)
		must(t, x.Invite(ctx, host, e.ID, co, schedule.CoHost))
		must(t, x.Answer(ctx, co, e.ID, true))
		x.clock.Advance(2 * time.Hour)
		_, err := x.Start(ctx, co, e.ID)
		wantCode(t, err, "event.host_only")
		r, err := x.Start(ctx, host, e.ID)
		must(t, err)
		// Who does not follow the host comes in as a co-host all the same.
		in, _, err := x.rooms.Join(ctx, co, r)
		must(t, err)
		if m, _ := in.Member(co); m.Role != room.CoHost {
			t.Errorf("a co-host comes as %+v", m)
		}
		_, _, err = x.rooms.Join(ctx, x.person(t), r)
		wantCode(t, err, "room.followers_only")
	})
}

func TestARoomThatFailedIsStartedAgain(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		e, host := x.planned(t)
		x.clock.Advance(2 * time.Hour)
		r, err := x.Start(ctx, host, e.ID)
		must(t, err)
		x.exec(t, `UPDATE rooms SET ended_at = 1, ended_why = 'empty' WHERE id = $1`, r)
		must(t, x.Sweep(ctx, x.clock.Now()))
		if state, _ := x.state(t, e.ID); state != schedule.Planned {
			t.Fatalf("the event is %s", state)
		}
		again, err := x.Start(ctx, host, e.ID)
		must(t, err)
		if again == r {
			t.Error("the ended room is started again")
		}
		x.exec(t, `DELETE FROM rooms WHERE id = $1`, again)
		must(t, x.Sweep(ctx, x.clock.Now()))
		if state, _ := x.state(t, e.ID); state != schedule.Over {
			t.Errorf("without its room the event is %s", state)
		}
	})
}

func TestRemindersAreGivenOnceUnderTwoSweepsAndAfterACrash(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		e, host := x.planned(t)
		goer, asked := x.goer(t, e.ID), x.person(t)
		must(t, x.Invite(ctx, host, e.ID, asked, schedule.Speaker))
		sweep := func(n int) {
			t.Helper()
			var all sync.WaitGroup
			for range n {
				all.Go(func() {
					if err := x.Sweep(ctx, x.clock.Now()); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
		}
		x.clock.Advance(2*time.Hour - 15*time.Minute - time.Second)
		sweep(1)
		if n := x.news(t, schedule.Soon); len(n) != 0 {
			t.Fatalf("too early: %+v", n)
		}
		x.clock.Advance(time.Second)
		sweep(4)
		sweep(2)
		soon := x.news(t, schedule.Soon)
		if len(soon) != 1 {
			t.Fatalf("reminded %d times", len(soon))
		}
		if told := x.told(t, soon[0]); !slices.Equal(told, sorted(host, goer)) {
			t.Errorf("reminded: %v", told)
		}
		// A crash between the fact and its row: neither is there, and the next sweep does both.
		x.clock.Advance(15 * time.Minute)
		fenced := errors.New("crash")
		err := x.db.Tx(ctx, func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, `UPDATE events SET reminded = 2 WHERE id = $1`, e.ID); err != nil {
				return err
			}
			return fenced
		})
		if !errors.Is(err, fenced) {
			t.Fatal(err)
		}
		sweep(4)
		if n := x.news(t, schedule.Begins); len(n) != 1 {
			t.Fatalf("told %d times that it begins", len(n))
		}
		if told := x.told(t, soon[0]); len(told) != 0 {
			t.Errorf("told that it is soon when it begins: %v", told)
		}
		x.clock.Advance(10 * time.Minute)
		if told := x.told(t, x.news(t, schedule.Begins)[0]); len(told) != 0 {
			t.Errorf("told too late: %v", told)
		}
	})
}

func TestNobodyIsRemindedOfWhatIsPast(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		x.planned(t)
		x.clock.Advance(2*time.Hour + 10*time.Minute)
		must(t, x.Sweep(ctx, x.clock.Now()))
		if n := append(x.news(t, schedule.Soon), x.news(t, schedule.Begins)...); len(n) != 0 {
			t.Errorf("reminded: %+v", n)
		}
		// Planned shortly before, it is no news that it is soon.
		x.planned(t, func(p *schedule.Plan) { p.StartsAt = x.clock.Now().Add(6 * time.Minute) })
		must(t, x.Sweep(ctx, x.clock.Now()))
		if n := x.news(t, schedule.Soon); len(n) != 0 {
			t.Errorf("reminded: %+v", n)
		}
	})
}

func TestAMoveIsToldAndRemindedOfAnew(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		e, host := x.planned(t)
		goer := x.goer(t, e.ID)
		x.clock.Advance(110 * time.Minute)
		must(t, x.Sweep(ctx, x.clock.Now()))
		p := e.Plan
		p.Title = "Jazz later"
		now, err := x.Edit(ctx, host, e.ID, p)
		must(t, err)
		if now.Title != p.Title || now.Sequence != 1 || len(x.news(t, schedule.Moved)) != 0 {
			t.Errorf("another title: %+v", now)
		}
		for range 2 { // the same again changes nothing
			p.StartsAt = e.StartsAt.Add(time.Hour)
			now, err = x.Edit(ctx, host, e.ID, p)
			must(t, err)
		}
		moved := x.news(t, schedule.Moved)
		if now.Sequence != 2 || len(moved) != 1 {
			t.Fatalf("moved: %+v, %+v", now, moved)
		}
		if told := x.told(t, moved[0]); !slices.Equal(told, []account.ID{goer}) {
			t.Errorf("told: %v", told)
		}
		x.clock.Advance(56 * time.Minute)
		must(t, x.Sweep(ctx, x.clock.Now()))
		if soon := x.news(t, schedule.Soon); len(soon) != 2 {
			t.Errorf("reminded of both dates: %+v", soon)
		}
		for i := range 9 {
			p.StartsAt = p.StartsAt.Add(time.Duration(i+1) * time.Minute)
			_, err = x.Edit(ctx, host, e.ID, p)
			must(t, err)
		}
		p.StartsAt = p.StartsAt.Add(time.Hour)
		_, err = x.Edit(ctx, host, e.ID, p)
		wantCode(t, err, "event.moved_many")
		_, err = x.Edit(ctx, goer, e.ID, p)
		wantCode(t, err, "event.host_only")
		wantCode(t, x.Cancel(ctx, goer, e.ID), "event.host_only")
	})
}

func TestAWeeklyEventGoesOnWithWhoGoes(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		// In Rome, clocks go forward on 28 March 2027: two dates are before it, one is after.
		e, host := x.planned(t, func(p *schedule.Plan) {
			p.Weekly, p.StartsAt = true, time.Date(2027, 3, 17, 20, 0, 0, 0, time.UTC)
		})
		goer := x.goer(t, e.ID)
		for _, at := range []time.Time{
			time.Date(2027, 3, 17, 20, 0, 0, 0, time.UTC), time.Date(2027, 3, 24, 20, 0, 0, 0, time.UTC), time.Date(2027, 3, 31, 19, 0, 0, 0, time.UTC),
		} {
			if state, next := x.state(t, e.ID); state != schedule.Planned || !next.Equal(at) {
				t.Fatalf("%s at %s, not at %s", state, next, at)
			}
			x.clock.Advance(at.Sub(x.clock.Now()))
			r, err := x.Start(ctx, host, e.ID)
			must(t, err)
			must(t, x.rooms.End(ctx, host, r))
			must(t, x.Sweep(ctx, x.clock.Now()))
		}
		started := x.news(t, schedule.Started)
		if len(started) != 3 {
			t.Fatalf("started: %+v", started)
		}
		now, err := x.Get(ctx, goer, e.ID)
		must(t, err)
		if !now.Going || now.State != schedule.Planned {
			t.Errorf("next: %+v", now)
		}
		// Nobody starts it any more.
		for range 3 {
			_, next := x.state(t, e.ID)
			x.clock.Advance(next.Add(time.Hour).Sub(x.clock.Now()))
			must(t, x.Sweep(ctx, x.clock.Now()))
		}
		if state, _ := x.state(t, e.ID); state != schedule.Over {
			t.Errorf("after three missed dates it is %s", state)
		}
		x.clock.Advance(31 * 24 * time.Hour)
		must(t, x.Sweep(ctx, x.clock.Now()))
		if _, err := x.Get(ctx, host, e.ID); !fault.Is(err, "event.not_found") {
			t.Errorf("a month later: %v", err)
		}
	})
}

func TestAnEventNobodyStartsIsOver(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		long, host := x.planned(t, func(p *schedule.Plan) { p.Minutes = 480 })
		short, _ := x.planned(t, func(p *schedule.Plan) { p.Minutes = 15 })
		x.clock.Advance(2*time.Hour + 59*time.Minute)
		must(t, x.Sweep(ctx, x.clock.Now()))
		if state, _ := x.state(t, long.ID); state != schedule.Planned {
			t.Errorf("within the hour it is %s", state)
		}
		if state, _ := x.state(t, short.ID); state != schedule.Over {
			t.Errorf("after its end it is %s", state)
		}
		x.clock.Advance(time.Minute)
		_, err := x.Start(ctx, host, long.ID)
		wantCode(t, err, "event.over")
		must(t, x.Sweep(ctx, x.clock.Now()))
		if state, _ := x.state(t, long.ID); state != schedule.Over {
			t.Errorf("after an hour it is %s", state)
		}
	})
}

func TestTheEventsOfADeletedAccountAreCancelled(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		e, host := x.planned(t)
		goer := x.goer(t, e.ID)
		x.exec(t, `DELETE FROM accounts WHERE id = $1`, host)
		if _, err := x.Get(ctx, goer, e.ID); !fault.Is(err, "event.not_found") {
			t.Errorf("without a host: %v", err)
		}
		must(t, x.Sweep(ctx, x.clock.Now()))
		if state, _ := x.state(t, e.ID); state != schedule.Cancelled {
			t.Errorf("it is %s", state)
		}
		if told := x.told(t, x.news(t, schedule.Called)[0]); !slices.Equal(told, []account.ID{goer}) {
			t.Errorf("told: %v", told)
		}
	})
}

// A resident answers residents alone: a member who asked one would wait for ever.
func TestResidentsTakePartAmongThemselves(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		e, member := x.planned(t)
		resident, other := x.person(t), x.person(t)
		x.exec(t, `UPDATE accounts SET kind = 'resident' WHERE id IN ($1, $2)`, resident, other)
		wantCode(t, x.Invite(ctx, member, e.ID, other, schedule.Speaker), "person.unknown")
		theirs, err := x.Plan(ctx, resident, "", x.plan())
		must(t, err)
		must(t, x.Invite(ctx, resident, theirs.ID, other, schedule.Speaker))
		must(t, x.Answer(ctx, other, theirs.ID, true))
		must(t, x.Invite(ctx, resident, theirs.ID, member, schedule.Speaker))
	})
}

func TestTheReplayOfAWeeklyEventStandsAtItsNextDate(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		e, host := x.planned(t, func(p *schedule.Plan) { p.Weekly = true })
		x.clock.Advance(2 * time.Hour)
		r, err := x.Start(ctx, host, e.ID)
		must(t, err)
		must(t, x.rooms.End(ctx, host, r))
		x.clock.Advance(3 * time.Hour)
		must(t, x.Sweep(ctx, x.clock.Now()))
		x.exec(t, `INSERT INTO replays (id, host_id, title, category, language, access, women_only, verified_only, state, began_at, ended_at, published_at, keep_days)
			VALUES ($1, $2, 'x', 'talk', 'en', 'open', FALSE, FALSE, 'published', 0, 1, 2, 30)`, r, host)
		now, err := x.Get(ctx, host, e.ID)
		if must(t, err); now.State != schedule.Planned || !now.StartsAt.After(x.clock.Now()) || now.Replay != r {
			t.Errorf("the next date: %+v", now)
		}
	})
}
