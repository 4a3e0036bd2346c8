package textrule_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"golang.org/x/text/unicode/norm"

	"heyy/internal/base/fault"
	"heyy/internal/base/textrule"
)

func TestWordsOfLivingScriptsStay(t *testing.T) {
	for _, s := range []string{
		"Anna", "Zoë", "O'Brien-Smith", "李小龙", "Алексей", "Γιώργος", "שָׁלוֹם", "محمد", "مُحَمَّد", "नेहा", "கார்த்திக்", "สมชาย", "ก็ดี", "Nguyễn Thị Ánh", "한글", "ゆき", "Bảo",
		"می‌خواهم", "क्‍ष", "Mia 🎤", "👩‍👩‍👧‍👦", "👍🏽", "🏳️‍🌈", "❤️", "1️⃣", "‼️", "葛\U000e0100城", "ന്\u200d", "№ 5", "X Æ A-12", "42",
		"မောင်မောင်", "အောင်ဆန်းစုကြည်", "ကျွန်ုပ်တို့", "ဘွဲ့", "ဩဇာ", "ਗੁਰਮੁਖੀ", "ਸਿੱਖ", "ਪੰਜਾਬੀ", "ਸ੍ਰੀ ਗੁਰੂ ਨਾਨਕ", "ਨ੍ਹੁੰ", "שִׁמְעוֹן", "יִשַּׁי", "רִבְקָה", "שָּׁמַיִם",
		"عَبْدُ الرَّحْمٰن", "مُحَمَّدٌ", "فَاطِمَةُ", "اللّٰه", "བསྟན་འཛིན་རྒྱ་མཚོ", "བརྒྱུད", "ཧཱུྃ", "ស្ត្រី", "ខ្ញុំ", "ព្រះបាទ", "ចន្ទ្រា", "กฤษณ์", "ศิริวัฒน์", "น้ำผึ้ง", "ຄຳຫຼ້າ", "ເກົ້າ",
		"राष्ट्रपति", "ज़ँ", "বাংলা", "শ্রীরাধা", "ஸ்ரீ", "తెలుగు", "ಕನ್ನಡ", "മലയാളം", "ශ්‍රී ලංකා", "ᠮᠣᠩᠭᠣᠯ", "ܝܼܫܘܿܥ", "ދިވެހި",
		"🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f Iona", "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f", "🏴‍☠️",
	} {
		got, err := textrule.Line("body.name", s, 40)
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
		"\u200eAnna\u200f":      "Anna", // come along with what is copied
		"An\u200bna\ufeff":      "Anna",
		"An\u00ad\u2060na":      "Anna",
		"محمد\u061c":            "محمد",
		"می\u200c\u200cخواهم":   "می\u200cخواهم",
		"e\u200b\u0301":         "\u00e9",
	} {
		if got, err := textrule.Line("body.name", in, 40); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

func TestWhatCannotBeShownIsRefused(t *testing.T) {
	for in, code := range map[string]string{
		"":                                "text.empty",
		" \t\u3000\u2028":                 "text.empty",
		"\u200d":                          "text.hidden",
		"\u200c\u200c":                    "text.hidden",
		"\u0301":                          "text.empty",
		"\ufe0f":                          "text.hidden",
		"An\u202ena":                      "text.hidden", // right to left from here
		"An\u202dna":                      "text.hidden",
		"An\u2066na\u2069":                "text.hidden",
		"Anna\x00":                        "text.hidden",
		"An\x1bna":                        "text.hidden",
		"An\u0085na\x7f":                  "text.hidden",
		"\u3164":                          "text.hidden", // letters without a shape
		"\uffa0":                          "text.hidden",
		"\u2800":                          "text.hidden",
		"\u115f\u1160":                    "text.hidden",
		"\U000e0041Anna":                  "text.hidden", // tags
		"\ue000":                          "text.hidden", // private use
		"Anna\ufffe":                      "text.hidden",
		"An\u034fna":                      "text.hidden", // joins graphemes, has no shape
		"An\u17b4na":                      "text.hidden",
		"An\u180ena":                      "text.hidden",
		"A" + strings.Repeat("\u0301", 4): "text.marks", // zalgo; NFC takes the first in
		"Anna\u0300\u0301\u0302\u0303":    "text.marks",
		"e\u20dd\u20dd\u20dd":             "text.marks",
		"न\u200d\u0301\u200d\u0301\u0301": "text.marks", // joiners do not start a new letter
		"न\u200c\u0301\u200c\u0301\u0301": "text.marks",
		"An\u200dna":                      "text.hidden", // joins nothing
		"李\u200c小龙":                       "text.hidden",
		"Anna\ufe0f":                      "text.hidden", // chooses nothing
		"❤\ufe0f\ufe0f":                   "text.hidden",
		"ب" + strings.Repeat("\u064e", 3): "text.marks", // the same one again and again
		"ب\u064e\u0651\u064f\u0652":       "text.marks",
		"ש\u05b0\u05b1\u05b2\u05b3\u05b4": "text.marks",
		"ก\u0e31\u0e34\u0e38\u0e48":       "text.marks",
		"ก\u0301\u0302\u0303":             "text.marks",  // not of its script
		"🏴\U000e0067\U000e0062\U000e007f": "text.hidden", // no flag of any country
		"🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074":           "text.hidden",
		"🏁\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f": "text.hidden",
		"ب\u180e":                          "text.hidden",
		"An\xffna":                         "text.encoding",
		"\xed\xa0\x80":                     "text.encoding",
		strings.Repeat("a", 41):            "text.too_long",
		strings.Repeat("李", 41):            "text.too_long",
		strings.Repeat("a", 1<<20):         "text.too_long",
		"a" + strings.Repeat("\u200d", 40): "text.hidden",
	} {
		got, err := textrule.Line("body.name", in, 40)
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

// The names of all languages and countries in all languages of Unicode's locale
// data are words that somebody writes: none may be refused.
func TestNoNameOfALanguageOrCountryIsRefused(t *testing.T) {
	tried := 0
	check := func(in language.Tag, name string) {
		if name == "" {
			return
		}
		tried++
		if _, err := textrule.Line("body.name", name, 200); err != nil {
			t.Errorf("%s: %q (%+q): %v", in, name, name, err)
		}
	}
	var regions []language.Region
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			if r, err := language.ParseRegion(string([]rune{a, b})); err == nil {
				regions = append(regions, r)
			}
		}
	}
	for _, in := range display.Supported.Tags() {
		if namer := display.Languages(in); namer != nil {
			for _, of := range display.Values.Tags() {
				check(in, namer.Name(of))
			}
		}
		if namer := display.Regions(in); namer != nil {
			for _, of := range regions {
				check(in, namer.Name(of))
			}
		}
		check(in, display.Self.Name(in))
	}
	if tried < 50_000 {
		t.Errorf("only %d names were tried", tried)
	}
}

func TestExactlyTheLimitFits(t *testing.T) {
	for _, s := range []string{strings.Repeat("a", 40), strings.Repeat("李", 40), strings.Repeat("e\u0301", 40), strings.Repeat("🎤", 40)} {
		if _, err := textrule.Line("body.name", s, 40); err != nil {
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
		got, err := textrule.Line("body.name", in, most)
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
			if marks > 8 { // six of the scripts that have most, and two of others
				t.Errorf("%q was kept with %d marks on a letter: %q", in, marks, got)
			}
		}
		if again, err := textrule.Line("body.name", got, most); err != nil || again != got {
			t.Errorf("%q was kept as %q, and that as %q, %v", in, got, again, err)
		}
	})
}
