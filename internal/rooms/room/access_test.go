package room_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/fault"
	"heyy/internal/media/reconcile"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

// profiled makes a person who says what they are.
func (l *fixture) profiled(t *testing.T, gender string, verified bool) account.ID {
	t.Helper()
	who := l.person(t)
	var at any
	if verified {
		at = 1
	}
	_, err := l.db.Exec(`INSERT INTO profiles (account_id, name, language, interests, updated_at, gender, verified_at) VALUES ($1, 'N', 'en', '[]', 0, $2, $3)`, who, gender, at)
	must(t, err)
	return who
}

func (l *fixture) follow(t *testing.T, by, other account.ID) {
	t.Helper()
	_, err := l.db.Exec(`INSERT INTO follows (follower_id, followee_id, at) VALUES ($1, $2, 1)`, by, other)
	must(t, err)
}

// planned opens a room in which its host is connected.
func (l *fixture) planned(t *testing.T, by account.ID, p room.Plan) room.Room {
	t.Helper()
	p.Title, p.Category, p.Language = "Late talk", "talk", "en"
	r, err := l.Open(ctx, by, p)
	must(t, err)
	l.joins(t, r.ID, by)
	return r
}

func entry(a room.Access) room.Plan { return room.Plan{Entry: room.Entry{Access: a}, PIN: "4711"} }

func code(err error) string {
	switch f := fault.As(err); {
	case err == nil:
		return "-"
	case f == nil:
		return err.Error()
	default:
		return f.Code
	}
}

// What anybody is told of a room, by every way, for each kind of room: "lobby" and "cards" list
// it, "host" names its host at the door, "people" tells who is there, "sound" plays a preview,
// "place" is a line of presence, "public" the share page.
func TestWhoIsToldOfWhichRoom(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l, s := apart(t, d)
		const all = "lobby cards host people sound place"
		for _, c := range []struct {
			room string
			plan room.Plan
			want map[string]string
		}{
			{"open", entry(room.AccessOpen), map[string]string{
				"stranger": all, "follower": all, "admitted": all, "woman": all, "verified": all, "inside": all, "host": all, "blocked": "", "blocker": "",
			}},
			{"followers", entry(room.AccessFollowers), map[string]string{
				"stranger": "host", "follower": "lobby cards host people sound", "admitted": "host", "woman": "host", "verified": "host",
				"inside": "lobby cards host people sound", "host": "lobby cards host people sound", "blocked": "", "blocker": "",
			}},
			{"link", entry(room.AccessLink), map[string]string{
				"stranger": "host people sound", "follower": "host people sound", "admitted": "host people sound", "woman": "host people sound", "verified": "host people sound",
				"inside": "host people sound", "host": "host people sound", "blocked": "", "blocker": "",
			}},
			{"pin", entry(room.AccessPIN), map[string]string{
				"stranger": "lobby cards host", "follower": "lobby cards host", "admitted": "lobby cards host people sound", "woman": "lobby cards host", "verified": "lobby cards host",
				"inside": "lobby cards host people sound", "host": "lobby cards host people sound", "blocked": "", "blocker": "",
			}},
			{"women", room.Plan{Entry: room.Entry{WomenOnly: true}}, map[string]string{
				"stranger": "", "follower": "", "admitted": "", "woman": "lobby cards host people sound", "verified": "",
				"inside": "lobby cards host people sound", "host": "lobby cards host people sound", "blocked": "", "blocker": "",
			}},
			{"verified", room.Plan{Entry: room.Entry{VerifiedOnly: true}}, map[string]string{
				"stranger": "", "follower": "", "admitted": "", "woman": "", "verified": "lobby cards host people sound",
				"inside": "lobby cards host people sound", "host": "lobby cards host people sound", "blocked": "", "blocker": "",
			}},
		} {
			t.Run(c.room, func(t *testing.T) {
				host := l.profiled(t, "woman", true)
				r := l.planned(t, host, c.plan)
				inside := l.profiled(t, "woman", true)
				l.follow(t, inside, host)
				if c.plan.Access == room.AccessPIN {
					must(t, l.EnterPIN(ctx, inside, r.ID, "4711", "n"))
				}
				l.joins(t, r.ID, inside)
				// They are inside, whatever they are from now on.
				_, err := d.Exec(`DELETE FROM follows WHERE follower_id = $1`, inside)
				must(t, err)
				_, err = d.Exec(`UPDATE profiles SET gender = 'man', verified_at = NULL WHERE account_id = $1`, inside)
				must(t, err)
				_, err = d.Exec(`DELETE FROM room_admissions WHERE account_id = $1`, inside)
				must(t, err)
				people := map[string]account.ID{
					"stranger": l.profiled(t, "man", false), "follower": l.profiled(t, "", false), "admitted": l.profiled(t, "nonbinary", false),
					"woman": l.profiled(t, "woman", false), "verified": l.profiled(t, "man", true), "inside": inside, "host": host,
					"blocked": l.profiled(t, "woman", true), "blocker": l.profiled(t, "woman", true),
				}
				l.follow(t, people["follower"], host)
				if c.plan.Access == room.AccessPIN {
					must(t, l.EnterPIN(ctx, people["admitted"], r.ID, "4711", "n"))
				}
				for _, who := range []string{"blocked", "blocker"} {
					l.follow(t, people[who], host)
				}
				must(t, s.Block(ctx, host, people["blocked"]))
				must(t, s.Block(ctx, people["blocker"], host))

				card, isListed, _, err := l.Card(ctx, r.ID)
				must(t, err)
				var ids []account.ID
				for _, who := range people {
					ids = append(ids, who)
				}
				told, err := l.Audience(ctx, card, ids)
				must(t, err)
				if c.room == "pin" && (len(card.Members) != 0 || card.Listeners != 0) {
					t.Errorf("the card tells %+v", card)
				}
				places, err := l.Places(ctx, host)
				must(t, err)
				shut, err := l.ShutTo(ctx, r.ID)
				must(t, err)
				if _, err := l.Public(ctx, r.ID); code(err) != "room.not_found" {
					t.Errorf("anybody reads %v", err)
				}
				_, err = l.Share(ctx, host, r.ID, true)
				if want := map[bool]string{true: "-", false: "room.not_shareable"}[c.room == "open"]; code(err) != want {
					t.Errorf("sharing: %v", err)
				}
				for kind, who := range people {
					var ways []string
					lobby, err := l.Lobby(ctx, who, "", "")
					must(t, err)
					if i := slices.IndexFunc(lobby, func(o room.Room) bool { return o.ID == r.ID }); i >= 0 {
						ways = append(ways, "lobby")
						if c.room == "pin" && (len(lobby[i].Members) != 0 || lobby[i].Listeners != 0) {
							t.Errorf("the lobby tells %s %+v", kind, lobby[i])
						}
					}
					if isListed && told.Has(who) {
						ways = append(ways, "cards")
					}
					seen, err := l.Get(ctx, who, r.ID)
					if err == nil && seen.Host == host {
						ways = append(ways, "host")
					}
					if len(seen.Members) > 0 || seen.Listeners > 0 {
						ways = append(ways, "people")
					}
					if _, err := l.Preview(ctx, who, r.ID); err == nil {
						ways = append(ways, "sound")
					}
					if _, there := places[host]; there && !slices.Contains(shut, who) {
						ways = append(ways, "place")
					}
					if got := fmt.Sprint(ways); got != "["+c.want[kind]+"]" {
						t.Errorf("%s: %s, not %s", kind, got, c.want[kind])
					}
				}
				must(t, l.End(ctx, host, r.ID))
			})
		}
	})
}

