package search

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"heyy/internal/base/fault"
)

// MaxQuery is the length of a query, in characters.
const MaxQuery = 100

var (
	errEmpty      = fault.At("query.q", "search.empty", "Type a word or an emoji to search for.")
	errTooLong    = fault.At("query.q", "search.too_long", "Search for a few words, not a whole text.")
	errCharacters = fault.At("query.q", "search.characters", "This has characters that can't be in a message.")
)

// term is one thing that a message must have: a word, a symbol, or a run of dense characters.
type term struct {
	kind   kind
	text   string
	run    []string // of dense characters, each folded
	prefix bool     // of a word
}

// query is a parsed search: the terms that a message must have.
type query []term

// parse reads what a person has typed. Faults: search.empty, search.too_long,
// search.characters.
func parse(text string) (query, error) {
	if len(text) > 16*MaxQuery {
		return nil, errTooLong
	}
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return nil, errCharacters
	}
	text = norm.NFC.String(text)
	if utf8.RuneCountInString(text) > MaxQuery {
		return nil, errTooLong
	}
	var q query
	for _, t := range tokens(text) {
		if t.joined {
			run := &q[len(q)-1]
			run.run = append(run.run, t.text)
			run.text += t.text
			continue
		}
		one := term{kind: t.kind, text: t.text}
		if t.kind == dense {
			one.run = []string{t.text}
		}
		q = append(q, one)
	}
	if len(q) == 0 {
		return nil, errEmpty
	}
	if last := &q[len(q)-1]; last.kind == word {
		last.prefix = true
	}
	return q, nil
}

// span is a range of bytes.
type span struct{ from, to int }

// match returns where the terms are in a text, in order and without overlaps; none if one
// of them is missing.
func (q query) match(text string) []span {
	all := tokens(text)
	var found []span
	for _, t := range q {
		before := len(found)
		for i, one := range all {
			if one.kind != t.kind {
				continue
			}
			switch {
			case t.kind == dense:
				if t.runAt(all[i:]) {
					found = append(found, span{one.from, all[i+len(t.run)-1].to})
				}
			case one.text == t.text, t.prefix && strings.HasPrefix(one.text, t.text):
				found = append(found, span{one.from, one.to})
			}
		}
		if len(found) == before {
			return nil
		}
	}
	slices.SortFunc(found, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	merged := found[:1]
	for _, s := range found[1:] {
		if last := &merged[len(merged)-1]; s.from <= last.to {
			last.to = max(last.to, s.to)
		} else {
			merged = append(merged, s)
		}
	}
	return merged
}

// runAt reports whether all begins with the run of t.
func (t term) runAt(all []token) bool {
	for i, c := range t.run {
		if i >= len(all) || all[i].kind != dense || all[i].text != c || i > 0 && !all[i].joined {
			return false
		}
	}
	return true
}

// lookup is a range of words in the index.
type lookup struct{ from, below string }

// maxLookups bounds the ranges that are read for one query. The texts decide about the rest.
const maxLookups = 8

// lookups returns the questions to the index, the most selective first: whole words before
// beginnings, and long ones before short ones.
func (q query) lookups() []lookup {
	var exact, prefix []string
	for _, t := range q {
		switch {
		case t.prefix, t.kind == dense && len(t.run) == 1:
			prefix = append(prefix, t.text)
		case t.kind == dense:
			for i, c := range t.run[1:] {
				exact = append(exact, t.run[i]+c)
			}
		default:
			exact = append(exact, t.text)
		}
	}
	var all []lookup
	longest := func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(a, b)) }
	slices.SortFunc(exact, longest)
	for _, w := range slices.Compact(exact) {
		all = append(all, lookup{w, w + "\x00"})
	}
	for _, w := range prefix {
		all = append(all, lookup{w, w + "\xff"}) // UTF-8 has no such byte
	}
	return all[:min(len(all), maxLookups)]
}

// Mark is a range of an excerpt in UTF-16 code units, as JavaScript counts.
type Mark struct{ From, To int }

const (
	excerptLength = 160 // characters
	excerptBefore = 40  // of them before the first mark
)

// excerpt returns the part of a text around the first span, on one line, and where the
// spans are in it.
func excerpt(text string, spans []span) (string, []Mark) {
	from, to := spans[0].from, spans[0].to
	for n := 0; from > 0 && n < excerptBefore; n++ {
		from -= lastRune(text[:from])
	}
	for n := utf8.RuneCountInString(text[from:to]); to < len(text) && n < excerptLength; n++ {
		_, size := utf8.DecodeRuneInString(text[to:])
		to += size
	}
	// Cut between words, if one ends near.
	if from > 0 {
		if at := strings.IndexFunc(text[from:spans[0].from], unicode.IsSpace); at >= 0 {
			from += at + 1
		} else {
			for from < spans[0].from && continues(text[from:]) {
				_, size := utf8.DecodeRuneInString(text[from:])
				from += size
			}
		}
	}
	if to < len(text) {
		if at := strings.LastIndexFunc(text[spans[0].to:to], unicode.IsSpace); at > 0 && spans[0].to+at > to-excerptBefore {
			to = spans[0].to + at
		} else {
			for to > spans[0].to && continues(text[to:]) {
				to -= lastRune(text[:to])
			}
		}
	}
	var out strings.Builder
	var marks []Mark
	units := 0
	if from > 0 {
		out.WriteRune('…')
		units++
	}
	next := spans
	open := false
	for i, r := range text[from:to] {
		at := from + i
		if open && at >= next[0].to {
			marks[len(marks)-1].To = units
			open, next = false, next[1:]
		}
		if !open && len(next) > 0 && at == next[0].from {
			marks = append(marks, Mark{From: units})
			open = true
		}
		if unicode.IsSpace(r) {
			r = ' '
		}
		out.WriteRune(r)
		if units++; r >= 0x10000 {
			units++
		}
	}
	if open {
		marks[len(marks)-1].To = units
	}
	if to < len(text) {
		out.WriteRune('…')
	}
	return out.String(), marks
}

func lastRune(s string) int {
	_, size := utf8.DecodeLastRuneInString(s)
	return size
}

// continues reports whether a text begins with what belongs to the character before it.
func continues(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsMark(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) || r >= 0x1f3fb && r <= 0x1f3ff
}
