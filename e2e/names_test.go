package e2e

import (
	"strings"
	"testing"
)

// names is what people call themselves and their rooms. kept "" means refused.
var names = []struct {
	what, said, kept, code string
}{
	{"plain", "Zoë", "Zoë", ""},
	{"letters and marks apart are one letter", "Zoe\u0308", "Zoë", ""},
	{"as Vietnamese needs", "Nguye\u0302\u0303n", "Nguy\u1ec5n", ""},
	{"Chinese", "小雨", "小雨", ""},
	{"Arabic", "ليلى", "ليلى", ""},
	{"Hindi with a joiner", "क्\u200dष", "क्\u200dष", ""},
	{"a family in one sign", "👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧", ""},
	{"space around and between", "  Ada \t Lovelace\u00a0 ", "Ada Lovelace", ""},
	{"two marks on a letter", "q\u0323\u0307", "q\u0323\u0307", ""},

	{"nothing", "", "", "text.empty"},
	{"only spaces", " \u00a0\u2003 ", "", "text.empty"},
	{"only joiners", "\u200d\u200c\u200d", "", "text.hidden"},
	{"only a mark", "\u0301", "", "text.empty"},
	{"letters turned around", "Ada\u202eecilA", "", "text.hidden"},
	{"letters held apart", "\u2066Ada\u2069", "", "text.hidden"},
	{"a direction mark", "Ada\u200f", "Ada", ""},
	{"a space nobody sees", "Ada\u200bBen", "AdaBen", ""},
	{"a byte order mark", "\ufeffAda", "Ada", ""},
	{"somebody of the staff", "Ѕtаff", "", "reserved"},
	{"a Hangul letter without a shape", "Ada\u3164", "", "text.hidden"},
	{"a control", "Ada\u0000", "", "text.hidden"},
	{"a bell", "Ada\u0007", "", "text.hidden"},
	{"of private use", "Ada\ue000", "", "text.hidden"},
	{"a tag", "Ada\U000e0041", "", "text.hidden"},
	{"marks to the ceiling", "A" + strings.Repeat("\u0301\u0310", 10) + "da", "", "text.marks"},
	{"marks behind joiners", "A" + strings.Repeat("\u0301\u200d", 10) + "da", "", "text.hidden"},
	{"too long", strings.Repeat("a", 81), "", "text.too_long"},
}

func TestNamesAndTitlesAreKeptCleanOrRefused(t *testing.T) {
	t.Parallel()
	s := start(t)
	beginner := s.newcomer(t, "Beginner")
	member := s.member(t, "Member")
	begin := func(name string) reply {
		return beginner.try("POST", "/api/me/sign-up", map[string]string{"birth_date": "1990-01-01", "name": name, "language": "en"})
	}
	for _, n := range names {
		t.Run(n.what, func(t *testing.T) {
			edit := member.try("PATCH", "/api/me", map[string]string{"name": n.said})
			title := s.member(t, "Opener").try("POST", "/api/rooms", plan(n.said)) // one person opens only so many
			if n.code == "" {
				for what, r := range map[string]reply{"name": edit, "title": title} {
					if got := r.word(t, what); got != n.kept {
						t.Errorf("%s %+q is kept as %+q, not %+q", what, n.said, got, n.kept)
					}
				}
				return
			}
			if n.code == "reserved" {
				refused(t, "a name", edit, want{422, "name.reserved", "body.name"})
				refused(t, "a title", title, want{422, "text.reserved", "body.title"})
				return
			}
			refused(t, "a name", edit, want{422, n.code, "body.name"})
			refused(t, "at the beginning", begin(n.said), want{422, n.code, "body.name"})
			if n.said == "" { // the contract alone refuses this
				refused(t, "a title", title, want{422, "request.invalid", "body.title"})
				return
			}
			refused(t, "a title", title, want{422, n.code, "body.title"})
		})
	}
	// Nothing of all that was a beginning; the account is as open as before.
	if got := begin("Zoe\u0308").word(t, "name"); got != "Zoë" {
		t.Errorf("the beginner is called %+q", got)
	}
}
