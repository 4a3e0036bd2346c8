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
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r):
			if marks++; marks > marksPerLetter {
				return "", fault.At(field, "text.marks", "There are too many marks on one letter.")
			}
		case hidden(r):
			return "", fault.At(field, "text.hidden", "There is a character in it that cannot be seen.")
		default:
			marks = 0
		}
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

// hidden are controls, direction marks and characters without a shape. The
// joiners U+200C and U+200D stay: Persian, Hindi and emoji need them.
func hidden(r rune) bool {
	if r == '\u200c' || r == '\u200d' {
		return false
	}
	return unicode.Is(unicode.C, r) || r == '\u115f' || r == '\u1160' || r == '\u3164' || r == '\uffa0' || r == '\u2800'
}
