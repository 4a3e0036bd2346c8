package mail

import (
	"context"
	"strconv"
	"strings"
	"time"
	"unicode"

	"heyy/internal/base/language"
)

// Mail is a plain-text message to one recipient.
type Mail struct {
	To      string
	Subject string
	Text    string

	// Unsubscribe is a URL that takes a POST of one click (RFC 8058) and opens a page; "": the
	// recipient cannot unsubscribe from it.
	Unsubscribe string
}

// Transport delivers a mail or returns an error. An error with a method Permanent() bool
// that returns true is not retried.
type Transport interface {
	Deliver(ctx context.Context, m Mail) error
}

// SignIn returns the mail with a sign-in code, in the language tag or in English. The
// subject contains the code, so that the lock screen shows it.
func SignIn(to, tag, code string, minutes int) Mail {
	t := language.In(tag).SignIn
	fill := strings.NewReplacer("{code}", code, "{minutes}", strconv.Itoa(minutes))
	return Mail{To: to, Subject: fill.Replace(t.Subject), Text: fill.Replace(t.Text())}
}

// Device is a sign-in in a browser that had not signed in before.
type Device struct {
	Name string    // chosen by the browser; "": unknown
	At   time.Time // in the time zone of its person
	URL  string    // of the page that lists devices
}

// NewDevice returns the mail about a sign-in from a new device, in the language tag.
func NewDevice(to, tag string, d Device) Mail {
	t := language.In(tag).NewDevice
	name := unlinked(d.Name)
	if name == "" {
		name = t.Unknown
	}
	fill := strings.NewReplacer("{device}", name, "{time}", d.At.Format(t.Time), "{zone}", d.At.Location().String(), "{url}", d.URL)
	return Mail{To: to, Subject: t.Subject, Text: fill.Replace(t.Text())}
}

// Waiting is one line of a digest: how many of a kind wait, and who they are about.
type Waiting struct {
	Kind  string // a key of language.Digest.Waiting
	N     int
	Names []string // nil: nobody is named
}

const (
	maxCounted = 99 // in a line; more is "99+"
	maxNamed   = 3
)

// Digest returns the mail about what waits, in the language tag. url opens Heyy, unsubscribe
// switches these mails off. Its subject says nothing of what it is.
func Digest(to, tag string, all []Waiting, url, unsubscribe string) Mail {
	t := language.In(tag).Digest
	var lines []string
	for _, w := range all {
		lines = append(lines, "- "+line(t, w))
	}
	fill := strings.NewReplacer("{waiting}", strings.Join(lines, "\n"), "{url}", url, "{unsubscribe}", unsubscribe)
	return Mail{To: to, Subject: t.Subject, Text: fill.Replace(t.Text()), Unsubscribe: unsubscribe}
}

func line(t language.Digest, w Waiting) string {
	text := t.Waiting[w.Kind].Many
	if one := t.Waiting[w.Kind].One; w.N == 1 && one != "" {
		text = one
	}
	n := strconv.Itoa(w.N)
	if w.N > maxCounted {
		n = strconv.Itoa(maxCounted) + "+"
	}
	text = strings.ReplaceAll(text, "{n}", n)
	if len(w.Names) == 0 {
		return text
	}
	named := make([]string, 0, maxNamed)
	for _, name := range w.Names[:min(maxNamed, len(w.Names))] {
		named = append(named, unlinked(name))
	}
	names := strings.Join(named, t.Comma)
	if len(w.Names) > maxNamed {
		names += " …"
	}
	return text + t.Colon + names
}

// unlinked returns what strangers chose, such as a name, without what mail programs make a
// link of: "visit evil.example" in a mail of ours would look like ours. Line feeds go, too.
func unlinked(s string) string {
	r := []rune(s)
	for i, c := range r {
		joins := strings.ContainsRune(".:/@\\", c) && i+1 < len(r) && !unicode.IsSpace(r[i+1])
		if joins || unicode.IsControl(c) {
			r[i] = ' '
		}
	}
	return strings.TrimSpace(string(r))
}
