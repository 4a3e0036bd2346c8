// Package text decides which words of people we keep: normal form, no
// characters that hide or reorder what stands beside them. It imports only
// fault.
package text

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"heyy/internal/fault"
)

// marksPerLetter is how many combining marks one letter may carry: enough for
// every living script in NFC, too few to climb over the next line.
const marksPerLetter = 2

// Line is one line of a person's own words, such as a name or a title, with at
// most max letters (runes): NFC, spaces folded and trimmed, not empty, without
// control, invisible or direction-changing characters. The fault names field.
func Line(field, s string, max int) (string, error) {
	if !utf8.ValidString(s) {
		return "", fault.At(field, "text.encoding", "This is not valid text.")
	}
	// NFC can grow a text threefold at most; what is longer need not be read.
	if len(s) > 16*max {
		return "", tooLong(field, max)
	}
	s = strings.Join(strings.FieldsFunc(norm.NFC.String(s), unicode.IsSpace), " ")
	marks, letters := 0, 0
	var last, base rune // the character before, and the last that stands by itself
	for _, r := range s {
		switch {
		case hidden(r), joiner(r) && !mayJoin(last, base), selector(r) && !mayVary(last):
			return "", fault.At(field, "text.hidden", "There is a character in it that cannot be seen.")
		case joiner(r):
		case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r):
			if marks++; marks > marksPerLetter {
				return "", fault.At(field, "text.marks", "There are too many marks on one letter.")
			}
		default:
			marks, base = 0, r
		}
		last = r
		if unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsSymbol(r) || unicode.IsPunct(r) {
			letters++
		}
	}
	if letters == 0 {
		return "", fault.At(field, "text.empty", "This cannot be empty.")
	}
	if utf8.RuneCountInString(s) > max {
		return "", tooLong(field, max)
	}
	return s, nil
}

func tooLong(field string, max int) error {
	return fault.At(field, "text.too_long", fmt.Sprintf("This is too long; %d characters fit.", max))
}

// hidden are controls, direction marks and characters without a shape. Joiners
// and selectors have none either, but change their neighbour's: see below.
func hidden(r rune) bool {
	if joiner(r) || selector(r) {
		return false
	}
	return unicode.Is(unicode.C, r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) || r == '\u2800'
}

// joiner reports whether r binds or parts its neighbours. Persian, Hindi and
// emoji need it; between Latin letters it would only make two names differ
// that look the same.
func joiner(r rune) bool { return r == '\u200c' || r == '\u200d' }

func mayJoin(last, base rune) bool {
	return !joiner(last) && (unicode.IsSymbol(base) || unicode.In(base,
		unicode.Arabic, unicode.Syriac, unicode.Mongolian, unicode.Nko, unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi,
		unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Sinhala,
		unicode.Khmer, unicode.Myanmar, unicode.Tibetan))
}

// selector reports whether r chooses a form of the character before it: emoji
// or plain, one drawing of a Han character or another.
func selector(r rune) bool { return unicode.Is(unicode.Variation_Selector, r) }

func mayVary(last rune) bool {
	keycap := last >= '0' && last <= '9' || last == '#' || last == '*'
	return keycap || unicode.IsSymbol(last) || last > unicode.MaxASCII && unicode.IsPunct(last) || unicode.In(last, unicode.Han, unicode.Mongolian)
}
