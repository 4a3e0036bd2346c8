package region

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// undecomposable are letters with a stroke and ligatures, which Unicode decomposition
// leaves whole.
var undecomposable = strings.NewReplacer(
	"ß", "ss", "ẞ", "ss", "æ", "ae", "œ", "oe", "ø", "o", "đ", "d", "ð", "d", "ł", "l", "ı", "i", "þ", "th", "ħ", "h", "ŋ", "n", "ə", "e",
)

// Fold normalises a name for comparison: NFKD, lower case, without marks, Han characters
// simplified where the list of towns knows how, and other characters than letters and
// digits as one space between words.
func Fold(name string, simple map[rune]rune) string {
	name = undecomposable.Replace(strings.ToLower(norm.NFKD.String(name)))
	var b strings.Builder
	b.Grow(len(name))
	gap := false
	for _, r := range name {
		switch {
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’', r == 'ʻ', r == 'ʼ', r == '‘', r == '`':
			continue // marks, and apostrophes inside a word
		case !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.Is(unicode.Mc, r):
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		if s, ok := simple[r]; ok {
			r = s
		}
		b.WriteRune(r)
	}
	return b.String()
}
