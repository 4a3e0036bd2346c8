package text_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"heyy/internal/fault"
	"heyy/internal/text"
)

func TestWordsOfLivingScriptsStay(t *testing.T) {
	for _, s := range []string{
		"Anna", "Zoë", "O'Brien-Smith", "李小龙", "Алексей", "Γιώργος", "שָׁלוֹם", "محمد", "مُحَمَّد", "नेहा", "கார்த்திக்", "สมชาย", "ก็ดี", "Nguyễn Thị Ánh", "한글", "ゆき", "Bảo",
		"می‌خواهم", "क्‍ष", "Mia 🎤", "👩‍👩‍👧‍👦", "👍🏽", "🏳️‍🌈", "❤️", "1️⃣", "‼️", "葛\U000e0100城", "ന്\u200d", "№ 5", "X Æ A-12", "42",
	} {
		got, err := text.Line("body.name", s, 40)
		if err != nil || got != norm.NFC.String(s) {
			t.Errorf("%q: %q, %v", s, got, err)
		}
	}
}

func TestOneLineHasOneForm(t *testing.T) {
	for in, want := range map[string]string{
		"  Anna  ":              "Anna",
		"Anna\t\n Maria":        "Anna Maria",
		"Anna\u00a0\u3000Maria": "Anna Maria",
		"\u2028Anna\u2029":      "Anna",
		"Zoe\u0308":             "Zo\u00eb",
		"\u212bngstr\u00f6m":    "\u00c5ngstr\u00f6m",
		"\u1112\u1161\u11ab":    "\ud55c",
	} {
		if got, err := text.Line("body.name", in, 40); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

func TestWhatCannotBeShownIsRefused(t *testing.T) {
	for in, code := range map[string]string{
		"":                                 "text.empty",
		" \t\u3000\u2028":                  "text.empty",
		"\u200d":                           "text.hidden",
		"\u200c\u200c":                     "text.hidden",
		"\u0301":                           "text.empty",
		"\ufe0f":                           "text.hidden",
		"An\u202ena":                       "text.hidden", // right to left from here
		"An\u202dna":                       "text.hidden",
		"An\u2066na\u2069":                 "text.hidden",
		"\u200eAnna":                       "text.hidden",
		"Anna\u061c":                       "text.hidden",
		"An\u200bna":                       "text.hidden", // zero width
		"\ufeffAnna":                       "text.hidden",
		"An\u2060na":                       "text.hidden",
		"An\u00adna":                       "text.hidden",
		"Anna\x00":                         "text.hidden",
		"An\x1bna":                         "text.hidden",
		"An\u0085na\x7f":                   "text.hidden",
		"\u3164":                           "text.hidden", // letters without a shape
		"\uffa0":                           "text.hidden",
		"\u2800":                           "text.hidden",
		"\u115f\u1160":                     "text.hidden",
		"\U000e0041Anna":                   "text.hidden", // tags
		"\ue000":                           "text.hidden", // private use
		"Anna\ufffe":                       "text.hidden",
		"An\u034fna":                       "text.hidden", // joins graphemes, has no shape
		"An\u17b4na":                       "text.hidden",
		"An\u180ena":                       "text.hidden",
		"A" + strings.Repeat("\u0301", 4):  "text.marks", // zalgo; NFC takes the first in
		"Anna\u0300\u0301\u0302\u0303":     "text.marks",
		"e\u20dd\u20dd\u20dd":              "text.marks",
		"न\u200d\u0301\u200d\u0301\u0301":  "text.marks", // joiners do not start a new letter
		"न\u200c\u0301\u200c\u0301\u0301":  "text.marks",
		"An\u200dna":                       "text.hidden", // joins nothing
		"李\u200c小龙":                        "text.hidden",
		"می\u200c\u200cخواهم":              "text.hidden",
		"Anna\ufe0f":                       "text.hidden", // chooses nothing
		"❤\ufe0f\ufe0f":                    "text.hidden",
		"An\xffna":                         "text.encoding",
		"\xed\xa0\x80":                     "text.encoding",
		strings.Repeat("a", 41):            "text.too_long",
		strings.Repeat("李", 41):            "text.too_long",
		strings.Repeat("a", 1<<20):         "text.too_long",
		"a" + strings.Repeat("\u200d", 40): "text.hidden",
	} {
		got, err := text.Line("body.name", in, 40)
		f := fault.As(err)
		if f == nil {
			t.Errorf("%.40q was kept as %.40q", in, got)
			continue
		}
		if f.Code != code || f.Field != "body.name" || f.Kind != fault.Invalid {
			t.Errorf("%.40q: %v, want %s", in, err, code)
		}
	}
}

func TestExactlyTheLimitFits(t *testing.T) {
	for _, s := range []string{strings.Repeat("a", 40), strings.Repeat("李", 40), strings.Repeat("e\u0301", 40), strings.Repeat("🎤", 40)} {
		if _, err := text.Line("body.name", s, 40); err != nil {
			t.Errorf("%.20q: %v", s, err)
		}
	}
}

func FuzzLine(f *testing.F) {
	for _, s := range []string{
		"Anna", " a  b ", "e\u0301", "\u202eabc", "a\u200db", "👩‍👩‍👧", "\u0344", "\u1112\u1161\u11ab", "a\u0301\u0301\u0301", "\ufeff", "\xff",
		"\u0344\u0344", "\u0958", "\ufb2c", "\u1e9b\u0323", "\u0f73", "a\u200d\u0301", "\u2126", "\U0001d15e",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		const most = 40
		got, err := text.Line("body.name", in, most)
		if err != nil {
			if fault.As(err) == nil || got != "" {
				t.Errorf("%q: %q, %v", in, got, err)
			}
			return
		}
		if !utf8.ValidString(got) || !norm.NFC.IsNormalString(got) || got != strings.TrimSpace(got) || strings.Contains(got, "  ") {
			t.Errorf("%q was kept as %q", in, got)
		}
		if n := utf8.RuneCountInString(got); n == 0 || n > most {
			t.Errorf("%q was kept as %d letters", in, n)
		}
		marks := 0
		for _, r := range got {
			if unicode.Is(unicode.Bidi_Control, r) || unicode.IsControl(r) {
				t.Errorf("%q was kept with %U", in, r)
			}
			switch {
			case unicode.In(r, unicode.Mn, unicode.Me):
				marks++
			case r != '\u200c' && r != '\u200d':
				marks = 0
			}
			if marks > 2 {
				t.Errorf("%q was kept with more than 2 marks on a letter: %q", in, got)
			}
		}
		if again, err := text.Line("body.name", got, most); err != nil || again != got {
			t.Errorf("%q was kept as %q, and that as %q, %v", in, got, again, err)
		}
	})
}
