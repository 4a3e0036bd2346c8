package account

import (
	"net/mail"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"heyy/internal/fault"
)

var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.VerifyDNSLength(true))

// Email is an address in the one form in which we keep and compare it: lower
// case throughout, because no mailbox of today tells Anna@ from anna@ and two
// accounts for one person would be worse; the domain in its ASCII form. It
// accepts what a person would type, not all that RFC 5322 allows: no names,
// comments, quotes or address literals, so that nothing in it can become a
// header. At most 254 bytes, 64 before the @.
func Email(field, s string) (string, error) {
	wrong := fault.At(field, "email.wrong", "This does not look like an email address.")
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
	if dot < 1 || strings.Trim(domain[dot+1:], "0123456789") == "" { // no top level, or an IPv4 address
		return "", wrong
	}
	s = local + "@" + domain
	if a, err := mail.ParseAddress(s); err != nil || a.Address != s || len(s) > 254 {
		return "", wrong
	}
	return s, nil
}
