package account

import (
	"net/mail"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"heyy/internal/base/fault"
)

var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.VerifyDNSLength(true))

// Email returns the canonical form of an address: lower case throughout, because
// practically no mail server distinguishes Anna@ from anna@ and two accounts for one person
// would be worse; the domain in ASCII (IDNA). It accepts what a person types, not all of
// RFC 5322: no display names, comments, quotes or address literals, so that nothing can be
// injected into a header. The limits are 254 bytes, 64 before the @.
func Email(field, s string) (string, error) {
	wrong := fault.At(field, "email.wrong", "This doesn't look like an email address. Check it and try again.")
	s = strings.TrimSpace(s)
	if len(s) > 254 || !utf8.ValidString(s) {
		return "", wrong
	}
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at > 64 {
		return "", wrong
	}
	local := strings.ToLower(s[:at])
	for _, c := range []byte(local) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),:;<>@[\]`, c) >= 0 {
			return "", wrong
		}
	}
	domain, err := domains.ToASCII(s[at+1:])
	if err != nil {
		return "", wrong
	}
	dot := strings.LastIndexByte(domain, '.')
	if dot < 1 || strings.Trim(domain[dot+1:], "0123456789") == "" { // no top-level domain, or an IPv4 address
		return "", wrong
	}
	s = local + "@" + domain
	if a, err := mail.ParseAddress(s); err != nil || a.Address != s || len(s) > 254 {
		return "", wrong
	}
	return s, nil
}

// Mailbox returns one form for all addresses of the same mailbox, as far as an address
// tells: without "+tag", which nearly all servers ignore, and at Gmail without dots. It is
// for limits only, never for identity or delivery. email must be a result of Email.
func Mailbox(email string) string {
	local, domain, _ := strings.Cut(email, "@")
	if tagged, _, ok := strings.Cut(local, "+"); ok && tagged != "" {
		local = tagged
	}
	if domain == "gmail.com" || domain == "googlemail.com" {
		domain = "gmail.com"
		if plain := strings.ReplaceAll(local, ".", ""); plain != "" {
			local = plain
		}
	}
	return local + "@" + domain
}
