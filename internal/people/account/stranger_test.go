package account_test

import (
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

// inPublic is each for a place that all the world can reach.
func inPublic(t *testing.T, f func(t *testing.T, h *fixture)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(t, openWith(t, d, account.Config{})) })
}

// fresh is a browser that was never here.
func fresh() account.Browser { return account.ReadBrowser("") }

// from is an address of the n-th network.
func from(n int) netip.Addr { return netip.AddrFrom4([4]byte{198, 18, byte(n), 9}) }

func (h *fixture) askFrom(t testing.TB, email string, b account.Browser, at netip.Addr) {
	t.Helper()
	if err := h.SendCode(ctx, account.CodeRequest{Email: email, Language: "en", Browser: b, From: at}); err != nil {
		t.Fatal(err)
	}
}

// enter asks for a code, of which a letter must come, and signs in with it.
func (h *fixture) enter(t testing.TB, email string, b account.Browser, at netip.Addr) account.Browser {
	t.Helper()
	before := h.sent()
	h.askFrom(t, email, b, at)
	if h.sent() != before+1 {
		t.Fatalf("no letter came for %s", email)
	}
	a, _, err := h.SignIn(ctx, account.CodeProof{Email: email, Code: h.lastCode(t), Browser: b, From: at})
	if err != nil {
		t.Fatal(err)
	}
	return account.ReadBrowser(h.Remember(b, a.Email).Cookie())
}

// attack asks and guesses for email in the worst way open to one browser after
// another.
func (h *fixture) attack(t testing.TB, email string, browsers int, at netip.Addr) {
	t.Helper()
	for range browsers {
		b := fresh()
		h.askFrom(t, email, b, at)
		for range 6 {
			_, _, err := h.SignIn(ctx, account.CodeProof{Email: email, Code: wrong(t, h), Browser: b, From: at})
			wantFault(t, err, fault.Unauthorized, "sign_in.code_wrong")
		}
	}
}

func TestNobodyIsLockedOutByStrangers(t *testing.T) {
	for name, c := range map[string]struct{ before, network int }{
		"from one network, the owner on a new device":         {network: 1},
		"from a thousand networks, the owner's browser known": {network: 1000, before: 1},
	} {
		t.Run(name, func(t *testing.T) {
			inPublic(t, func(t *testing.T, h *fixture) {
				mine := fresh()
				if c.before > 0 {
					mine = h.enter(t, "anna@example.org", mine, apart)
					h.pass(time.Minute)
				}
				for n := range 14 {
					h.attack(t, "anna@example.org", 1, from(n%c.network))
					h.pass(30 * time.Second) // or the network itself would be limited
				}
				h.enter(t, "anna@example.org", mine, apart)
			})
		})
	}
}

func TestACodeIsGoodInTheBrowserThatAskedForIt(t *testing.T) {
	inPublic(t, func(t *testing.T, h *fixture) {
		mine := fresh()
		h.askFrom(t, "anna@example.org", mine, home)
		code := h.lastCode(t)
		for range 25 { // of another browser at the same address
			_, _, err := h.SignIn(ctx, account.CodeProof{Email: "anna@example.org", Code: code, Browser: fresh(), From: home})
			wantFault(t, err, fault.Unauthorized, "sign_in.code_wrong")
		}
		if n := h.count(t, `SELECT MAX(tries) FROM sign_in_codes`); n != 0 {
			t.Errorf("%d tries of others were counted", n)
		}
		if _, _, err := h.SignIn(ctx, account.CodeProof{Email: "anna@example.org", Code: code, Browser: mine, From: home}); err != nil {
			t.Fatal(err)
		}
	})
}

// The promise of ADR 11: how often strangers can guess at one person's code.
func TestStrangersGuessSixtyTimesAnHour(t *testing.T) {
	inPublic(t, func(t *testing.T, h *fixture) {
		for n := range 14 {
			h.attack(t, "anna@example.org", 1, from(n))
			h.attack(t, fmt.Sprintf("an.na+%d@example.org", n), 1, from(n)) // dots count, there
		}
		sum := h.count(t, `SELECT SUM(tries) FROM sign_in_codes WHERE email = $1`, "anna@example.org")
		if letters := h.count(t, `SELECT COUNT(*) FROM sign_in_codes WHERE email = $1`, "anna@example.org"); sum != 60 || letters != 12 {
			t.Errorf("%d guesses at %d codes", sum, letters)
		}
		if n := h.count(t, `SELECT SUM(tries) FROM sign_in_codes WHERE mailbox = $1`, "an.na@example.org"); n != 60 {
			t.Errorf("%d guesses at the codes of one mailbox", n)
		}
	})
}

