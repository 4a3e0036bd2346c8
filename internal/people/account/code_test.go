package account_test

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

// wrong is a code that is not the one in the newest letter.
func wrong(t testing.TB, h *fixture) string {
	if h.lastCode(t) == "000000" {
		return "000001"
	}
	return "000000"
}

func TestEveryWrongProofFailsInOneWay(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		h.signIn(t, "known@example.org")
		used := h.lastCode(t)
		h.ask(t, "tired@example.org")
		for range 5 {
			_, _, err := h.SignIn(ctx, account.CodeProof{Email: "tired@example.org", Code: wrong(t, h)})
			wantFault(t, err, fault.Unauthorized, "sign_in.code_wrong")
		}
		tired := h.lastCode(t)
		h.ask(t, "late@example.org")
		late := h.lastCode(t)
		h.pass(10 * time.Minute)
		h.ask(t, "asked@example.org")
		asked := h.lastCode(t)

		seen := map[string]string{}
		for name, p := range map[string]account.CodeProof{
			"wrong":                  {Email: "asked@example.org", Code: wrong(t, h)},
			"no code":                {Email: "asked@example.org"},
			"code of another":        {Email: "known@example.org", Code: asked},
			"used":                   {Email: "known@example.org", Code: used},
			"right, after 5 tries":   {Email: "tired@example.org", Code: tired},
			"right, after 10 min":    {Email: "late@example.org", Code: late},
			"never asked, unknown":   {Email: "nobody@example.org", Code: "123456"},
			"quotes for the engines": {Email: "nobody@example.org", Code: `' OR '1'='1`},
		} {
			a, token, err := h.SignIn(ctx, p)
			wantFault(t, err, fault.Unauthorized, "sign_in.code_wrong")
			if token != "" || a.ID != "" {
				t.Errorf("%s: got a token", name)
			}
			seen[err.Error()] = name
		}
		if len(seen) != 1 {
			t.Errorf("the answers differ: %v", seen)
		}
		if _, _, err := h.SignIn(ctx, account.CodeProof{Email: "asked@example.org", Code: asked[:3] + " " + asked[3:]}); err != nil {
			t.Errorf("the right code, written in two groups: %v", err)
		}
	})
}

func TestTheLastTwoCodesOfABrowserAreGood(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		for _, good := range []int{1, 2} {
			var codes []string
			for range 3 {
				h.ask(t, "anna@example.org")
				codes = append(codes, h.lastCode(t))
				h.pass(20 * time.Second)
			}
			if codes[0] != codes[1] && codes[0] != codes[2] {
				_, _, err := h.SignIn(ctx, account.CodeProof{Email: "anna@example.org", Code: codes[0]})
				wantFault(t, err, fault.Unauthorized, "sign_in.code_wrong")
			}
			if _, _, err := h.SignIn(ctx, account.CodeProof{Email: "anna@example.org", Code: codes[good]}); err != nil {
				t.Fatalf("code %d of 3: %v", good+1, err)
			}
			// Whichever it was, it takes the others with it.
			for _, used := range codes {
				_, _, err := h.SignIn(ctx, account.CodeProof{Email: "anna@example.org", Code: used})
				wantFault(t, err, fault.Unauthorized, "sign_in.code_wrong")
			}
		}
	})
}

func TestAnAddressIsNotFlooded(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		h.signIn(t, "known@example.org")
		for _, email := range []string{"known@example.org", "new@example.org"} {
			before := h.sent()
			h.ask(t, email)
			h.ask(t, email)
			h.pass(19 * time.Second)
			h.ask(t, email)
			if n := h.sent() - before; n != 1 {
				t.Errorf("%s: %d letters within 20 seconds", email, n)
			}
			for range 20 {
				h.pass(time.Minute)
				h.ask(t, email)
			}
			if n := h.sent() - before; n != 5 {
				t.Errorf("%s: %d letters within an hour", email, n)
			}
			h.pass(time.Hour)
			h.ask(t, email)
			if n := h.sent() - before; n != 6 {
				t.Errorf("%s: %d letters, one of them an hour later", email, n)
			}
		}
	})
}

func TestAskingCostsTheSameForKnownAndUnknown(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		h.member(t, "known@example.org")
		h.pass(time.Minute)
		for _, email := range []string{"known@example.org", "unknown@example.org"} {
			if err := h.SendCode(ctx, account.CodeRequest{Email: email}); err != nil {
				t.Errorf("%s: %v", email, err)
			}
		}
		if n := h.count(t, `SELECT COUNT(*) FROM accounts`); n != 1 {
			t.Errorf("asking made an account: %d", n)
		}
		if n := h.count(t, `SELECT COUNT(*) FROM sign_in_codes WHERE used_at IS NULL`); n != 2 {
			t.Errorf("%d codes for two addresses", n)
		}
		if n := h.count(t, `SELECT COUNT(*) FROM sign_in_codes WHERE code_hash LIKE $1`, "%"+h.lastCode(t)+"%"); n != 0 {
			t.Error("the code itself is kept")
		}
	})
}

