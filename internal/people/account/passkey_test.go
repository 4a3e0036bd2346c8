package account_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

// add gives by a passkey on a new device.
func (h *fixture) add(t testing.TB, by account.ID, device *authenticator, name string) account.Passkey {
	t.Helper()
	c, err := h.StartPasskey(ctx, by)
	if err != nil {
		t.Fatal(err)
	}
	p, err := h.AddPasskey(ctx, by, account.NewPasskey{Ceremony: c.ID, Name: name, Credential: device.create(t, c.Options)})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (h *fixture) start(t testing.TB) account.Ceremony {
	t.Helper()
	c, err := h.StartPasskeySignIn(ctx, home)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (h *fixture) finish(ceremony string, answer json.RawMessage) (account.Account, string, error) {
	return h.PasskeySignIn(ctx, account.PasskeyProof{Ceremony: ceremony, Credential: answer, Device: "Chrome on Android", From: home})
}

func TestAPasskeySignsItsOwnerIn(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		anna, _ := h.member(t, "anna@example.org")
		h.member(t, "bob@example.org")
		device := newAuthenticator(t)
		p := h.add(t, anna.ID, device, " My  phone ")
		if p.Name != "My phone" {
			t.Errorf("it is called %q", p.Name)
		}
		if list, err := h.Passkeys(ctx, anna.ID); err != nil || len(list) != 1 || list[0].ID != p.ID || !list[0].LastUsedAt.IsZero() || !list[0].CreatedAt.Equal(noon) {
			t.Errorf("before its first use: %+v, %v", list, err)
		}
		h.pass(time.Hour)
		c := h.start(t)
		a, token, err := h.finish(c.ID, device.get(t, c.Options))
		if err != nil || a.ID != anna.ID {
			t.Fatalf("%+v, %v", a, err)
		}
		if s, err := h.Authenticate(ctx, token); err != nil || s.Account != anna.ID || s.Device != "Chrome on Android" {
			t.Errorf("%+v, %v", s, err)
		}
		if list, err := h.Passkeys(ctx, anna.ID); err != nil || !list[0].LastUsedAt.Equal(noon.Add(time.Hour)) {
			t.Errorf("after its first use: %+v, %v", list, err)
		}
	})
}

func TestTheBrowserIsToldWhatWeWant(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	anna, _ := h.member(t, "anna@example.org")
	device := newAuthenticator(t)
	h.add(t, anna.ID, device, "phone")
	c, err := h.StartPasskey(ctx, anna.ID)
	if err != nil {
		t.Fatal(err)
	}
	var o struct {
		RP                     struct{ ID, Name string }
		User                   struct{ ID, Name, DisplayName string }
		Timeout                int
		ExcludeCredentials     []struct{ ID string }
		AuthenticatorSelection struct{ ResidentKey, UserVerification string }
		Attestation            string
	}
	decode(t, c.Options, &o)
	if o.RP.ID != "localhost" || o.User.Name != "anna@example.org" || o.Timeout != 300_000 ||
		o.AuthenticatorSelection.ResidentKey != "required" || o.AuthenticatorSelection.UserVerification != "required" ||
		len(o.ExcludeCredentials) != 1 || o.ExcludeCredentials[0].ID != b64.EncodeToString(device.id) {
		t.Errorf("creation: %s", c.Options)
	}
	c = h.start(t)
	var get struct {
		RpID, UserVerification string
		AllowCredentials       []any
	}
	decode(t, c.Options, &get)
	if get.RpID != "localhost" || get.UserVerification != "required" || len(get.AllowCredentials) != 0 {
		t.Errorf("request: %s", c.Options)
	}
}

