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
	if !isPictograph(first) {
		return false
	}
	last := first
	for i, r := range s[size:] {
		tag := first == blackFlag && r >= 0xe0020 && r <= 0xe007f
		switch {
		case tag && i == 0 && flagOf(s[size:]) == 0:
			return false
		case isTone(r) && isTone(last):
			return false
		case tag, isVariationSelector(r), r == '\u200d', isPictograph(r):
		default:
			return false
		}
		last = r
	}
	return last != '\u200d'
}

// isPictograph reports whether r can be an emoji, or a part of one. unicode knows symbols up to
// its own version; the blocks of pictographs are kept for emoji, also for those of next year.
func isPictograph(r rune) bool {
	switch {
	case unicode.Is(unicode.So, r), unicode.Is(unicode.Sk, r):
		return true
	case r >= 0x1f300 && r <= 0x1f6ff, r >= 0x1f900 && r <= 0x1faff:
		return true
	case r >= 0x2190 && r <= 0x21ff, r == 0x2934, r == 0x2935: // arrows
		return true
	case r >= 0x25fb && r <= 0x25fe: // squares
		return true
	}
	switch r { // ‼ ⁉ ℹ 〰 〽
	case 0x203c, 0x2049, 0x2139, 0x3030, 0x303d:
		return true
	}
	return false
}

// isTone reports whether r is one of the skin tones.
func isTone(r rune) bool { return r >= 0x1f3fb && r <= 0x1f3ff }