func TestOneNetworkAddressCannotAskWithoutEnd(t *testing.T) {
	h := openWith(t, dbtest.SQLite(t), account.Config{})
	ask := func(n int, from string) error {
		return h.SendCode(ctx, account.CodeRequest{Email: fmt.Sprintf("a%d@example.org", n), From: netip.MustParseAddr(from)})
	}
	last := map[string]error{}
	for n := range 21 {
		for _, from := range []string{"203.0.113.7", "127.0.0.1", "::1", "172.17.0.1", "::ffff:203.0.113.8", fmt.Sprintf("2001:db8::%x", n+1)} {
			if err := ask(n, from); n < 20 && err != nil {
				t.Fatalf("%s, %d: %v", from, n, err)
			} else if n == 20 {
				last[from] = err
			}
		}
	}
	for _, from := range []string{"203.0.113.7", "127.0.0.1", "::1", "172.17.0.1", "::ffff:203.0.113.8", "2001:db8::15"} {
		wantFault(t, last[from], fault.TooMany, "rate.limited")
	}
	if err := ask(1, "2001:db8:0:1::1"); err != nil {
		t.Errorf("the next /64: %v", err)
	}
	h.pass(6 * time.Second)
	if err := ask(1, "203.0.113.7"); err != nil {
		t.Errorf("a while later: %v", err)
	}
	for n := range 31 {
		_, _, err := h.SignIn(ctx, account.CodeProof{Email: "a@example.org", Code: "1", From: apart})
		if code := fault.As(err).Code; (n < 30) != (code == "sign_in.code_wrong") {
			t.Fatalf("guess %d: %s", n, code)
		}
	}
}

func TestFiftyGuessesAtOnceGetFiveTries(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		h.ask(t, "anna@example.org")
		code, bad := h.lastCode(t), wrong(t, h)
		var all sync.WaitGroup
		start := make(chan struct{})
		for range 50 {
			all.Go(func() {
				<-start
				_, _, err := h.SignIn(ctx, account.CodeProof{Email: "anna@example.org", Code: bad, From: home})
				if !fault.Is(err, "sign_in.code_wrong") {
					t.Error(err)
				}
			})
		}
		close(start)
		all.Wait()
		if n := h.count(t, `SELECT tries FROM sign_in_codes WHERE email = $1`, "anna@example.org"); n != 5 {
			t.Errorf("%d tries were counted", n)
		}
		_, _, err := h.SignIn(ctx, account.CodeProof{Email: "anna@example.org", Code: code, From: home})
		wantFault(t, err, fault.Unauthorized, "sign_in.code_wrong")
	})
}

func TestOneCodeOpensOneSessionHoweverOftenItIsSent(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		h.ask(t, "anna@example.org")
		code := h.lastCode(t)
		var in, out atomic.Int64
		var all sync.WaitGroup
		start := make(chan struct{})
		for range 50 {
			all.Go(func() {
				<-start
				_, _, err := h.SignIn(ctx, account.CodeProof{Email: "anna@example.org", Code: code, From: home})
				switch {
				case err == nil:
					in.Add(1)
				case fault.Is(err, "sign_in.code_wrong"):
					out.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		close(start)
		all.Wait()
		if in.Load() != 1 || out.Load() != 49 {
			t.Errorf("%d came in, %d did not", in.Load(), out.Load())
		}
		if n := h.count(t, `SELECT COUNT(*) FROM sessions`); n != 1 {
			t.Errorf("%d sessions", n)
		}
	})
}

func TestFiftyWishesAtOnceSendOneLetter(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		var all sync.WaitGroup
		start := make(chan struct{})
		for range 50 {
			all.Go(func() {
				<-start
				if err := h.SendCode(ctx, account.CodeRequest{Email: "anna@example.org", From: home}); err != nil {
					t.Error(err)
				}
			})
		}
		close(start)
		all.Wait()
		if h.sent() != 1 {
			t.Errorf("%d letters", h.sent())
		}
	})
}

func TestTheLetterSpeaksThePersonsLanguage(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	for language, subject := range map[string]string{"en": "%s is your Heyy code", "it": "%s è il tuo codice per Heyy", "zh": "%s 是你的 Heyy 验证码", "xx": "%s is your Heyy code"} {
		if err := h.SendCode(ctx, account.CodeRequest{Email: language + "@example.org", Language: language}); err != nil {
			t.Fatal(err)
		}
		if got, want := h.letters[len(h.letters)-1].Subject, fmt.Sprintf(subject, h.lastCode(t)); got != want {
			t.Errorf("%s: %q", language, got)
		}
	}
}

func TestAnAddressThatCannotBeOneIsRefused(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	err := h.SendCode(ctx, account.CodeRequest{Email: "anna@example.org\r\nBcc: all@example.org"})
	wantFault(t, err, fault.Invalid, "email.wrong")
	var f *fault.Fault
	if errors.As(err, &f) && f.Field != "body.email" {
		t.Errorf("it blames %q", f.Field)
	}
}