func TestTheDoorSaysWhatStandsInTheWay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host, who := l.profiled(t, "woman", true), l.profiled(t, "man", false)
		for _, c := range []struct {
			plan       room.Plan
			read, join string
			gate       room.Gate
		}{
			{entry(room.AccessOpen), "-", "-", room.NoGate},
			{entry(room.AccessLink), "-", "-", room.NoGate},
			{entry(room.AccessFollowers), "-", "room.followers_only", room.GateFollowers},
			{entry(room.AccessPIN), "-", "room.pin_needed", room.GatePIN},
			{room.Plan{Entry: room.Entry{WomenOnly: true}}, "room.women_only", "room.women_only", room.NoGate},
			{room.Plan{Entry: room.Entry{VerifiedOnly: true}}, "room.verified_only", "room.verified_only", room.NoGate},
		} {
			r := l.planned(t, host, c.plan)
			seen, err := l.Get(ctx, who, r.ID)
			if code(err) != c.read || seen.Gate != c.gate {
				t.Errorf("%+v reads %v, %q", c.plan, err, seen.Gate)
			}
			joinID := ""
			if _, joinID, err = l.Join(ctx, who, r.ID); code(err) != c.join {
				t.Errorf("%+v joins %v", c.plan, err)
			}
			var rows int
			must(t, d.QueryRow(`SELECT COUNT(*) FROM room_members WHERE room_id = $1 AND account_id = $2`, r.ID, who).Scan(&rows))
			if (rows == 1) != (c.join == "-") || (joinID != "") != (c.join == "-") {
				t.Errorf("%+v leaves %d rows, join %q", c.plan, rows, joinID)
			}
		}
	})
}

