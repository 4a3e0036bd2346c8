package textrule

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// maxEmoji is more than the longest emoji has: a family of four with skin tones.
const maxEmoji = 48 // bytes

// IsEmoji reports whether s is one emoji, as keyboards write it.
func IsEmoji(s string) bool {
	if s == "" || len(s) > maxEmoji || !utf8.ValidString(s) {
		return false
	}
	cluster, rest, _, _ := uniseg.FirstGraphemeClusterInString(s, -1)
	if rest != "" || cluster != s {
		return false
	}
	first, size := utf8.DecodeRuneInString(s)
	switch {
	case first >= '0' && first <= '9', first == '#', first == '*': // keycaps: 1️⃣
		return strings.TrimPrefix(s[size:], "\ufe0f") == "\u20e3"
	case first >= 0x1f1e6 && first <= 0x1f1ff: // flags are two of these
		return utf8.RuneCountInString(s) == 2
	}
	if first == '\u2800' { // an empty pattern of Braille
		return false
	}
	if !unicode.Is(unicode.So, first) && !unicode.Is(unicode.Sk, first) && first != '\u203c' && first != '\u2049' && !(first >= 0x2190 && first <= 0x21ff) {
		return false
	}
	var last rune
	for i, r := range s[size:] {
		tag := first == blackFlag && r >= 0xe0020 && r <= 0xe007f
		switch {
		case tag && i == 0 && flagOf(s[size:]) == 0:
			return false
		case isTone(r) && isTone(last):
			return false
		case tag, isVariationSelector(r), r == '\u200d', unicode.Is(unicode.So, r), unicode.Is(unicode.Sk, r), r == '\u2640', r == '\u2642':
		default:
			return false
		}
		last = r
	}
	return true
}

// isTone reports whether r is one of the skin tones.
func isTone(r rune) bool { return r >= 0x1f3fb && r <= 0x1f3ff }
