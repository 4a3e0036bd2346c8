package account_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/fault"
	"heyy/internal/base/mail"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
)

var (
	ctx   = context.Background()
	noon  = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	apart = netip.MustParseAddr("203.0.113.7")
	home  = netip.MustParseAddr("127.0.0.1")
)

// fixture is a service on a real database, with a clock and a letter box to look
// into.
type fixture struct {
	*account.Service
	db       *db.DB
	profiles *profile.Service
	mu       sync.Mutex
	at       time.Time
	letters  []mail.Mail
	woken    int
}

func (h *fixture) Post(m mail.Mail) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.letters = append(h.letters, m)
}

func (h *fixture) wake() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.woken++
}

func (h *fixture) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *fixture) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

// lastCode is the code in the newest letter.
func (h *fixture) lastCode(t testing.TB) string {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.letters) == 0 {
		t.Fatal("no letter was sent")
	}
	return regexp.MustCompile(`\d{6}`).FindString(h.letters[len(h.letters)-1].Subject)
}

func (h *fixture) sent() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.letters)
}

func open(t testing.TB, d *db.DB) *fixture {
	t.Helper()
	return openWith(t, d, account.Config{LocalOnly: true})
}

// openWith fills in what c leaves open.
func openWith(t testing.TB, d *db.DB, c account.Config) *fixture {
	t.Helper()
	h := &fixture{db: d, at: noon}
	h.profiles = profile.New(d, nil, h.now)
	c.Key, c.Origin, c.Now, c.Wake = bytes.Repeat([]byte{7}, 32), "http://localhost:8080", h.now, h.wake
	s, err := account.New(d, h, h.profiles, slog.New(slog.DiscardHandler), c)
	if err != nil {
		t.Fatal(err)
	}
	h.Service = s
	return h
}

func each(t *testing.T, f func(t *testing.T, h *fixture)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(t, open(t, d)) })
}

func (h *fixture) ask(t testing.TB, email string) {
	t.Helper()
	if err := h.SendCode(ctx, account.CodeRequest{Email: email, Language: "en"}); err != nil {
		t.Fatal(err)
	}
}

// signIn goes the whole way with a fresh code.
func (h *fixture) signIn(t testing.TB, email string) (account.Account, string) {
	t.Helper()
	h.ask(t, email)
	a, token, err := h.SignIn(ctx, account.CodeProof{Email: email, Code: h.lastCode(t), Device: "Firefox on Linux"})
	if err != nil {
		t.Fatal(err)
	}
	return a, token
}

// member is somebody who has begun.
func (h *fixture) member(t testing.TB, email string) (account.Account, string) {
	t.Helper()
	a, token := h.signIn(t, email)
	a, err := h.CompleteSignUp(ctx, a.ID, account.SignUp{BirthDate: "1990-05-17", Name: "Anna", Language: "it"})
	if err != nil {
		t.Fatal(err)
	}
	return a, token
}

func wantFault(t testing.TB, err error, kind fault.Kind, code string) {
	t.Helper()
	if !fault.Is(err, code) || fault.KindOf(err) != kind {
		t.Fatalf("got %v, want %s of kind %d", err, code, kind)
	}
}

func (h *fixture) count(t testing.TB, query string, args ...any) (n int) {
	t.Helper()
	if err := h.db.QueryRowContext(ctx, query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestANewAddressSignsInAndBegins(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		a, token := h.signIn(t, " Anna@Example.ORG ")
		if a.Email != "anna@example.org" || a.Complete() || a.Resident {
			t.Fatalf("a new account is %+v", a)
		}
		if v := uuid.MustParse(string(a.ID)).Version(); v != 4 {
			t.Errorf("the id %s is of version %d, which may tell when somebody signed up", a.ID, v)
		}
		s, err := h.Authenticate(ctx, token)
		if err != nil || s.Account != a.ID || s.Complete || s.Device != "Firefox on Linux" {
			t.Fatalf("who: %+v, %v", s, err)
		}
		if _, err := h.profiles.Get(ctx, a.ID); !fault.Is(err, "person.unknown") {
			t.Fatalf("before the beginning there is a profile: %v", err)
		}
		a, err = h.CompleteSignUp(ctx, a.ID, account.SignUp{BirthDate: "1990-05-17", Name: "  Anna  Maria ", Language: "it"})
		if err != nil || !a.Complete() || a.BirthDate != "1990-05-17" {
			t.Fatalf("begin: %+v, %v", a, err)
		}
		p, err := h.profiles.Get(ctx, a.ID)
		if err != nil || p.Name != "Anna Maria" || p.Language != "it" || len(p.Interests) != 0 {
			t.Fatalf("profile: %+v, %v", p, err)
		}
		if s, err = h.Authenticate(ctx, token); err != nil || !s.Complete {
			t.Fatalf("who after the beginning: %+v, %v", s, err)
		}
		b, _ := h.signIn(t, "ANNA@example.org")
		if b.ID != a.ID {
			t.Fatal("the same address got another account")
		}
		_, err = h.CompleteSignUp(ctx, a.ID, account.SignUp{BirthDate: "1991-05-17", Name: "Anna", Language: "it"})
		wantFault(t, err, fault.Conflict, "account.begun")
	})
}

func TestABeginningThatFailsLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		a, _ := h.signIn(t, "anna@example.org")
		for _, c := range []struct{ born, name, language, field, code string }{
			{"1990-02-30", "Anna", "it", "body.birth_date", "account.birth_date_wrong"},
			{"1990-2-3", "Anna", "it", "body.birth_date", "account.birth_date_wrong"},
			{"", "Anna", "it", "body.birth_date", "account.birth_date_wrong"},
			{"2026-11-23", "Anna", "it", "body.birth_date", "account.birth_date_wrong"},
			{"1905-11-22", "Anna", "it", "body.birth_date", "account.birth_date_wrong"},
			{"1990-05-17", " ", "it", "body.name", "text.empty"},
			{"1990-05-17", "Admin", "it", "body.name", "name.reserved"},
			{"1990-05-17", "Anna", "fr", "body.language", "language.unknown"},
		} {
			_, err := h.CompleteSignUp(ctx, a.ID, account.SignUp{BirthDate: c.born, Name: c.name, Language: c.language})
			wantFault(t, err, fault.Invalid, c.code)
			if f := fault.As(err); f.Field != c.field {
				t.Errorf("%+v blames %s", c, f.Field)
			}
			if got, err := h.Get(ctx, a.ID); err != nil || got.Complete() || got.TooYoung {
				t.Fatalf("%+v left %+v, %v", c, got, err)
			}
		}
		if _, err := h.CompleteSignUp(ctx, a.ID, account.SignUp{BirthDate: "1906-11-22", Name: "Anna", Language: "it"}); err != nil {
			t.Fatalf("120 years are not too many: %v", err)
		}
		_, err := h.CompleteSignUp(ctx, "nobody", account.SignUp{BirthDate: "1990-05-17", Name: "Anna", Language: "it"})
		wantFault(t, err, fault.NotFound, "account.unknown")
	})
}

func TestUnderEighteenIsFinal(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		a, token := h.signIn(t, "kid@example.org")
		h.pass(time.Minute)
		_, second := h.signIn(t, "kid@example.org")
		_, err := h.CompleteSignUp(ctx, a.ID, account.SignUp{BirthDate: "2008-11-23", Name: "Kid", Language: "en"}) // 18 tomorrow
		wantFault(t, err, fault.Forbidden, "account.too_young")
		for _, gone := range []string{token, second} {
			_, err = h.Authenticate(ctx, gone)
			wantFault(t, err, fault.Unauthorized, "session.ended")
		}
		if n := h.count(t, `SELECT COUNT(*) FROM outbox WHERE kind = 'account.signed_out' AND scope = $1`, "account:"+string(a.ID)); n != 2 || h.woken == 0 {
			t.Errorf("%d facts tell of the end of two sessions, woken %d times", n, h.woken)
		}
		_, err = h.CompleteSignUp(ctx, a.ID, account.SignUp{BirthDate: "1980-01-01", Name: "Kid", Language: "en"})
		wantFault(t, err, fault.Forbidden, "account.too_young")

		h.pass(24 * time.Hour) // 18 by now, and still
		h.ask(t, "kid@example.org")
		_, _, err = h.SignIn(ctx, account.CodeProof{Email: "kid@example.org", Code: "nonsense"})
		wantFault(t, err, fault.Unauthorized, "sign_in.code_wrong")
		code := h.lastCode(t)
		_, token, err = h.SignIn(ctx, account.CodeProof{Email: "kid@example.org", Code: code})
		wantFault(t, err, fault.Forbidden, "account.too_young")
		_, _, again := h.SignIn(ctx, account.CodeProof{Email: "kid@example.org", Code: code})
		wantFault(t, again, fault.Unauthorized, "sign_in.code_wrong")
		if token != "" || h.count(t, `SELECT COUNT(*) FROM sessions`) != 0 {
			t.Error("somebody refused has a session")
		}
		_, err = h.IssueToken(ctx, a.ID, "bench")
		wantFault(t, err, fault.NotFound, "account.unknown")
		if n := h.count(t, `SELECT COUNT(*) FROM profiles`); n != 0 {
			t.Error("somebody refused has a profile")
		}
	})
}

