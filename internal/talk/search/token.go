package search

import (
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

const (
	maxTokens = 400 // of a message that are compared, and of dense characters indexed
	maxWords  = 250 // different words of a message that are indexed: more than prose of its length has
	maxWord   = 32  // runes of a word that count
)

type kind int

const (
	none   kind = iota // separates tokens
	within             // belongs to the token before it, and is not compared
	word
	dense  // a character of a script without spaces
	symbol // an emoji, a currency sign
)

// token is a word, a dense character or a symbol of a text.
type token struct {
	kind     kind
	text     string // folded
	from, to int    // bytes of the source
	joined   bool   // dense: the token before it is its neighbour
}

// unspaced are the scripts that are written without spaces between words.
var unspaced = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo, unicode.Yi,
	unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Tibetan, unicode.Tai_Tham, unicode.Javanese,
}

// tokens splits a text, which is NFC, into at most maxTokens tokens.
func tokens(text string) (all []token) {
	end := none        // the kind of the rune before
	var letters []byte // of the word that it belongs to
	defer func() {
		if end == word {
			all[len(all)-1].text = string(letters)
		}
		cutWords(all)
	}()
	for at, r := range text {
		to := at + utf8.RuneLen(r)
		folded, k := fold(r)
		if r == utf8.RuneError { // which may be one byte
			k = none
		}
		if k == within {
			if end != none {
				all[len(all)-1].to = to
			}
			continue
		}
		last := len(all) - 1
		if end == word && k != word {
			all[last].text = string(letters)
		}
		switch {
		case k == none:
		case k == word && end == word:
			letters = append(letters, folded...)
			all[last].to = to
		case k == symbol && end == symbol && isRegional(r) && isOneRegional(all[last].text): // a flag
			all[last].text += folded
			all[last].to = to
		case len(all) == maxTokens:
			end = none
			return all
		default:
			all = append(all, token{k, folded, at, to, k == dense && end == dense})
			letters = append(letters[:0], folded...)
		}
		end = k
	}
	return all
}

// cutWords shortens long words to what counts of them.
func cutWords(all []token) {
	for i, t := range all {
		if t.kind != word || len(t.text) <= maxWord {
			continue
		}
		n := 0
		for at := range t.text {
			if n == maxWord {
				all[i].text = t.text[:at]
				break
			}
			n++
		}
	}
}

func isRegional(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }

func isOneRegional(s string) bool {
	r, size := utf8.DecodeRuneInString(s)
	return isRegional(r) && size == len(s)
}

// folded is a cached result of fold.
type folded struct {
	text string
	kind kind
}

// folds caches fold, which takes several allocations. Beyond, there are no
// letters.
var folds [0x34000]atomic.Pointer[folded]

var nothing, belongs = &folded{"", none}, &folded{"", within}

// fold returns a rune in the form in which words are compared.
func fold(r rune) (string, kind) {
	if int(r) >= len(folds) {
		if isDropped(r) {
			return "", within
		}
		return "", none
	}
	f := folds[r].Load()
	if f == nil {
		switch text, k := foldAnew(r); k {
		case none:
			f = nothing
		case within:
			f = belongs
		default:
			f = &folded{text, k}
		}
		folds[r].Store(f)
	}
	return f.text, f.kind
}

// letters are those that people type without what distinguishes them, and that Unicode does
// not decompose.
var letters = map[string]string{"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}

func foldAnew(r rune) (string, kind) {
	switch {
	case r < utf8.RuneSelf:
		switch {
		case r >= 'A' && r <= 'Z':
			return string(r - 'A' + 'a'), word
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return string(r), word
		case r == '$':
			return "$", symbol
		}
		return "", none
	case r >= 0x4e00 && r <= 0x9fff, r >= 0x3041 && r <= 0x3096, r >= 0x30a1 && r <= 0x30fa, r == 0x30fc:
		return string(r), dense
	case isDropped(r):
		return "", within
	}
	folded := norm.NFC.String(strings.Map(func(r rune) rune {
		if isDropped(r) {
			return -1
		}
		return r
	}, norm.NFKD.String(cases.Fold().String(norm.NFKD.String(string(r))))))
	if plain, ok := letters[folded]; ok {
		folded = plain
	}
	switch first, _ := utf8.DecodeRuneInString(folded); {
	case folded == "":
	case unicode.In(first, unspaced...):
		return folded, dense
	case unicode.IsLetter(first), unicode.IsNumber(first), unicode.IsMark(first):
		return folded, word
	case unicode.Is(unicode.So, first), unicode.Is(unicode.Sc, first):
		return folded, symbol
	}
	return "", none
}

// isDropped reports whether r only decorates what is before it: a diacritic, a point of
// Hebrew or Arabic, a joiner, a selector, a skin tone. Vowel signs of Indic scripts and the
// sound marks of kana distinguish words and stay.
func isDropped(r rune) bool {
	switch {
	case r == 0x3099 || r == 0x309a:
		return false
	case r >= 0x1f3fb && r <= 0x1f3ff, unicode.Is(unicode.Cf, r), unicode.Is(unicode.Variation_Selector, r):
		return true
	case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Me, r):
		return unicode.In(r, unicode.Inherited, unicode.Hebrew, unicode.Arabic, unicode.Cyrillic, unicode.Greek, unicode.Latin, unicode.Syriac)
	}
	return r == 0x0640 // tatweel lengthens a line
}

// indexed returns the words under which a text is in the index, each once: words, symbols,
// and of dense characters each pair of neighbours, the last of a run alone.
func indexed(text string) []string {
	all := tokens(text)
	seen := make(map[string]bool, len(all))
	words := make([]string, 0, len(all))
	spaced := 0 // words without dense characters
	for i, t := range all {
		w := t.text
		if t.kind == dense && i+1 < len(all) && all[i+1].joined {
			w += all[i+1].text
		}
		if seen[w] || t.kind != dense && spaced == maxWords {
			continue
		}
		if t.kind != dense {
			spaced++
		}
		seen[w] = true
		words = append(words, w)
	}
	return words
}