func TestWhatIsNotTheRightAnswerOpensNothing(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		anna, _ := h.member(t, "anna@example.org")
		bob, _ := h.member(t, "bob@example.org")
		device, other := newAuthenticator(t), newAuthenticator(t)
		h.add(t, anna.ID, device, "phone")
		h.add(t, bob.ID, other, "phone")
		before := h.count(t, `SELECT COUNT(*) FROM sessions`)
		try := func(name string, ceremony string, answer json.RawMessage) {
			t.Helper()
			_, token, err := h.finish(ceremony, answer)
			if !fault.Is(err, "passkey.failed") || fault.KindOf(err) != fault.Unauthorized || token != "" {
				t.Errorf("%s: %v", name, err)
			}
		}

		c := h.start(t)
		answer := device.get(t, c.Options)
		if _, _, err := h.finish(c.ID, answer); err != nil {
			t.Fatal(err)
		}
		before++
		try("replayed", c.ID, answer)
		try("replayed in another ceremony", h.start(t).ID, answer)
		try("no ceremony", "nothing", answer)

		c = h.start(t)
		h.pass(5 * time.Minute)
		try("after five minutes", c.ID, device.get(t, c.Options))

		c = h.start(t)
		try("a key nobody added", c.ID, newAuthenticatorFor(t, device).get(t, c.Options))

		forged := *newAuthenticator(t)
		forged.id, forged.handle = device.id, device.handle
		c = h.start(t)
		try("another key under the same name", c.ID, forged.get(t, c.Options))
		try("a ceremony whose answer was wrong", c.ID, device.get(t, c.Options))

		swapped := *other
		swapped.handle = device.handle
		c = h.start(t)
		try("one person's key with another's handle", c.ID, swapped.get(t, c.Options))

		phished := *device
		phished.origin = "https://heyy.evil.example"
		c = h.start(t)
		try("from another origin", c.ID, phished.get(t, c.Options))
		phished = *device
		phished.rp = "evil.example"
		c = h.start(t)
		try("for another party", c.ID, phished.get(t, c.Options))

		unverified := *device
		unverified.lacks = userVerified
		c = h.start(t)
		try("without a PIN or a fingerprint", c.ID, unverified.get(t, c.Options))

		adding, err := h.StartPasskey(ctx, anna.ID)
		if err != nil {
			t.Fatal(err)
		}
		try("a ceremony for adding", adding.ID, device.get(t, adding.Options))

		for _, junk := range []string{``, `null`, `{}`, `[]`, `{"id":"a"}`, strings.Repeat("[", 100)} {
			_, _, err := h.finish(h.start(t).ID, json.RawMessage(junk))
			wantFault(t, err, fault.Invalid, "passkey.malformed")
		}
		if n := h.count(t, `SELECT COUNT(*) FROM sessions`); n != before {
			t.Errorf("%d sessions, before it were %d", n, before)
		}
	})
}

// newAuthenticatorFor is a device nobody knows, held by the owner of like.
func newAuthenticatorFor(t testing.TB, like *authenticator) *authenticator {
	a := newAuthenticator(t)
	a.handle = like.handle
	return a
}

func TestAPasskeyIsAddedOnlyByWhoAskedAndOnce(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		anna, _ := h.member(t, "anna@example.org")
		bob, _ := h.member(t, "bob@example.org")
		device := newAuthenticator(t)
		c, err := h.StartPasskey(ctx, anna.ID)
		if err != nil {
			t.Fatal(err)
		}
		answer := device.create(t, c.Options)
		_, err = h.AddPasskey(ctx, bob.ID, account.NewPasskey{Ceremony: c.ID, Name: "phone", Credential: answer})
		wantFault(t, err, fault.Invalid, "passkey.failed")
		_, err = h.AddPasskey(ctx, anna.ID, account.NewPasskey{Ceremony: c.ID, Name: "\u202e", Credential: answer})
		wantFault(t, err, fault.Invalid, "text.hidden")
		if _, err = h.AddPasskey(ctx, anna.ID, account.NewPasskey{Ceremony: c.ID, Name: "phone", Credential: answer}); err != nil {
			t.Fatal(err)
		}
		_, err = h.AddPasskey(ctx, anna.ID, account.NewPasskey{Ceremony: c.ID, Name: "phone", Credential: answer})
		wantFault(t, err, fault.Invalid, "passkey.failed")

		c, err = h.StartPasskey(ctx, bob.ID)
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.AddPasskey(ctx, bob.ID, account.NewPasskey{Ceremony: c.ID, Name: "phone", Credential: device.create(t, c.Options)})
		wantFault(t, err, fault.Conflict, "passkey.known")

		sign := h.start(t)
		_, err = h.AddPasskey(ctx, bob.ID, account.NewPasskey{Ceremony: sign.ID, Name: "phone", Credential: answer})
		wantFault(t, err, fault.Invalid, "passkey.failed")
	})
}

func TestACopiedPasskeyStopsAllItsCopies(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		anna, _ := h.member(t, "anna@example.org")
		device := newAuthenticator(t)
		device.count = 1
		h.add(t, anna.ID, device, "phone")
		c := h.start(t)
		if _, _, err := h.finish(c.ID, device.get(t, c.Options)); err != nil {
			t.Fatal(err)
		}
		copied := *device
		c = h.start(t)
		if _, _, err := h.finish(c.ID, device.get(t, c.Options)); err != nil {
			t.Fatal(err)
		}
		c = h.start(t)
		_, token, err := h.finish(c.ID, copied.get(t, c.Options))
		wantFault(t, err, fault.Unauthorized, "passkey.cloned")
		if token != "" {
			t.Error("the copy has a session")
		}
		c = h.start(t)
		_, _, err = h.finish(c.ID, device.get(t, c.Options))
		wantFault(t, err, fault.Unauthorized, "passkey.cloned")
	})
}