func TestEighteenIsCountedInUTC(t *testing.T) {
	for _, c := range []struct {
		born, now string
		in        bool
	}{
		{"2008-11-22", "2026-11-22T00:00:00Z", true},
		{"2008-11-23", "2026-11-22T23:59:59Z", false},
		{"2008-11-23", "2026-11-23T00:30:00+14:00", false}, // still the 22nd in UTC
		{"2008-11-22", "2026-11-21T23:30:00-12:00", true},  // already the 22nd in UTC
		{"2008-02-29", "2026-02-28T12:00:00Z", false},
		{"2008-02-29", "2026-03-01T00:00:00Z", true},
		{"2008-03-01", "2026-02-28T12:00:00Z", false},
		{"2008-02-28", "2026-02-28T00:00:00Z", true},
	} {
		h := open(t, dbtest.SQLite(t))
		at, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		h.at = at
		a, _ := h.signIn(t, "anna@example.org")
		_, err = h.CompleteSignUp(ctx, a.ID, account.SignUp{BirthDate: c.born, Name: "Anna", Language: "en"})
		if in := err == nil; in != c.in {
			t.Errorf("born %s, now %s: %v", c.born, c.now, err)
		}
	}
}

func TestAResidentIsTheSameAtEveryStart(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		plan := account.ResidentPlan{Key: "resident/mei", BirthDate: "1994-03-02", Name: "Mei", Language: "zh"}
		first, err := h.EnsureResident(ctx, plan)
		if err != nil {
			t.Fatal(err)
		}
		second, err := h.EnsureResident(ctx, plan)
		if err != nil || second != first {
			t.Fatalf("second start: %s, %v; first %s", second, err, first)
		}
		a, err := h.Get(ctx, first)
		if err != nil || !a.Resident || !a.Complete() || a.Email != "" {
			t.Fatalf("%+v, %v", a, err)
		}
		token, err := h.IssueToken(ctx, first, "resident")
		if err != nil {
			t.Fatal(err)
		}
		if s, err := h.Authenticate(ctx, token); err != nil || s.Account != first || !s.Complete {
			t.Fatalf("%+v, %v", s, err)
		}
		if err := h.EndAll(ctx, first); err != nil {
			t.Fatal(err)
		}
		_, err = h.Authenticate(ctx, token)
		wantFault(t, err, fault.Unauthorized, "session.ended")
		_, err = h.IssueToken(ctx, "nobody", "resident")
		wantFault(t, err, fault.NotFound, "account.unknown")
		_, err = h.EnsureResident(ctx, account.ResidentPlan{Key: "child", BirthDate: "2020-01-01", Name: "Kid", Language: "en"})
		wantFault(t, err, fault.Forbidden, "account.too_young")
	})
}

func TestABrokenConfigurationIsRefused(t *testing.T) {
	key := bytes.Repeat([]byte{7}, 32)
	for _, c := range []account.Config{
		{Key: key[:31], Origin: "https://heyy.example"},
		{Key: key, Origin: "heyy.example"},
		{Key: key, Origin: "ftp://heyy.example"},
		{Key: key, Origin: "https://"},
	} {
		if _, err := account.New(nil, nil, nil, slog.New(slog.DiscardHandler), c); err == nil {
			t.Errorf("%q with %d bytes was taken", c.Origin, len(c.Key))
		}
	}
}

func TestAPlaceWithoutANameHasNoPasskeys(t *testing.T) {
	d := dbtest.SQLite(t)
	s, err := account.New(d, &fixture{}, profile.New(d, nil, nil), slog.New(slog.DiscardHandler),
		account.Config{Key: bytes.Repeat([]byte{7}, 32), Origin: "http://192.0.2.4:8080"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.StartPasskeySignIn(ctx, apart)
	wantFault(t, err, fault.Conflict, "passkey.unavailable")
}

func TestErrorsNameNoSecret(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	h.ask(t, "anna@example.org")
	_, _, err := h.SignIn(ctx, account.CodeProof{Email: "anna@example.org", Code: "123 456 7"})
	if err == nil || strings.Contains(err.Error(), "anna") || strings.Contains(err.Error(), "123") {
		t.Errorf("the error says %v", err)
	}
	if errors.Unwrap(err) == nil {
		t.Error("the error is not wrapped")
	}
}
