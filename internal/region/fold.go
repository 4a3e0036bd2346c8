package region

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// plain are letters that are one with a stroke or a ligature, which no
// decomposition takes apart.
var plain = strings.NewReplacer(
	"ß", "ss", "ẞ", "ss", "æ", "ae", "œ", "oe", "ø", "o", "đ", "d", "ð", "d", "ł", "l", "ı", "i", "þ", "th", "ħ", "h", "ŋ", "n", "ə", "e",
)

// Fold is a name as it is compared: decomposed (NFKD), lower-case, without
// marks, every Han character in its simplified form where the list of towns
// knows one, and whatever is neither letter nor digit as one space between
// words. Two spellings that people take for the same fold to the same.
func Fold(name string, simple map[rune]rune) string {
	name = plain.Replace(strings.ToLower(norm.NFKD.String(name)))
	var b strings.Builder
	b.Grow(len(name))
	gap := false
	for _, r := range name {
		switch {
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’', r == 'ʻ', r == 'ʼ', r == '‘', r == '`':
			continue // marks, and apostrophes within a word
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