func TestOneNetworkHasAThirdOfThat(t *testing.T) {
	h := openWith(t, dbtest.SQLite(t), account.Config{})
	for n := range 20 {
		h.askFrom(t, "anna@example.org", fresh(), netip.AddrFrom4([4]byte{203, 0, 113, byte(n)}))
	}
	if h.sent() != 4 {
		t.Errorf("%d letters", h.sent())
	}
	if n := h.count(t, `SELECT COUNT(*) FROM sign_in_codes WHERE network LIKE '%203.0%'`); n != 0 {
		t.Error("the network is kept as it is")
	}
}

func TestOneMailboxIsNotManyAccounts(t *testing.T) {
	inPublic(t, func(t *testing.T, h *fixture) {
		b, made := fresh(), 0
		for n := range 16 {
			email := fmt.Sprintf("an.na+%d@gmail.com", n)
			before := h.sent()
			h.askFrom(t, email, b, from(n))
			if h.sent() == before {
				continue
			}
			a, _, err := h.SignIn(ctx, account.CodeProof{Email: email, Code: h.lastCode(t), Browser: b, From: from(n)})
			if err != nil {
				t.Fatal(err)
			}
			b, made = h.Remember(b, a.Email), made+1
		}
		if n := h.count(t, `SELECT COUNT(*) FROM accounts`); n != 12 || made != 12 {
			t.Errorf("%d accounts of one mailbox in an hour", n)
		}
		h.enter(t, "an.na+0@gmail.com", b, apart) // who is there comes in again
	})
}

func TestAddressesOfOneMailbox(t *testing.T) {
	for email, mailbox := range map[string]string{
		"anna@example.org":           "anna@example.org",
		"anna+heyy@example.org":      "anna@example.org",
		"anna+a+b@example.org":       "anna@example.org",
		"an.na@example.org":          "an.na@example.org",
		"an.na@gmail.com":            "anna@gmail.com",
		"a.n.n.a+x.y@googlemail.com": "anna@gmail.com",
		"+anna@example.org":          "+anna@example.org",
		"...@gmail.com":              "...@gmail.com",
	} {
		if got := account.Mailbox(email); got != mailbox {
			t.Errorf("%s: %s", email, got)
		}
	}
}

func TestManyAsksAtOnceKeepTheLimit(t *testing.T) {
	inPublic(t, func(t *testing.T, h *fixture) {
		var all sync.WaitGroup
		start := make(chan struct{})
		for n := range 40 {
			all.Go(func() {
				<-start
				if err := h.SendCode(ctx, account.CodeRequest{Email: "anna@example.org", Browser: fresh(), From: from(n)}); err != nil {
					t.Error(err)
				}
			})
		}
		close(start)
		all.Wait()
		if h.sent() != 12 {
			t.Errorf("%d letters", h.sent())
		}
	})
}

func TestWhatWasAskedIsForgottenAfterAnHour(t *testing.T) {
	inPublic(t, func(t *testing.T, h *fixture) {
		for n := range 20 {
			h.askFrom(t, fmt.Sprintf("a%d@example.org", n), fresh(), from(n))
		}
		h.pass(time.Hour)
		if err := h.Sweep(ctx, h.now()); err != nil {
			t.Fatal(err)
		}
		if n := h.count(t, `SELECT (SELECT COUNT(*) FROM sign_in_codes) + (SELECT COUNT(*) FROM sign_in_mailboxes)`); n != 0 {
			t.Errorf("%d rows stay", n)
		}
	})
}

func TestAFloodOfLettersLeavesRoomForOthers(t *testing.T) {
	h := openWith(t, dbtest.SQLite(t), account.Config{})
	known := h.enter(t, "known@example.org", fresh(), apart)
	limited := 0
	for n := range 3000 { // 16 sites of IPv6, each household asking for others
		at := netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 0, byte(n % 16), byte(n / 256), byte(n)})
		switch err := h.SendCode(ctx, account.CodeRequest{Email: fmt.Sprintf("victim%d@example.org", n), Browser: fresh(), From: at}); {
		case fault.Is(err, "rate.limited"):
			limited++
		case err != nil:
			t.Fatal(err)
		}
	}
	if n := h.sent(); n > 900 || limited == 0 {
		t.Errorf("%d letters, %d refused", n, limited)
	}
	for n := range 50 {
		h.enter(t, fmt.Sprintf("new%d@example.org", n), fresh(), from(n))
	}
	h.enter(t, "known@example.org", known, apart)
	// The answer depends on the asking network alone, not on the address.
	flooding := netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 0, 1, 0xff})
	for _, email := range []string{"known@example.org", "victim1@example.org", "never@example.org"} {
		wantFault(t, h.SendCode(ctx, account.CodeRequest{Email: email, Browser: fresh(), From: flooding}), fault.TooMany, "rate.limited")
	}
}

