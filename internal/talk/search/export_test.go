package search

import (
	"time"

	"heyy/internal/people/account"
)

// Tight makes each request cost almost nothing.
func (s *Service) Tight() { s.limits = limits{rows: 20, bytes: 200, perLookup: 12} }

// Occupy takes all slots of searches, and makes the others wait for a moment only.
func (s *Service) Occupy() (free func()) {
	s.wait = time.Millisecond
	for range searchesAtOnce {
		s.slots <- struct{}{}
	}
	return func() {
		for range searchesAtOnce {
			<-s.slots
		}
	}
}

// FoldsAsAnew reports whether a rune is folded as without the memory.
func FoldsAsAnew(r rune) bool {
	for range 2 {
		text, k := fold(r)
		if again, kind := foldAnew(r); text != again || k != kind {
			return false
		}
	}
	return true
}

// Words returns the words under which a text is indexed.
func Words(text string) []string { return indexed(text) }

// Excerpt returns the excerpt of a text that was found, and its marks; ok is false if the
// query does not match.
func Excerpt(q, text string) (_ string, _ []Mark, ok bool, err error) {
	terms, err := parse(q)
	if err != nil {
		return "", nil, false, err
	}
	spans := terms.match(text)
	if spans == nil {
		return "", nil, false, nil
	}
	shown, marks := excerpt(text, spans)
	return shown, marks, true, nil
}

// OccupyMine takes all slots of one person.
func (s *Service) OccupyMine(who account.ID) {
	for range mineAtOnce {
		s.mine.Enter(who, mineAtOnce)
	}
}