func TestAPlanIsOfSomebodyWhoFitsIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		man, woman := l.profiled(t, "man", false), l.profiled(t, "woman", true)
		for _, c := range []struct {
			by   account.ID
			plan room.Plan
			want string
		}{
			{man, room.Plan{Entry: room.Entry{WomenOnly: true}}, "room.women_host"},
			{man, room.Plan{Entry: room.Entry{VerifiedOnly: true}}, "room.verified_host"},
			{woman, room.Plan{Entry: room.Entry{WomenOnly: true, VerifiedOnly: true}}, "-"},
			{man, room.Plan{Entry: room.Entry{Access: "friends"}}, "room.access_unknown"},
			{man, room.Plan{Entry: room.Entry{Capacity: 1}}, "room.capacity"},
			{man, room.Plan{Entry: room.Entry{Capacity: 5001}}, "room.capacity"},
			{man, room.Plan{Entry: room.Entry{Access: room.AccessPIN}}, "room.pin_shape"},
			{man, room.Plan{Entry: room.Entry{Access: room.AccessPIN}, PIN: "123"}, "room.pin_shape"},
			{man, room.Plan{Entry: room.Entry{Access: room.AccessPIN}, PIN: "123456789"}, "room.pin_shape"},
			{man, room.Plan{Entry: room.Entry{Access: room.AccessPIN}, PIN: "12a4"}, "room.pin_shape"},
			{man, room.Plan{Shape: room.Stage, NoAudience: true}, "room.audience_needed"},
		} {
			c.plan.Title, c.plan.Category, c.plan.Language = "Late talk", "talk", "en"
			if _, err := l.Open(ctx, c.by, c.plan); code(err) != c.want {
				t.Errorf("%+v: %v, not %s", c.plan, err, c.want)
			}
		}
	})
}

func TestAPINOpensForGoodAndIsGuessedFiveTimes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host, knows, guesses, near := l.person(t), l.person(t), l.person(t), l.person(t)
		r := l.planned(t, host, entry(room.AccessPIN)).ID
		var stored string
		must(t, d.QueryRow(`SELECT pin_hash FROM rooms WHERE id = $1`, r).Scan(&stored))
		if stored == "4711" || len(stored) != 64 {
			t.Errorf("the PIN is kept as %q", stored)
		}

		must(t, l.EnterPIN(ctx, knows, r, "4711", "here"))
		must(t, l.EnterPIN(ctx, knows, r, "0000", "here")) // nothing stands in their way
		l.joins(t, r, knows)
		must(t, l.Leave(ctx, knows, r))
		l.joins(t, r, knows)

		for left := 4; left >= 1; left-- {
			err := l.EnterPIN(ctx, guesses, r, "0000", "there")
			refused(t, err, "room.pin_wrong")
			if fault.As(err).Left != left {
				t.Errorf("%d left, not %d", fault.As(err).Left, left)
			}
		}
		refused(t, l.EnterPIN(ctx, guesses, r, "0000", "there"), "room.pin_spent")
		refused(t, l.EnterPIN(ctx, guesses, r, "4711", "elsewhere"), "room.pin_spent") // the right one is not tried
		must(t, l.EnterPIN(ctx, near, r, "4711", "there"))                             // who guesses does not lock out the neighbours
		_, _, err := l.Join(ctx, guesses, r)
		refused(t, err, "room.pin_needed")
		l.wait(time.Hour + time.Minute)
		must(t, l.EnterPIN(ctx, guesses, r, "4711", "there"))
		l.joins(t, r, guesses)
	})
}

func TestAThousandGuessesAtOnceAreFive(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		r := l.planned(t, l.person(t), entry(room.AccessPIN)).ID
		who, another := l.person(t), l.person(t)
		var checked atomic.Int32
		var all sync.WaitGroup
		for i := range 1000 {
			all.Go(func() {
				by, network := who, fmt.Sprint(i) // one account from everywhere
				if i%2 == 1 {
					by, network = another, "one"
				}
				if err := l.EnterPIN(ctx, by, r, "0000", network); code(err) == "room.pin_wrong" {
					checked.Add(1)
				} else if code(err) != "room.pin_spent" {
					t.Errorf("%v", err)
				}
			})
		}
		all.Wait()
		var tries int
		must(t, d.QueryRow(`SELECT COUNT(*) FROM room_pin_tries`).Scan(&tries))
		if tries != 10 || checked.Load() != 8 { // the fifth is told that it was the last
			t.Errorf("%d tries, %d told as wrong", tries, checked.Load())
		}
	})
}

