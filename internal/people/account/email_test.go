package account_test

import (
	"net/mail"
	"strings"
	"testing"

	"heyy/internal/people/account"
)

func TestAddressesHaveOneForm(t *testing.T) {
	for in, want := range map[string]string{
		"anna@example.org":            "anna@example.org",
		"  Anna.Rossi@Example.ORG\t":  "anna.rossi@example.org",
		"anna+heyy@sub.example.org":   "anna+heyy@sub.example.org",
		"o'brien@example.ie":          "o'brien@example.ie",
		"anna@München.example":        "anna@xn--mnchen-3ya.example",
		"anna@例子.公司":                  "anna@xn--fsqu00a.xn--55qx5d",
		"a_b-c!#$%&*/=?^`{|}~@x.test": "a_b-c!#$%&*/=?^`{|}~@x.test",
	} {
		if got, err := account.Email("body.email", in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

func TestWhatIsNoAddressIsRefused(t *testing.T) {
	for _, in := range []string{
		"", " ", "anna", "@example.org", "anna@", "anna@example", "anna@.org", "anna@example..org", "anna@example.org.",
		".anna@example.org", "anna.@example.org", "an..na@example.org", "anna@example.org\r\nBcc: b@example.org", "anna\n@example.org",
		"anna@exam ple.org", "an na@example.org", `"an na"@example.org`, "Anna <anna@example.org>", "<anna@example.org>",
		"anna@example.org, b@example.org", "anna(c)@example.org", "anna@[127.0.0.1]", "anna@127.0.0.1", "anna@-example.org",
		"anna@exa_mple.org", "анна@example.org", "anna\x00@example.org", "anna@example.org\x00", "anna\u200b@example.org",
		"anna@example.org\u202e", "a@b@example.org", "anna@\xff.org", "anna@example.1",
		strings.Repeat("a", 65) + "@example.org", "a@" + strings.Repeat("a", 64) + ".org", "a@" + strings.Repeat("a.", 130) + "org",
	} {
		if got, err := account.Email("body.email", in); err == nil {
			t.Errorf("%q was taken as %q", in, got)
		}
	}
}

func FuzzEmail(f *testing.F) {
	for _, s := range []string{"anna@example.org", " A@B.c ", "anna@例子.公司", "a@b@c.d", "a\r\n@b.c", `"a"@b.c`, "a@xn--.c", "a@ⓔxample.org", "a@ß.de"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got, err := account.Email("body.email", in)
		if err != nil {
			return
		}
		if len(got) > 254 || strings.ToLower(got) != got || strings.Count(got, "@") != 1 {
			t.Errorf("%q became %q", in, got)
		}
		for _, c := range []byte(got) {
			if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),:;<>[\]`, c) >= 0 {
				t.Errorf("%q became %q with %q in it", in, got, c)
			}
		}
		if a, err := mail.ParseAddress(got); err != nil || a.Address != got {
			t.Errorf("%q became %q, which a mail server may read otherwise: %v", in, got, err)
		}
		if again, err := account.Email("body.email", got); err != nil || again != got {
			t.Errorf("%q became %q became %q, %v", in, got, again, err)
		}
	})
}