func TestAPasskeyMayMoveToAnotherManager(t *testing.T) {
	const bound = backupEligible | backedUp // flags that a passkey bound to its device lacks
	for name, c := range map[string]struct {
		before, after           byte
		countBefore, countAfter uint32
	}{
		"into the cloud":              {before: bound, after: 0},
		"eligible, not yet backed up": {before: bound, after: backedUp},
		"out of the cloud":            {before: 0, after: bound},
		"from one that counts":        {before: bound, after: 0, countBefore: 5, countAfter: 0},
		"to one that counts":          {before: 0, after: bound, countBefore: 0, countAfter: 5},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *fixture) {
				anna, _ := h.member(t, "anna@example.org")
				device := newAuthenticator(t)
				device.lacks, device.count = c.before, c.countBefore
				h.add(t, anna.ID, device, "phone")
				for n := range 2 {
					o := h.start(t)
					if _, _, err := h.finish(o.ID, device.get(t, o.Options)); err != nil {
						t.Fatalf("before, %d: %v", n, err)
					}
				}
				device.lacks, device.count = c.after, c.countAfter
				for n := range 2 {
					o := h.start(t)
					if a, _, err := h.finish(o.ID, device.get(t, o.Options)); err != nil || a.ID != anna.ID {
						t.Fatalf("after, %d: %v", n, err)
					}
				}
			})
		})
	}
}

func TestAForgedAnswerMovesNothing(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	anna, _ := h.member(t, "anna@example.org")
	device := newAuthenticator(t)
	device.lacks, device.count = backupEligible|backedUp, 5
	h.add(t, anna.ID, device, "phone")
	kept := func() (s string) {
		if err := h.db.QueryRowContext(ctx, `SELECT credential FROM passkeys`).Scan(&s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	before := kept()
	forged := *newAuthenticator(t)
	forged.id, forged.handle = device.id, device.handle
	c := h.start(t)
	_, _, err := h.finish(c.ID, forged.get(t, c.Options))
	wantFault(t, err, fault.Unauthorized, "passkey.failed")
	if kept() != before {
		t.Errorf("kept: %s", kept())
	}
}

func TestAPasskeyIsMadeWithItsUserVerified(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	anna, _ := h.member(t, "anna@example.org")
	device := newAuthenticator(t)
	device.lacks = userVerified
	c, err := h.StartPasskey(ctx, anna.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.AddPasskey(ctx, anna.ID, account.NewPasskey{Ceremony: c.ID, Name: "phone", Credential: device.create(t, c.Options)})
	wantFault(t, err, fault.Invalid, "passkey.failed")
}

func TestOneAnswerSentManyTimesOpensOneSession(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		anna, _ := h.member(t, "anna@example.org")
		device := newAuthenticator(t)
		h.add(t, anna.ID, device, "phone")
		before := h.count(t, `SELECT COUNT(*) FROM sessions`)
		c := h.start(t)
		answer := device.get(t, c.Options)
		var in atomic.Int64
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				_, _, err := h.finish(c.ID, answer)
				if err == nil {
					in.Add(1)
				} else if !fault.Is(err, "passkey.failed") {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := h.count(t, `SELECT COUNT(*) FROM sessions`) - before; in.Load() != 1 || n != 1 {
			t.Errorf("%d came in, %d sessions", in.Load(), n)
		}
	})
}

func TestARemovedPasskeyIsWorthNothing(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		anna, _ := h.member(t, "anna@example.org")
		bob, _ := h.member(t, "bob@example.org")
		device := newAuthenticator(t)
		p := h.add(t, anna.ID, device, "phone")
		wantFault(t, h.RemovePasskey(ctx, bob.ID, p.ID), fault.NotFound, "passkey.unknown")
		if err := h.RemovePasskey(ctx, anna.ID, p.ID); err != nil {
			t.Fatal(err)
		}
		wantFault(t, h.RemovePasskey(ctx, anna.ID, p.ID), fault.NotFound, "passkey.unknown")
		c := h.start(t)
		_, _, err := h.finish(c.ID, device.get(t, c.Options))
		wantFault(t, err, fault.Unauthorized, "passkey.failed")
	})
}

func TestAnAccountHoldsTwentyPasskeys(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	anna, _ := h.member(t, "anna@example.org")
	spare, err := h.StartPasskey(ctx, anna.ID)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 20 {
		h.add(t, anna.ID, newAuthenticator(t), fmt.Sprintf("device %d", n))
	}
	_, err = h.StartPasskey(ctx, anna.ID)
	wantFault(t, err, fault.Conflict, "passkey.too_many")
	_, err = h.AddPasskey(ctx, anna.ID, account.NewPasskey{Ceremony: spare.ID, Name: "one more", Credential: newAuthenticator(t).create(t, spare.Options)})
	wantFault(t, err, fault.Conflict, "passkey.too_many")
}

func TestSomebodyRefusedHasNoPasskeyEither(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		kid, _ := h.signIn(t, "kid@example.org")
		device := newAuthenticator(t)
		h.add(t, kid.ID, device, "phone")
		_, err := h.CompleteSignUp(ctx, kid.ID, account.SignUp{BirthDate: "2015-01-01", Name: "Kid", Language: "en"})
		wantFault(t, err, fault.Forbidden, "account.too_young")
		c := h.start(t)
		_, token, err := h.finish(c.ID, device.get(t, c.Options))
		wantFault(t, err, fault.Forbidden, "account.too_young")
		if token != "" {
			t.Error("somebody refused has a session")
		}
	})
}
