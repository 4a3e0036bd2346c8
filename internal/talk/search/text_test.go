package search_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"heyy/internal/base/textrule"
	"heyy/internal/talk/search"
)

func TestWordsAreFolded(t *testing.T) {
	for text, want := range map[string][]string{
		"Perché NO? l'Amico è qui":      {"perche", "no", "l", "amico", "e", "qui"},
		"Straße STRASSE":                {"strasse"},
		"Łódź, Ístanbul, ΣΊΣΥΦΟΣ, Ёлка": {"lodz", "istanbul", "σισυφοσ", "елка"},
		"ｆｕｌｌ １２":                       {"full", "12"},
		"你好吗 ok":                        {"你好", "好吗", "吗", "ok"},
		"カラオケ":                          {"カラ", "ラオ", "オケ", "ケ"},
		"が":                             {"が"},
		"안녕하세요":                         {"안녕하세요"},
		"שָׁלוֹם مَرْحَبًا":             {"שלום", "مرحبا"},
		"हिन्दी":                        {"हिन्दी"},
		"👍🏽 🇮🇹🇨🇳 ❤️ 👩‍🚀":                {"👍", "🇮🇹", "🇨🇳", "❤", "👩", "🚀"},
		"1️⃣ 3.14 $5":                   {"1", "3", "14", "$", "5"},
		"!?… :-)":                       {},
		"می‌خواهم":                      {"میخواهم"},
	} {
		got := search.Words(norm.NFC.String(text))
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := search.Words(strings.Repeat("x", 500)); len(got) != 1 || len(got[0]) != 32 {
		t.Errorf("a long word: %q", got)
	}
	if got := search.Words(strings.Repeat("好", 5000)); len(got) > 400 {
		t.Errorf("%d words", len(got))
	}
}

// A row of the index for each word is much more than the word.
func TestAMessageHasABoundedNumberOfRows(t *testing.T) {
	var many, prose []string
	for i := range 400 {
		many = append(many, fmt.Sprintf("w%d", i))
		prose = append(prose, fmt.Sprintf("w%d", i%230)) // a long text repeats words
	}
	if got := search.Words(strings.Join(many, " ")); len(got) != 250 {
		t.Errorf("%d words", len(got))
	}
	if got := search.Words(strings.Join(prose, " ") + " 好啊"); len(got) != 230 {
		t.Errorf("%d words of 230", len(got))
	}
	if got := search.Words(strings.Join(prose[:390], " ") + " 好啊"); len(got) != 232 {
		t.Errorf("%d words of 230, and 2 of dense characters", len(got))
	}
}

func TestTheMemoryOfFoldsChangesNothing(t *testing.T) {
	for r := range rune(utf8.MaxRune + 1) {
		if !search.FoldsAsAnew(r) {
			t.Fatalf("%U", r)
		}
	}
}

// marked is an excerpt with brackets around what was found.
func marked(t *testing.T, q, text string) string {
	t.Helper()
	shown, marks, ok, err := search.Excerpt(q, text)
	if err != nil {
		return err.Error()
	}
	if !ok {
		return ""
	}
	units := utf16.Encode([]rune(shown))
	var out strings.Builder
	at := 0
	for _, m := range marks {
		if m.From < at || m.To <= m.From || m.To > len(units) {
			t.Fatalf("%q in %q: %v", q, shown, marks)
		}
		out.WriteString(string(utf16.Decode(units[at:m.From])) + "[" + string(utf16.Decode(units[m.From:m.To])) + "]")
		at = m.To
	}
	return out.String() + string(utf16.Decode(units[at:]))
}

func TestWhatMatchesIsMarked(t *testing.T) {
	long := strings.Repeat("before and ", 40) + "needle" + strings.Repeat(" and after", 40)
	for _, c := range []struct{ q, text, want string }{
		{"come", "Ciao, come stai? Comera", "Ciao, [come] stai? [Comera]"}, // the beginning of a word
		{"come stai", "Comera, stai", ""},                                  // the first word is whole
		{"stai come", "Ciao, COME\nstai?", "Ciao, [COME] [stai]?"},
		{"perche", "Perché no", "[Perché] no"},
		{"好吗", "🙂你好吗", "🙂你[好吗]"},
		{"好好", "好 好", ""}, // not side by side
		{"天好", "今天天气好", ""},
		{"气", "今天天气好", "今天天[气]好"},
		{"👍", "ok 👍🏽!", "ok [👍🏽]!"},
		{"🇮🇹", "🇨🇳🇮🇹", "🇨🇳[🇮🇹]"},
		{"needle", long, "…and before and before and before and [needle]" + strings.Repeat(" and after", 11) + "…"},
		{"a\u202eb", "ab", "[ab]"}, // a direction mark is nothing
	} {
		if got := marked(t, c.q, c.text); got != c.want {
			t.Errorf("%q in %q: %q, want %q", c.q, c.text, got, c.want)
		}
	}
}

func FuzzSearch(f *testing.F) {
	for _, s := range []string{"ciao", "你好", "👩‍🚀🇮🇹", "e\u0301\u0301\u0301", "\x00", "\xff", "\u202e", "ｶﾞ", "\u0e01\u0e34\u0e4c", "ﷺ", strings.Repeat("a ", 900)} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, q, written string) {
		text, err := textrule.Text("body.text", written, 2000)
		if err != nil {
			return
		}
		for _, w := range search.Words(text) {
			if w == "" || !utf8.ValidString(w) || strings.ContainsRune(w, 0) {
				t.Errorf("the word %q of %q", w, text)
			}
		}
		_ = marked(t, q, text)
		// What is in a text is found by it, unless it is too long to be asked for.
		shown, _, ok, err := search.Excerpt(text, text)
		if err == nil && (!ok || !utf8.ValidString(shown)) {
			t.Errorf("%q does not find itself: %q", text, shown)
		}
	})
}
