package account_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/base/outbox"
	"heyy/internal/people/account"
)

func TestATokenIsKeptOnlyAsAHash(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		_, token := h.signIn(t, "anna@example.org")
		if len(token) != 43 {
			t.Errorf("a token of %d letters", len(token))
		}
		if n := h.count(t, `SELECT COUNT(*) FROM sessions WHERE token_hash = $1 OR id = $1`, token); n != 0 {
			t.Error("the token itself is kept")
		}
		for _, bad := range []string{"", "x", token[:42], token + "A", strings.ToUpper(token), strings.Repeat("A", 43), "' OR '1'='1' OR token_hash = '12345678901234"} {
			_, err := h.Authenticate(ctx, bad)
			wantFault(t, err, fault.Unauthorized, "session.ended")
		}
	})
}

func TestASessionLivesThirtyDaysAfterItWasLastSeen(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		_, token := h.signIn(t, "anna@example.org")
		seen := func() time.Time {
			t.Helper()
			s, err := h.Authenticate(ctx, token)
			if err != nil {
				t.Fatal(err)
			}
			return s.LastSeenAt.UTC()
		}
		h.pass(9 * time.Minute)
		if got := seen(); !got.Equal(noon) {
			t.Errorf("after 9 minutes the row was written: %s", got)
		}
		h.pass(2 * time.Minute)
		if got := seen(); !got.Equal(noon.Add(11 * time.Minute)) {
			t.Errorf("after 11 minutes it is last seen %s", got)
		}
		for range 3 {
			h.pass(30*24*time.Hour - time.Second)
			seen()
		}
		h.pass(30 * 24 * time.Hour)
		_, err := h.Authenticate(ctx, token)
		wantFault(t, err, fault.Unauthorized, "session.ended")
	})
}

func TestSeeingASessionClaimsNoCommand(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		a, token := h.signIn(t, "anna@example.org")
		h.pass(time.Hour)
		c := &db.Command{Account: string(a.ID), Key: id.New(), Request: "x"}
		if _, err := h.Authenticate(db.WithCommand(ctx, c), token); err != nil || c.Claimed() {
			t.Errorf("claimed: %v, %v", c.Claimed(), err)
		}
	})
}

func TestEndingASessionTakesEffectAtOnceAndIsTold(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		a, here := h.signIn(t, "anna@example.org")
		h.pass(time.Minute)
		_, there := h.signIn(t, "anna@example.org")
		b, other := h.signIn(t, "bob@example.org")
		list, err := h.Sessions(ctx, a.ID)
		if err != nil || len(list) != 2 {
			t.Fatalf("%+v, %v", list, err)
		}
		s, err := h.Authenticate(ctx, there)
		if err != nil || list[0].ID != s.ID {
			t.Fatalf("the one seen last is not first: %+v, %v", list, err)
		}
		wantFault(t, h.End(ctx, b.ID, s.ID), fault.NotFound, "session.unknown")
		if err := h.End(ctx, a.ID, s.ID); err != nil {
			t.Fatal(err)
		}
		_, err = h.Authenticate(ctx, there)
		wantFault(t, err, fault.Unauthorized, "session.ended")
		wantFault(t, h.End(ctx, a.ID, s.ID), fault.NotFound, "session.unknown")
		for _, token := range []string{here, other} {
			if _, err := h.Authenticate(ctx, token); err != nil {
				t.Errorf("another session ended too: %v", err)
			}
		}

		var told []account.SignedOut
		deliver(t, h, func(r outbox.Record) {
			var f account.SignedOut
			if err := json.Unmarshal(r.Data, &f); err != nil || r.Kind != f.Kind() || r.Scope != "account:"+string(a.ID) || r.Seq != 0 {
				t.Errorf("%+v, %v", r, err)
			}
			told = append(told, f)
		})
		if len(told) != 1 || told[0] != (account.SignedOut{Account: a.ID, Session: s.ID}) || h.woken != 1 {
			t.Errorf("told %+v, woken %d times", told, h.woken)
		}

		if err := h.EndAll(ctx, a.ID); err != nil {
			t.Fatal(err)
		}
		_, err = h.Authenticate(ctx, here)
		wantFault(t, err, fault.Unauthorized, "session.ended")
		if _, err := h.Authenticate(ctx, other); err != nil {
			t.Errorf("somebody else's session ended: %v", err)
		}
	})
}

