package profile_test

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
)

var ctx = context.Background()

// move gives an account of that kind a profile.
func move(t testing.TB, d *db.DB, s *profile.Service, kind, name string) account.ID {
	t.Helper()
	who := account.ID(id.New())
	err := d.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO accounts (id, kind, created_at) VALUES ($1, $2, 0)`, string(who), kind); err != nil {
			return err
		}
		return s.Create(ctx, tx, who, name, "it")
	})
	if err != nil {
		t.Fatal(err)
	}
	return who
}

func each(t *testing.T, f func(t *testing.T, d *db.DB, s *profile.Service)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(t, d, profile.New(d, nil, time.Now)) })
}

func to[T any](v T) *T { return &v }

func wantFault(t testing.TB, err error, field, code string) {
	t.Helper()
	if f := fault.As(err); f == nil || f.Code != code || f.Field != field {
		t.Fatalf("got %v, want %s at %q", err, code, field)
	}
}

func TestPeopleAreFoundTogether(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, s *profile.Service) {
		anna, mei := move(t, d, s, "member", "Anna"), move(t, d, s, "resident", "Mei")
		nobody := account.ID(id.New())
		for range 2 { // the second time from memory
			all, err := s.People(ctx, anna, mei, nobody, anna)
			if err != nil || len(all) != 2 {
				t.Fatalf("%+v, %v", all, err)
			}
			if all[anna].Name != "Anna" || all[anna].Resident || all[mei].Name != "Mei" || !all[mei].Resident || all[mei].Voice != nil {
				t.Fatalf("%+v", all)
			}
		}
		if all, err := s.People(ctx); err != nil || len(all) != 0 {
			t.Errorf("nobody asked for: %+v, %v", all, err)
		}
		many := []account.ID{anna}
		for range 1200 {
			many = append(many, account.ID(id.New()))
		}
		if all, err := s.People(ctx, many...); err != nil || len(all) != 1 {
			t.Errorf("a crowd: %d, %v", len(all), err)
		}
		_, err := s.Get(ctx, nobody)
		wantFault(t, err, "", "person.unknown")
	})
}

func TestAnEditIsSeenAtOnce(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, s *profile.Service) {
		anna := move(t, d, s, "member", "Anna")
		for n := range 5 {
			if _, err := s.People(ctx, anna); err != nil {
				t.Fatal(err)
			}
			name := fmt.Sprintf("Anna %d", n)
			p, err := s.Edit(ctx, anna, profile.Changes{Name: &name})
			if err != nil || p.Name != name || p.Language != "it" {
				t.Fatalf("%+v, %v", p, err)
			}
			if all, err := s.People(ctx, anna); err != nil || all[anna].Name != name {
				t.Fatalf("%+v, %v", all, err)
			}
		}
	})
}

func TestNoNameIsRememberedFromBeforeAnEdit(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, s *profile.Service) {
		anna := move(t, d, s, "member", "Anna")
		stop := make(chan struct{})
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
						if _, err := s.People(ctx, anna); err != nil {
							t.Error(err)
							return
						}
					}
				}
			})
		}
		for n := range 100 {
			name := fmt.Sprintf("Anna %d", n)
			if _, err := s.Edit(ctx, anna, profile.Changes{Name: &name}); err != nil {
				t.Error(err)
			}
		}
		close(stop)
		all.Wait()
		if found, err := s.People(ctx, anna); err != nil || found[anna].Name != "Anna 99" {
			t.Errorf("%+v, %v", found, err)
		}
	})
}

func TestAnEditChangesOnlyWhatItNames(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, s *profile.Service) {
		anna, bob := move(t, d, s, "member", "Anna"), move(t, d, s, "member", "Bob")
		if _, err := s.Edit(ctx, anna, profile.Changes{Interests: to([]string{"karaoke", "hiking"})}); err != nil {
			t.Fatal(err)
		}
		p, err := s.Edit(ctx, anna, profile.Changes{Language: to("zh")})
		if err != nil || p.Name != "Anna" || p.Language != "zh" || !slices.Equal(p.Interests, []string{"karaoke", "hiking"}) {
			t.Errorf("%+v, %v", p, err)
		}
		if p, err = s.Edit(ctx, anna, profile.Changes{}); err != nil || p.Language != "zh" {
			t.Errorf("an empty edit: %+v, %v", p, err)
		}
		if p, err = s.Edit(ctx, anna, profile.Changes{Interests: &[]string{}}); err != nil || p.Interests == nil || len(p.Interests) != 0 {
			t.Errorf("no interests: %+v, %v", p, err)
		}
		if p, err = s.Get(ctx, bob); err != nil || p.Name != "Bob" || p.Language != "it" {
			t.Errorf("somebody else: %+v, %v", p, err)
		}
		_, err = s.Edit(ctx, account.ID(id.New()), profile.Changes{Language: to("zh")})
		wantFault(t, err, "", "person.unknown")
	})
}

func TestABadEditWritesNothing(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, s *profile.Service) {
		anna := move(t, d, s, "member", "Anna")
		for _, c := range []struct {
			change      profile.Changes
			field, code string
		}{
			{profile.Changes{Name: to(" \u3000")}, "body.name", "text.empty"},
			{profile.Changes{Name: to(strings.Repeat("a", 41))}, "body.name", "text.too_long"},
			{profile.Changes{Name: to("An\u202ena")}, "body.name", "text.hidden"},
			{profile.Changes{Name: to("Heyy Team")}, "body.name", "name.reserved"},
			{profile.Changes{Language: to("xx")}, "body.language", "language.unknown"},
			{profile.Changes{Interests: to([]string{"jazz", "money"})}, "body.interests", "list.unknown"},
			{profile.Changes{Interests: to(profile.Interests[:21])}, "body.interests", "list.too_long"},
		} {
			c.change.Interests = cmpOr(c.change.Interests, &[]string{"jazz"})
			_, err := s.Edit(ctx, anna, c.change)
			wantFault(t, err, c.field, c.code)
		}
		if p, err := s.Get(ctx, anna); err != nil || p.Name != "Anna" || p.Language != "it" || len(p.Interests) != 0 {
			t.Errorf("%+v, %v", p, err)
		}
	})
}

func cmpOr[T any](a, b *T) *T {
	if a != nil {
		return a
	}
	return b
}

func TestListsAreKeys(t *testing.T) {
	for _, list := range []struct {
		keys        []string
		least, most int
	}{
		{profile.Interests, 120, 192}, {profile.Prompts, 30, 64}, {profile.Spoken, 40, 64}, {profile.Genders, 3, 8}, {profile.Intents, 3, 8}, {profile.OpenTo, 5, 16},
	} {
		seen := map[string]bool{}
		for _, k := range list.keys {
			if seen[k] || strings.Trim(k, "abcdefghijklmnopqrstuvwxyz_") != "" || k != strings.Trim(k, "_") {
				t.Errorf("%q", k)
			}
			seen[k] = true
		}
		if len(seen) < list.least || len(seen) > list.most {
			t.Errorf("%d keys, from %q on", len(seen), list.keys[0])
		}
	}
}

func TestSomebodySaysWhoTheyAreAndWhomTheyWish(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, s *profile.Service) {
		anna := move(t, d, s, "member", "Anna")
		p, err := s.Get(ctx, anna)
		if err != nil || !slices.Equal(p.Needs(), []string{"gender", "meet", "intents", "interests"}) || p.Onboarded || p.Paused || !slices.Equal(p.Languages, []string{"it"}) {
			t.Fatalf("at first: %+v, needs %v, %v", p, p.Needs(), err)
		}
		wishes := profile.Preferences{Meet: []string{"man", "nonbinary"}, From: 25, To: 40, Intents: []string{"dating"}, Languages: []string{"it"}, Interests: []string{"jazz"}}
		card := profile.Work{Role: "Luthier", Company: "Bottega", Links: []string{"https://EXAMPLE.org/me"}, OpenTo: []string{"speaking"}}
		p, err = s.Edit(ctx, anna, profile.Changes{
			Gender: to("woman"), Pronouns: to(" she/her "), Languages: &[]string{"it", "yue"}, Interests: &[]string{"jazz"}, Intents: &[]string{"dating", "friends"},
			Preferences: &wishes, Work: &card, Onboarded: to(true), Paused: to(true),
		})
		if err != nil {
			t.Fatal(err)
		}
		card.Links = []string{"https://example.org/me"}
		again, err := s.Get(ctx, anna)
		if err != nil || !reflect.DeepEqual(p, again) || !reflect.DeepEqual(p.Work, &card) || p.Gender != "woman" || p.Pronouns != "she/her" ||
			!slices.Equal(p.Preferences.Meet, wishes.Meet) || p.Preferences.From != 25 || p.Preferences.To != 40 || !p.Onboarded || !p.Paused || len(p.Needs()) != 0 {
			t.Fatalf("%+v\n%+v, %v", p, again, err)
		}
		if p, err = s.Edit(ctx, anna, profile.Changes{Gender: to(""), Pronouns: to(""), Work: &profile.Work{}, Onboarded: to(false)}); err != nil ||
			p.Gender != "" || p.Pronouns != "" || p.Work != nil || p.Onboarded || !p.Paused {
			t.Errorf("taken back: %+v, %v", p, err)
		}
	})
}

func TestOnlyTheVerifiedAskForTheVerified(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, s *profile.Service) {
		anna := move(t, d, s, "member", "Anna")
		wishes := &profile.Preferences{Meet: []string{"man"}, From: 18, To: 120, VerifiedOnly: true}
		_, err := s.Edit(ctx, anna, profile.Changes{Preferences: wishes})
		wantFault(t, err, "body.preferences.verified_only", "preferences.verified_first")
		if p, err := s.Get(ctx, anna); err != nil || len(p.Preferences.Meet) != 0 {
			t.Errorf("refused, and yet %+v, %v", p.Preferences, err)
		}
		if err := d.Tx(ctx, func(tx *sql.Tx) error { return s.Verify(ctx, tx, anna, time.Now()) }); err != nil {
			t.Fatal(err)
		}
		if p, err := s.Edit(ctx, anna, profile.Changes{Preferences: wishes}); err != nil || !p.Preferences.VerifiedOnly || !p.Verified {
			t.Errorf("%+v, %v", p, err)
		}
	})
}

// Without limits anybody could be tried on one own gender and one wish after
// another: who is shown then tells what they are and wish.
func TestWhatDecidesWhoIsShownChangesSoOftenADay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := time.Date(2026, 11, 20, 23, 0, 0, 0, time.UTC)
		s := profile.New(d, nil, func() time.Time { return now })
		anna := move(t, d, s, "member", "Anna")
		edit := func(c profile.Changes) error {
			_, err := s.Edit(ctx, anna, c)
			return err
		}
		for range 2 { // the first time nothing is changed, and then the day is another
			for i := range 4 {
				for range 5 { // the same again is no change
					if err := edit(profile.Changes{Gender: &profile.Genders[i%2]}); err != nil {
						t.Fatal(i, err)
					}
				}
				if i == 3 {
					wantFault(t, edit(profile.Changes{Gender: &profile.Genders[0], Name: to("Bea")}), "", "profile.changed_often")
				}
			}
			now = now.Add(24 * time.Hour)
			if err := edit(profile.Changes{Gender: to("")}); err != nil {
				t.Fatal(err)
			}
			now = now.Add(24 * time.Hour)
		}
		n := 0
		for ; n < 100; n++ {
			w := profile.Preferences{Meet: profile.Genders, From: 18, To: 90 + n%4/2, Intents: profile.Intents[:1]}
			c := profile.Changes{Preferences: &w}
			if n%2 == 1 {
				c = profile.Changes{Interests: to(profile.Interests[n : n+1])}
			}
			if err := edit(c); err != nil {
				wantFault(t, err, "", "profile.changed_often")
				break
			}
		}
		if n != 30 {
			t.Errorf("%d changes of wishes", n)
		}
		if err := edit(profile.Changes{Name: to("Cleo"), Paused: to(true)}); err != nil {
			t.Errorf("what decides nothing cannot be changed: %v", err)
		}
		if p, err := s.Get(ctx, anna); err != nil || p.Name != "Cleo" {
			t.Errorf("%+v, %v", p, err)
		}
		// Concurrent edits are counted one after another. None repeats the interest
		// of the edit before, 29, which would be no change and not count.
		now = now.Add(24 * time.Hour)
		var all sync.WaitGroup
		var taken atomic.Int64
		for i := range 60 {
			all.Go(func() {
				if edit(profile.Changes{Interests: to(profile.Interests[30+i : 31+i])}) == nil {
					taken.Add(1)
				}
			})
		}
		all.Wait()
		if taken.Load() != 30 {
			t.Errorf("%d changes were taken at once", taken.Load())
		}
	})
}

func TestWhatCannotBeIsRefused(t *testing.T) {
	d := dbtest.SQLite(t)
	s := profile.New(d, nil, time.Now)
	anna := move(t, d, s, "member", "Anna")
	wish := func(f func(w *profile.Preferences)) profile.Changes {
		w := profile.Preferences{Meet: []string{"man"}, From: 18, To: 120}
		f(&w)
		return profile.Changes{Preferences: &w}
	}
	link := func(l string) profile.Changes { return profile.Changes{Work: &profile.Work{Links: []string{l}}} }
	for _, c := range []struct {
		change      profile.Changes
		field, code string
	}{
		{profile.Changes{Gender: to("robot")}, "body.gender", "list.unknown"},
		{profile.Changes{Pronouns: to(strings.Repeat("x", 25))}, "body.pronouns", "text.too_long"},
		{profile.Changes{Languages: &[]string{"tlh"}}, "body.languages", "list.unknown"},
		{profile.Changes{Languages: to(profile.Spoken[:9])}, "body.languages", "list.too_long"},
		{profile.Changes{Intents: &[]string{"dating", "dating"}}, "body.intents", "list.unknown"},
		{wish(func(w *profile.Preferences) { w.From = 17 }), "body.preferences.from", "preferences.ages"},
		{wish(func(w *profile.Preferences) { w.From, w.To = 40, 30 }), "body.preferences.from", "preferences.ages"},
		{wish(func(w *profile.Preferences) { w.To = 121 }), "body.preferences.from", "preferences.ages"},
		{wish(func(w *profile.Preferences) { w.Meet = []string{"everyone"} }), "body.preferences.meet", "list.unknown"},
		{wish(func(w *profile.Preferences) { w.Interests = []string{"money"} }), "body.preferences.interests", "list.unknown"},
		{profile.Changes{Work: &profile.Work{Role: "a\u202eb"}}, "body.work.role", "text.hidden"},
		{profile.Changes{Work: &profile.Work{OpenTo: []string{"anything"}}}, "body.work.open_to", "list.unknown"},
		{profile.Changes{Work: &profile.Work{Links: []string{"https://a.b", "https://a.b", "https://a.b", "https://a.b"}}}, "body.work.links", "list.too_long"},
		{link("http://example.org"), "body.work.links", "link.wrong"},
		{link("javascript:alert(1)"), "body.work.links", "link.wrong"},
		{link("https://user@example.org"), "body.work.links", "link.wrong"},
		{link("https://example.org:8443/"), "body.work.links", "link.wrong"},
		{link("https://127.0.0.1/"), "body.work.links", "link.wrong"},
		{link("https://localhost/"), "body.work.links", "link.wrong"},
		{link("https://exаmple.org/"), "body.work.links", "link.wrong"},
		{link("https://" + strings.Repeat("a", 200) + ".org"), "body.work.links", "text.too_long"},
	} {
		_, err := s.Edit(ctx, anna, c.change)
		wantFault(t, err, c.field, c.code)
	}
}

func TestNobodyPretendsToRunThePlace(t *testing.T) {
	d := dbtest.SQLite(t)
	s := profile.New(d, nil, time.Now)
	anna := move(t, d, s, "member", "Anna")
	for _, name := range []string{
		"admin", "Admin", "ADMIN", "a.d.m.i.n", "Admin 2", "admin1", "The Admin", "аdmin", "αdmin", "Ⓐⓓⓜⓘⓝ", "ａｄｍｉｎ", "@dm1n", "adm\u0131n", "ádmín",
		"Moderator", "m0derat0r", "Mοderator", "Moderatore", "heyy", "Heyy", "HEYY official", "heyy_support", "h3yy", "Нeyy", "Heyy-Team", "H e y y",
		"Staff", "$taff", "管理员", "官方客服", "我是管理员",
	} {
		_, err := s.Edit(ctx, anna, profile.Changes{Name: &name})
		if !fault.Is(err, "name.reserved") {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, c := range []struct {
		change profile.Changes
		field  string
	}{
		{profile.Changes{Pronouns: to("moderator")}, "body.pronouns"},
		{profile.Changes{Pronouns: to("Нeyy staff")}, "body.pronouns"},
		{profile.Changes{Pronouns: to("官方")}, "body.pronouns"},
		{profile.Changes{Work: &profile.Work{Role: "Support at H3yy"}}, "body.work.role"},
		{profile.Changes{Work: &profile.Work{Role: "Official Moderator, Support"}}, "body.work.role"},
		{profile.Changes{Work: &profile.Work{Company: "The Admin Team"}}, "body.work.company"},
		{profile.Changes{Pronouns: to("Official Mod, Support")}, "body.pronouns"},
		{profile.Changes{Pronouns: to("she/her ✓")}, "body.pronouns"},
		{profile.Changes{Work: &profile.Work{Role: "nurse", Company: "ＨＥＹＹ-Team"}}, "body.work.company"},
	} {
		_, err := s.Edit(ctx, anna, c.change)
		wantFault(t, err, c.field, "text.reserved")
	}
	for _, change := range []profile.Changes{
		{Pronouns: to("she/her")}, {Pronouns: to("")},
		{Work: &profile.Work{Role: "Community moderator", Company: "Hey Radio"}},
		{Work: &profile.Work{Role: "Support engineer", Company: "Acme"}},
	} {
		if _, err := s.Edit(ctx, anna, change); err != nil {
			t.Errorf("%+v: %v", change, err)
		}
	}
	for _, name := range []string{
		"Anna", "Badminton Fan", "Madmin", "Hey", "Hey You", "Stefano", "Modesto", "Ada", "李小龙", "Алексей", "Γιώργος", "محمد", "नेहा", "Zoë", "O'Brien", "X Æ A-12", "🎤 Mia",
	} {
		if _, err := s.Edit(ctx, anna, profile.Changes{Name: &name}); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func FuzzName(f *testing.F) {
	for _, s := range []string{"Anna", "admin", "Ѕtаff", "e\u0301", "👩‍👩‍👧", "  x ", "\u202e", "1", "管理员"} {
		f.Add(s)
	}
	d := dbtest.SQLite(f)
	s := profile.New(d, nil, time.Now)
	anna := move(f, d, s, "member", "Anna")
	f.Fuzz(func(t *testing.T, name string) {
		p, err := s.Edit(ctx, anna, profile.Changes{Name: &name})
		if err != nil {
			if fault.As(err) == nil {
				t.Errorf("%q: %v", name, err)
			}
			return
		}
		if again, err := s.Edit(ctx, anna, profile.Changes{Name: &p.Name}); err != nil || again.Name != p.Name {
			t.Errorf("%q was kept as %q, and that as %q, %v", name, p.Name, again.Name, err)
		}
	})
}
