package profile_test

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"heyy/internal/account"
	"heyy/internal/db"
	"heyy/internal/db/dbtest"
	"heyy/internal/fault"
	"heyy/internal/id"
	"heyy/internal/profile"
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
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(t, d, profile.New(d, time.Now)) })
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
		_, err := s.Of(ctx, nobody)
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
		if _, err := s.Edit(ctx, anna, profile.Changes{Interests: to([]string{"karaoke", "hiking", "karaoke"})}); err != nil {
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
		if p, err = s.Of(ctx, bob); err != nil || p.Name != "Bob" || p.Language != "it" {
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
			{profile.Changes{Interests: to([]string{"jazz", "money"})}, "body.interests", "interests.unknown"},
			{profile.Changes{Interests: to(profile.Interests[:21])}, "body.interests", "interests.too_many"},
		} {
			c.change.Interests = cmpOr(c.change.Interests, &[]string{"jazz"})
			_, err := s.Edit(ctx, anna, c.change)
			wantFault(t, err, c.field, c.code)
		}
		if p, err := s.Of(ctx, anna); err != nil || p.Name != "Anna" || p.Language != "it" || len(p.Interests) != 0 {
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

func TestAnIntroBringsAVoice(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, s *profile.Service) {
		anna := move(t, d, s, "member", "Anna")
		if _, err := s.People(ctx, anna); err != nil {
			t.Fatal(err)
		}
		voice := profile.Voice{PitchHz: 212.5, Brightness: .25, Tempo: 1, Energy: 0}
		p, err := s.SetIntro(ctx, anna, profile.Intro{Key: "intros/a.ogg", Ms: 7000}, voice)
		if err != nil || *p.Intro != (profile.Intro{Key: "intros/a.ogg", Ms: 7000}) || *p.Voice != voice {
			t.Fatalf("%+v, %v", p, err)
		}
		if all, err := s.People(ctx, anna); err != nil || all[anna].Voice == nil || *all[anna].Voice != voice {
			t.Errorf("%+v, %v", all, err)
		}
		for _, c := range []struct {
			intro profile.Intro
			voice profile.Voice
			code  string
		}{
			{profile.Intro{Ms: 1}, voice, "intro.wrong"},
			{profile.Intro{Key: "a"}, voice, "intro.wrong"},
			{profile.Intro{Key: "a", Ms: 60_001}, voice, "intro.wrong"},
			{profile.Intro{Key: "a", Ms: 1}, profile.Voice{PitchHz: 200, Energy: 1.01}, "intro.voice"},
			{profile.Intro{Key: "a", Ms: 1}, profile.Voice{PitchHz: 200, Tempo: math.NaN()}, "intro.voice"},
			{profile.Intro{Key: "a", Ms: 1}, profile.Voice{PitchHz: math.Inf(1)}, "intro.voice"},
			{profile.Intro{Key: "a", Ms: 1}, profile.Voice{}, "intro.voice"},
		} {
			_, err := s.SetIntro(ctx, anna, c.intro, c.voice)
			wantFault(t, err, "", c.code)
		}
		if p, err := s.Of(ctx, anna); err != nil || p.Intro.Key != "intros/a.ogg" || *p.Voice != voice {
			t.Errorf("%+v, %v", p, err)
		}
	})
}

func TestInterestsAreKeys(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range profile.Interests {
		if seen[k] || strings.Trim(k, "abcdefghijklmnopqrstuvwxyz_") != "" || k != strings.Trim(k, "_") {
			t.Errorf("%q", k)
		}
		seen[k] = true
	}
	if len(seen) < 40 {
		t.Errorf("only %d", len(seen))
	}
}

func TestNobodyPretendsToRunThePlace(t *testing.T) {
	d := dbtest.SQLite(t)
	s := profile.New(d, time.Now)
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
	s := profile.New(d, time.Now)
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