func TestACookieThatIsNotOursIsANewBrowser(t *testing.T) {
	h := openWith(t, dbtest.SQLite(t), account.Config{})
	b := fresh()
	for n := range 12 {
		b = h.Remember(b, fmt.Sprintf("a%d@example.org", n))
		b = h.Remember(b, "a0@example.org")
	}
	if got := account.ReadBrowser(b.Cookie()); got.Cookie() != b.Cookie() || len(b.Cookie()) > 43+8*23 {
		t.Errorf("%q was read as %q", b.Cookie(), got.Cookie())
	}
	for _, bad := range []string{"", ".", "a.b", b.Cookie()[1:], b.Cookie() + ".x", b.Cookie() + "." + b.Cookie()} {
		if got := account.ReadBrowser(bad).Cookie(); len(got) != 43 || got == bad {
			t.Errorf("%q was read as %q", bad, got)
		}
	}
	// Tags of one browser are worth nothing beside the secret of another.
	forged := account.ReadBrowser(fresh().Cookie() + b.Cookie()[43:])
	for n := range 12 {
		h.askFrom(t, "a0@example.org", fresh(), from(n))
	}
	before := h.sent()
	h.askFrom(t, "a0@example.org", forged, from(99))
	if h.sent() != before {
		t.Error("forged tags were believed")
	}
	h.askFrom(t, "a0@example.org", b, from(99))
	if h.sent() != before+1 {
		t.Error("true tags were not")
	}
}

func TestCodesAndDatesInTheDigitsOfEveryScript(t *testing.T) {
	inPublic(t, func(t *testing.T, h *fixture) {
		for name, zero := range map[string]rune{
			"Arabic": '\u0660', "Persian": '\u06f0', "Devanagari": '\u0966', "Bengali": '\u09e6', "Thai": '\u0e50',
			"Burmese": '\u1040', "Khmer": '\u17e0', "full-width": '\uff10', "mathematical": '\U0001d7d8', "Adlam": '\U0001e950',
		} {
			h.pass(time.Minute)
			email := name + "@example.org"
			h.ask(t, email)
			inScript := func(s string) string {
				out := []rune(s)
				for i, r := range out {
					if r >= '0' && r <= '9' {
						out[i] = zero + r - '0'
					}
				}
				return string(out)
			}
			code := inScript(h.lastCode(t))
			half := len(code) / 2
			a, _, err := h.SignIn(ctx, account.CodeProof{Email: email, Code: " \u200f" + code[:half] + "\u2009-\u00ad" + code[half:] + "\u200e\n"})
			if err != nil {
				t.Errorf("%s: %s: %v", name, code, err)
				continue
			}
			if a, err = h.CompleteSignUp(ctx, a.ID, account.SignUp{BirthDate: inScript("1990-05-17"), Name: "Anna", Language: "en"}); err != nil || a.BirthDate != "1990-05-17" {
				t.Errorf("%s: born %q, %v", name, a.BirthDate, err)
			}
		}
	})
}

func TestASignInInABrowserThatIsNotKnownIsAFact(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		told := func() int { return h.count(t, `SELECT COUNT(*) FROM outbox WHERE kind = $1`, account.KindNewDevice) }
		first := h.enter(t, "anna@example.org", account.ReadBrowser(""), from(1))
		if n := told(); n != 0 {
			t.Errorf("who signs up is told %d times that it was them", n)
		}
		anna, _ := h.member(t, "anna@example.org") // signs in without a browser, and begins
		h.pass(time.Minute)
		h.enter(t, "anna@example.org", first, from(1))
		if n := told(); n != 0 {
			t.Errorf("of a known browser she is told %d times", n)
		}
		h.pass(time.Minute)
		woken := h.woken
		second := h.enter(t, "anna@example.org", account.ReadBrowser(""), from(2))
		var text string
		if err := h.db.QueryRowContext(ctx, `SELECT data FROM outbox WHERE kind = $1`, account.KindNewDevice).Scan(&text); err != nil {
			t.Fatal(err)
		}
		var f account.NewDevice
		decode(t, []byte(text), &f)
		all, err := h.Sessions(ctx, anna.ID)
		if err != nil || len(all) == 0 || f.Account != anna.ID || !slices.ContainsFunc(all, func(s account.Session) bool { return s.ID == f.Session }) || h.woken == woken {
			t.Errorf("of a new browser she is told %+v; %v", f, err)
		}

		// A passkey proves who signs in, not where.
		device := newAuthenticator(t)
		h.add(t, anna.ID, device, "phone")
		for n, b := range map[int]account.Browser{1: second, 2: account.ReadBrowser("")} {
			before := told()
			c := h.start(t)
			if _, _, err := h.PasskeySignIn(ctx, account.PasskeyProof{Ceremony: c.ID, Credential: device.get(t, c.Options), Browser: b, From: home}); err != nil {
				t.Fatal(err)
			}
			if got := told() - before; got != n-1 {
				t.Errorf("case %d: by a passkey she is told %d times", n, got)
			}
		}
	})
}