// Whoever guessed five times locked out everybody behind the same address, for an hour.
func TestGuessesOfOneNetworkAreTwenty(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		r := l.planned(t, l.person(t), entry(room.AccessPIN)).ID
		for range 4 {
			must(t, l.EnterPIN(ctx, l.person(t), r, "4711", "one"))
			guesses := l.person(t)
			for range 5 {
				if err := l.EnterPIN(ctx, guesses, r, "0000", "one"); code(err) != "room.pin_wrong" && code(err) != "room.pin_spent" {
					t.Fatalf("%v", err)
				}
			}
		}
		near := l.person(t)
		refused(t, l.EnterPIN(ctx, near, r, "4711", "one"), "room.pin_network")
		must(t, l.EnterPIN(ctx, near, r, "4711", "elsewhere"))
		l.wait(time.Hour + time.Minute)
		must(t, l.EnterPIN(ctx, l.person(t), r, "4711", "one"))
	})
}

func TestTheLastPlaceIsForOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for name, plan := range map[string]room.Plan{
			"by number": {Entry: room.Entry{Capacity: 11}},
			"by seats":  {NoAudience: true},
		} {
			t.Run(name, func(t *testing.T) {
				l := open(t, d)
				host := l.person(t)
				r := l.planned(t, host, plan).ID
				var inside []account.ID
				for range 9 {
					inside = append(inside, l.joined(t, r))
				}
				var in atomic.Int32
				var all sync.WaitGroup
				for range 8 {
					who := l.person(t)
					all.Go(func() {
						switch _, _, err := l.Join(ctx, who, r); code(err) {
						case "-":
							in.Add(1)
						case "room.full":
						default:
							t.Errorf("%v", err)
						}
					})
				}
				all.Wait()
				if in.Load() != 1 {
					t.Fatalf("%d people took the last place", in.Load())
				}
				if seen, err := l.Get(ctx, l.person(t), r); err != nil || seen.Gate != room.GateFull || len(seen.Members) == 0 {
					t.Errorf("at the door: %q, %v", seen.Gate, err)
				}
				l.joins(t, r, inside[0]) // again, from another device
				must(t, l.Leave(ctx, host, r))
				l.joins(t, r, l.person(t))
				l.joins(t, r, host) // one more than fit: hosts get back in
				must(t, l.Leave(ctx, inside[0], r))
				_, _, err := l.Join(ctx, inside[0], r)
				if name == "by number" {
					refused(t, err, "room.full")
				} else {
					must(t, err) // the host who came back listens
				}
				must(t, l.End(ctx, host, r))
			})
		}
	})
}

func TestWhereEverybodyTalksASeatIsTheWayInAndOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host, guest := l.person(t), l.person(t)
		r := l.planned(t, host, room.Plan{NoAudience: true}).ID
		l.joins(t, r, guest)
		if m := l.member(t, r, guest); m.Seat != 2 || !m.Muted || l.state(t, r, guest) != "sits" {
			t.Errorf("%+v", m)
		}
		_, err := l.MoveToAudience(ctx, host, r, guest)
		refused(t, err, "room.no_audience")
		_, err = l.Share(ctx, host, r, true)
		refused(t, err, "room.not_shareable")
		c, err := l.Stand(ctx, guest, r)
		must(t, err)
		if c.Cause != room.Left || c.Member.Present || l.state(t, r, guest) != "out" {
			t.Errorf("%+v", c)
		}
		must(t, l.LockSeat(ctx, host, r, 2, true))
		l.joins(t, r, guest)
		if m := l.member(t, r, guest); m.Seat != 3 {
			t.Errorf("%+v", m)
		}
	})
}

