package card_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"heyy/internal/talk/card"
)

func TestAVCardIsEscapedAsRFC6350Says(t *testing.T) {
	got := string(card.AppendVCard(nil, card.Contact{
		Name: `Ada; "Countess", \o/`, Role: "Analyst, engines", Company: "A;B, C\\D", Links: []string{"https://example.org/a,b;c?d=1"}, Note: "One\r\ntwo\nthree",
	}))
	want := strings.Join([]string{
		"BEGIN:VCARD", "VERSION:4.0", "KIND:individual", `FN:Ada\; "Countess"\, \\o/`, `N:;Ada\; "Countess"\, \\o/;;;`,
		`TITLE:Analyst\, engines`, `ORG:A\;B\, C\\D`, "URL:https://example.org/a,b;c?d=1", `NOTE:One\ntwo\nthree`, "END:VCARD", "",
	}, "\r\n")
	if got != want {
		t.Errorf("%q\nwant %q", got, want)
	}
}

func TestAVCardHasNoPropertyThatItsOwnerWrote(t *testing.T) {
	got := string(card.AppendVCard(nil, card.Contact{
		Name: "Eve\r\nEND:VCARD\r\nBEGIN:VCARD", Role: "x\rTEL:1", Links: []string{"https://a.example/\r\nTEL:1"}, Note: "y\x00\x1b\u0085",
	}))
	for line := range strings.SplitSeq(strings.TrimSuffix(got, "\r\n"), "\r\n") {
		if name, _, _ := strings.Cut(line, ":"); !strings.Contains(" BEGIN VERSION KIND FN N TITLE URL NOTE END ", " "+name+" ") {
			t.Errorf("the line %q", line)
		}
	}
	if strings.Count(got, "\r") != strings.Count(got, "\r\n") || strings.Count(got, "\n") != strings.Count(got, "\r\n") || strings.ContainsAny(got, "\x00\x1b\u0085") {
		t.Errorf("%q", got)
	}
}

func TestLinesOfAVCardAreFoldedBetweenCharacters(t *testing.T) {
	for _, unit := range []string{"x", "é", "好", "🎤"} {
		for n := range 120 {
			name := strings.Repeat("a", n%4) + strings.Repeat(unit, n)
			got := string(card.AppendVCard(nil, card.Contact{Name: name}))
			for line := range strings.SplitSeq(got, "\r\n") {
				if len(line) > 75 || !utf8.ValidString(line) {
					t.Fatalf("a line of %d bytes: %q", len(line), line)
				}
			}
			if whole := strings.ReplaceAll(got, "\r\n ", ""); !strings.Contains(whole, "\r\nFN:"+name+"\r\n") {
				t.Fatalf("unfolded: %q", whole)
			}
		}
	}
}
