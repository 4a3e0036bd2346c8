package account

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Numerals returns s with the decimal digits of every script ("٤", "۴", "४", "４") as 0 to
// 9, because keyboards produce the digits of their script.
func Numerals(s string) string { return strings.Map(numeral, norm.NFKC.String(s)) }

// stripCode removes spaces, dashes and invisible marks, which people and clipboards put
// around and between groups. Anything else stays, and makes the code wrong.
func stripCode(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.In(r, unicode.Pd, unicode.Cf) {
			return -1
		}
		return r
	}, Numerals(s))
}

// numeral maps one decimal digit. Unicode encodes the ten digits of a script in a
// contiguous range from zero; where ranges of two scripts touch, offsets are still
// multiples of ten. Source:
// https://www.unicode.org/versions/latest/core-spec/chapter-4/#G124153
func numeral(r rune) rune {
	for _, t := range unicode.Nd.R16 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return '0' + (r-rune(t.Lo))%10
		}
	}
	for _, t := range unicode.Nd.R32 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return '0' + (r-rune(t.Lo))%10
		}
	}
	return r
}
