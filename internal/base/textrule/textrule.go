// Package textrule validates and normalises text that people write: Unicode NFC, no
// invisible or reordering characters, no stacked marks, no impersonation of staff.
package textrule

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"heyy/internal/base/fault"
)

// Line validates one line of text, such as a name or a title, of at most max runes. The
// result is NFC, with spaces folded and trimmed, and not empty. Control, invisible and
// direction-changing characters are refused, except marks that only steer layout and come
// along with copied text: those are dropped. The fault names field.
func Line(field, s string, max int) (string, error) {
	s, err := normal(field, s, max)
	if err != nil {
		return "", err
	}
	s = strings.Join(strings.FieldsFunc(s, unicode.IsSpace), " ")
	letters, err := inspect(field, s)
	if err != nil {
		return "", err
	}
	return sized(field, s, letters, max)
}

// maxLines keeps one text from being many screens high.
const maxLines = 100

// Text validates a text of several lines, such as a message, by the rules of Line. Lines
// keep the spaces within them; there is at most one empty line between two others, and at
// most maxLines in all.
func Text(field, s string, max int) (string, error) {
	s, err := normal(field, s, max)
	if err != nil {
		return "", err
	}
	s = lineEnds.Replace(s)
	var lines []string
	letters := 0
	for line := range strings.SplitSeq(s, "\n") {
		line = strings.TrimRight(strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) {
				return ' '
			}
			return r
		}, line), " ")
		n, err := inspect(field, line)
		if err != nil {
			return "", err
		}
		letters += n
		if line != "" || len(lines) > 0 && lines[len(lines)-1] != "" {
			lines = append(lines, line)
		}
	}
	if len(lines) > maxLines+1 { // the last one may be empty
		return "", tooLong(field, max)
	}
	return sized(field, strings.TrimSpace(strings.Join(lines, "\n")), letters, max)
}

// lineEnds makes one kind of line end of all that Unicode has.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// normal returns s in NFC without marks that only steer layout.
func normal(field, s string, max int) (string, error) {
	if !utf8.ValidString(s) {
		return "", fault.At(field, "text.encoding", "This isn't valid text. It must be UTF-8.")
	}
	// NFC grows a text threefold at most (UTF-8, UAX 15), and four bytes are the
	// longest rune: beyond this, the text is too long in any case.
	if len(s) > 16*max {
		return "", tooLong(field, max)
	}
	return norm.NFC.String(dropInvisible(s)), nil
}

// inspect refuses what one line may not hold, and counts what is visible in it.
func inspect(field, s string) (visible int, err error) {
	tags := 0
	var last rune // the previous character
	var on stack
	for at, r := range s {
		if tags > 0 { // inside a flag sequence that was accepted as a whole
			tags--
			continue
		}
		switch {
		case r == blackFlag:
			tags = flagOf(s[at+utf8.RuneLen(r):])
			on = stack{base: r}
		case isHidden(r), isJoiner(r) && !canJoin(r, last, on.base), isVariationSelector(r) && !canVary(last):
			return 0, fault.At(field, "text.hidden", "There's an invisible character in this. Remove it and try again.")
		case isJoiner(r):
		case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r):
			if !on.add(r, last) {
				return 0, fault.At(field, "text.marks", "There are too many marks on one letter. Remove some.")
			}
		case unicode.Is(unicode.Mc, r) && on.base != 0: // a spacing mark belongs to its letter
		default:
			on = stack{base: r}
		}
		last = r
		if unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsSymbol(r) || unicode.IsPunct(r) {
			visible++
		}
	}
	return visible, nil
}

func sized(field, s string, visible, max int) (string, error) {
	if visible == 0 {
		return "", fault.At(field, "text.empty", "This can't be empty.")
	}
	if utf8.RuneCountInString(s) > max {
		return "", tooLong(field, max)
	}
	return s, nil
}

// dropInvisible drops direction marks, soft hyphens, zero-width spaces and byte order
// marks, and the second of two equal joiners. Direction overrides are refused instead, see
// isHidden.
func dropInvisible(s string) string {
	var last rune
	return strings.Map(func(r rune) rune {
		switch r {
		case '\u00ad', '\u061c', '\u200b', '\u200e', '\u200f', '\u2060', '\ufeff':
			return -1
		}
		twice := isJoiner(r) && r == last
		if last = r; twice {
			return -1
		}
		return r
	}, s)
}

// stack counts the marks (Mn, Me) on one base letter.
type stack struct {
	base               rune
	own, foreign, same int
}