// deliver hands over the facts of the outbox.
func deliver(t *testing.T, h *fixture, listen func(outbox.Record)) {
	t.Helper()
	rows, err := db.Select(ctx, h.db, func(row interface{ Scan(...any) error }) (r outbox.Record, err error) {
		var data string
		err = row.Scan(&r.Kind, &r.Scope, &r.Seq, &data)
		r.Data = json.RawMessage(data)
		return r, err
	}, `SELECT kind, scope, seq, data FROM outbox ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		listen(r)
	}
}

func TestASessionEndedByManyIsToldOnce(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		a, token := h.signIn(t, "anna@example.org")
		s, err := h.Authenticate(ctx, token)
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if err := h.End(ctx, a.ID, s.ID); err != nil && !fault.Is(err, "session.unknown") {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := h.count(t, `SELECT COUNT(*) FROM outbox`); n != 1 {
			t.Errorf("told %d times", n)
		}
	})
}

func TestSweepingDropsWhatHasRunOutAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		h.signIn(t, "old@example.org")
		h.ask(t, "code@example.org")
		if _, err := h.StartPasskeySignIn(ctx, apart); err != nil {
			t.Fatal(err)
		}
		h.pass(11 * time.Minute)
		if err := h.Sweep(ctx, h.now()); err != nil {
			t.Fatal(err)
		}
		if n := h.count(t, `SELECT COUNT(*) FROM ceremonies`); n != 0 {
			t.Errorf("%d ceremonies", n)
		}
		if n := h.count(t, `SELECT COUNT(*) FROM sign_in_codes`); n != 2 {
			t.Errorf("%d codes: within the hour the count of asks is needed", n)
		}
		h.pass(30 * 24 * time.Hour)
		_, young := h.signIn(t, "young@example.org")
		if err := h.Sweep(ctx, h.now()); err != nil {
			t.Fatal(err)
		}
		if n := h.count(t, `SELECT COUNT(*) FROM sign_in_codes`); n != 1 { // young's
			t.Errorf("%d codes", n)
		}
		if n := h.count(t, `SELECT COUNT(*) FROM sessions`); n != 1 {
			t.Errorf("%d sessions", n)
		}
		if n := h.count(t, `SELECT COUNT(*) FROM outbox`); n != 1 || h.woken != 1 {
			t.Errorf("%d ends told, woken %d", n, h.woken)
		}
		if _, err := h.Authenticate(ctx, young); err != nil {
			t.Error(err)
		}
	})
}

func TestDevicesHaveShortNames(t *testing.T) {
	for ua, want := range map[string]string{
		"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36":                          "Chrome on Android",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1":        "Safari on iPhone",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/126.0 Mobile/15E148 Safari/604.1":         "Chrome on iPhone",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:127.0) Gecko/20100101 Firefox/127.0":                                                           "Firefox on Mac",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0":                  "Edge on Windows",
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/126.0.0.0 Safari/537.36":                                  "Chrome on Linux",
		"Mozilla/5.0 (Linux; U; Android 13; zh-cn; 2211133C) AppleWebKit/537.36 Version/4.0 Chrome/109.0 Mobile Safari/537.36 XiaoMi/MiuiBrowser/17.8.2": "Mi Browser on Android",
		"heyy-bench/1.0":       "heyy-bench",
		"curl/8.5 (Linux)":     "curl on Linux",
		"Mozilla/5.0":          "Unknown device",
		"":                     "Unknown device",
		"\u202e\x00":           "Unknown device",
		"Mozilla/5.0 (iPad)":   "iPad",
		"\u202eevil/1 Firefox": "Unknown device",
	} {
		if got := account.Device(ua); got != want {
			t.Errorf("%q is %q, want %q", ua, got, want)
		}
	}
}

func TestADeviceNameThatCannotBeShownIsReplaced(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		a, _ := h.signIn(t, "anna@example.org")
		token, err := h.IssueToken(ctx, a.ID, "\u202e"+strings.Repeat("x", 1000))
		if err != nil {
			t.Fatal(err)
		}
		if s, err := h.Authenticate(ctx, token); err != nil || s.Device != "Unknown device" {
			t.Errorf("%q, %v", s.Device, err)
		}
	})
}

func TestSigningInEndsTheSessionThatItReplaces(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		anna, first := h.member(t, "anna@example.org")
		_, phone := h.signIn(t, "anna@example.org")
		was, err := h.Authenticate(ctx, first)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.SetJoin(ctx, was.ID, "an admission"); err != nil {
			t.Fatal(err)
		}
		h.ask(t, "bob@example.org")
		_, _, err = h.SignIn(ctx, account.CodeProof{Email: "bob@example.org", Code: wrong(t, h), Former: was.ID})
		wantFault(t, err, fault.Unauthorized, "sign_in.code_wrong")
		if _, err := h.Authenticate(ctx, first); err != nil {
			t.Fatalf("a wrong code ended it: %v", err)
		}
		woken := h.woken
		bob, second, err := h.SignIn(ctx, account.CodeProof{Email: "bob@example.org", Code: h.lastCode(t), Former: was.ID})
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.Authenticate(ctx, first)
		wantFault(t, err, fault.Unauthorized, "session.ended")
		wantFault(t, h.SetJoin(ctx, was.ID, "another"), fault.Unauthorized, "session.ended")
		for token, who := range map[string]account.ID{second: bob.ID, phone: anna.ID} {
			if s, err := h.Authenticate(ctx, token); err != nil || s.Account != who {
				t.Errorf("%+v, %v", s, err)
			}
		}
		var told string
		if err := h.db.QueryRowContext(ctx, `SELECT data FROM outbox WHERE kind = 'account.signed_out'`).Scan(&told); err != nil {
			t.Fatal(err)
		}
		var f account.SignedOut
		decode(t, []byte(told), &f)
		if f != (account.SignedOut{Account: anna.ID, Session: was.ID, JoinID: "an admission"}) || h.woken == woken {
			t.Errorf("told %+v, woken %d times", f, h.woken-woken)
		}

		// A passkey does the same.
		device := newAuthenticator(t)
		h.add(t, anna.ID, device, "phone")
		was, err = h.Authenticate(ctx, second)
		if err != nil {
			t.Fatal(err)
		}
		c := h.start(t)
		if _, _, err = h.PasskeySignIn(ctx, account.PasskeyProof{Ceremony: c.ID, Credential: device.get(t, c.Options), Former: was.ID}); err != nil {
			t.Fatal(err)
		}
		_, err = h.Authenticate(ctx, second)
		wantFault(t, err, fault.Unauthorized, "session.ended")
	})
}