func TestAHostChangesWhoComesInAndThoseInsideStay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host, coHost := l.profiled(t, "woman", false), l.person(t)
		r := l.planned(t, host, room.Plan{}).ID
		inside, outside := l.joined(t, r), l.person(t)
		l.joins(t, r, coHost)
		_, err := l.MakeCoHost(ctx, host, r, coHost)
		must(t, err)
		_, err = l.Share(ctx, host, r, true)
		must(t, err)
		l.listeners.Connect(string(r), reconcile.PublicIdentity, "someone")
		l.listeners.Connect(string(r), reconcile.GuestIdentity(string(outside)), "")
		guests := func() int {
			n := 0
			for identity := range l.listeners.Present(string(r)) {
				if reconcile.IsGuest(identity) {
					n++
				}
			}
			return n
		}
		followers, pin, yes := room.AccessFollowers, room.AccessPIN, true

		refused(t, l.SetEntry(ctx, coHost, r, room.EntryChange{Access: &followers}), "room.host_only")
		refused(t, l.SetEntry(ctx, outside, r, room.EntryChange{Access: &followers}), "room.host_only")
		refused(t, l.SetEntry(ctx, host, r, room.EntryChange{Access: &pin}), "room.pin_missing")
		refused(t, l.SetEntry(ctx, host, r, room.EntryChange{VerifiedOnly: &yes}), "room.verified_host")
		if guests() != 2 {
			t.Fatal("nothing has changed yet")
		}
		seq := l.seq(t, r, inside)
		must(t, l.SetEntry(ctx, host, r, room.EntryChange{Access: &followers, WomenOnly: &yes}))
		must(t, l.SetEntry(ctx, host, r, room.EntryChange{Access: &followers})) // again
		now, err := l.Get(ctx, inside, r)
		must(t, err)
		if now.Access != followers || !now.WomenOnly || now.Shared || now.Seq != seq+2 {
			t.Errorf("%+v after %d", now, seq)
		}
		if guests() != 0 {
			t.Error("people outside still listen")
		}
		if l.state(t, r, inside) != "listens" {
			t.Error("who was inside is", l.state(t, r, inside))
		}
		l.joins(t, r, inside) // a reconnect
		must(t, l.Leave(ctx, coHost, r))
		l.joins(t, r, coHost)
		must(t, l.Leave(ctx, inside, r))
		_, _, err = l.Join(ctx, inside, r)
		refused(t, err, "room.women_only")

		// What was before comes back, but for what was shared, and a PIN.
		log, err := l.Log(ctx, host, r)
		must(t, err)
		if log[0].Action != room.LogAccess || !log[0].CanUndo {
			t.Fatalf("%+v", log)
		}
		must(t, l.Undo(ctx, host, r, log[0].ID))
		now, err = l.Get(ctx, inside, r)
		must(t, err)
		if now.Access != room.AccessOpen || now.WomenOnly || now.Shared {
			t.Errorf("%+v", now)
		}
		one, two := "1111", "2222"
		must(t, l.SetEntry(ctx, host, r, room.EntryChange{Access: &pin, PIN: &one}))
		l.wait(time.Millisecond)
		must(t, l.SetEntry(ctx, host, r, room.EntryChange{PIN: &two}))
		log, err = l.Log(ctx, host, r)
		must(t, err)
		must(t, l.Undo(ctx, host, r, log[0].ID))
		refused(t, l.EnterPIN(ctx, inside, r, one, "n"), "room.pin_wrong")
		must(t, l.EnterPIN(ctx, inside, r, two, "n"))
	})
}

// Whoever has blocked somebody is told so; whoever was blocked, and whoever has reported, is not.
func TestOnlyWhoHasBlockedIsToldWhyTheyStayOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l, s := apart(t, d)
		host := l.person(t)
		r := l.planned(t, host, room.Plan{}).ID
		speaker := l.joined(t, r)
		_, err := l.Sit(ctx, speaker, r, 0)
		must(t, err)
		for name, c := range map[string]struct {
			do   func(me account.ID)
			want string
		}{
			"blocks":                         {func(me account.ID) { must(t, s.Block(ctx, me, speaker)) }, "room.blocked_here"},
			"blocks the host":                {func(me account.ID) { must(t, s.Block(ctx, me, host)) }, "room.blocked_here"},
			"is blocked":                     {func(me account.ID) { must(t, s.Block(ctx, speaker, me)) }, "room.not_found"},
			"reports":                        {func(me account.ID) { report(t, s, me, speaker) }, "room.not_found"},
			"is reported":                    {func(me account.ID) { report(t, s, speaker, me) }, "room.not_found"},
			"blocks and is blocked":          {func(me account.ID) { must(t, s.Block(ctx, me, speaker)); must(t, s.Block(ctx, speaker, me)) }, "room.not_found"},
			"blocks one, blocked by another": {func(me account.ID) { must(t, s.Block(ctx, me, speaker)); must(t, s.Block(ctx, host, me)) }, "room.not_found"},
		} {
			me := l.person(t)
			c.do(me)
			_, err := l.Get(ctx, me, r)
			refused(t, err, c.want)
			_, _, err = l.Join(ctx, me, r)
			refused(t, err, c.want)
			if _, err := l.Preview(ctx, me, r); code(err) != c.want {
				t.Errorf("who %s previews: %v", name, err)
			}
			if l.sees(t, me, r) {
				t.Errorf("who %s has it in the lobby", name)
			}
		}
	})
}