// maxForeignMarks limits marks of another script than their letter: enough for every living
// orthography in NFC, too few to climb into the next line. maxOwnMarks is for scripts that
// stack more of their own marks (UTS 39, section 5.4, suggests four for all).
const maxForeignMarks = 2

var maxOwnMarks = []struct {
	script *unicode.RangeTable
	most   int
}{
	{unicode.Hebrew, 4}, {unicode.Arabic, 3}, {unicode.Syriac, 3}, {unicode.Thaana, 2},
	{unicode.Devanagari, 4}, {unicode.Bengali, 4}, {unicode.Gurmukhi, 4}, {unicode.Gujarati, 4}, {unicode.Oriya, 4}, {unicode.Tamil, 3},
	{unicode.Telugu, 4}, {unicode.Kannada, 4}, {unicode.Malayalam, 4}, {unicode.Sinhala, 4},
	{unicode.Thai, 3}, {unicode.Lao, 4}, {unicode.Myanmar, 6}, {unicode.Khmer, 5}, {unicode.Tibetan, 5}, {unicode.Tai_Tham, 6},
	{unicode.Balinese, 4}, {unicode.Javanese, 4}, {unicode.Sundanese, 3}, {unicode.Cham, 4}, {unicode.New_Tai_Lue, 3}, {unicode.Tai_Viet, 3},
	{unicode.Meetei_Mayek, 3}, {unicode.Lepcha, 3}, {unicode.Limbu, 3}, {unicode.Chakma, 5}, {unicode.Adlam, 3}, {unicode.Nko, 2},
}

// add counts one more mark and reports whether it is allowed. No script repeats a mark
// three times in a row.
func (s *stack) add(mark, last rune) bool {
	if s.same++; mark != last {
		s.same = 1
	}
	for _, x := range maxOwnMarks {
		if unicode.Is(x.script, s.base) && (unicode.Is(x.script, mark) || x.script == unicode.Arabic && arabicMark(mark)) {
			s.own++
			return s.own <= x.most && s.same < 3
		}
	}
	s.foreign++
	return s.foreign <= maxForeignMarks
}

// arabicMark reports whether a mark is in the Arabic block: other scripts borrow the vowels
// there.
func arabicMark(r rune) bool { return r >= 0x0610 && r <= 0x06ed }

const blackFlag = '\U0001f3f4'

// flags are the tag sequences after the black flag that Unicode recommends (RGI): England,
// Scotland, Wales.
var flags = [...]string{tagged("gbeng"), tagged("gbsct"), tagged("gbwls")}

func tagged(region string) string {
	return strings.Map(func(r rune) rune { return r + 0xe0000 }, region) + "\U000e007f"
}

// flagOf returns the number of tag runes at the beginning of s that form a known flag.
func flagOf(s string) int {
	for _, f := range flags {
		if strings.HasPrefix(s, f) {
			return utf8.RuneCountInString(f)
		}
	}
	return 0
}

func tooLong(field string, max int) error {
	return fault.At(field, "text.too_long", fmt.Sprintf("This is too long. Use %d characters at most.", max))
}

// isHidden reports whether r is a control, a direction mark or a character without a shape.
// Joiners and variation selectors are judged by their neighbours instead: canJoin, canVary.
func isHidden(r rune) bool {
	if isJoiner(r) || isVariationSelector(r) {
		return false
	}
	return unicode.Is(unicode.C, r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) || r == '\u2800'
}

// isJoiner reports whether r is a zero-width (non-)joiner or a Mongolian vowel separator.
// Persian, Hindi and emoji need them; between Latin letters they would make two names
// differ that look the same.
func isJoiner(r rune) bool { return r == '\u200c' || r == '\u200d' || r == '\u180e' }

func canJoin(r, last, base rune) bool {
	if r == '\u180e' {
		return unicode.Is(unicode.Mongolian, last)
	}
	return last != 0 && !isJoiner(last) && (unicode.IsSymbol(base) || unicode.In(base,
		unicode.Arabic, unicode.Syriac, unicode.Mongolian, unicode.Nko, unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi,
		unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Sinhala,
		unicode.Khmer, unicode.Myanmar, unicode.Tibetan))
}

// isVariationSelector reports whether r selects a form of the previous character: emoji or
// text, one of several Han glyphs.
func isVariationSelector(r rune) bool { return unicode.Is(unicode.Variation_Selector, r) }

func canVary(last rune) bool {
	keycap := last >= '0' && last <= '9' || last == '#' || last == '*'
	return keycap || unicode.IsSymbol(last) || last > unicode.MaxASCII && unicode.IsPunct(last) || unicode.In(last, unicode.Han, unicode.Mongolian)
}
