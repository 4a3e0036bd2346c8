package search

// Names searches lists of names that other packages keep, folded as messages are.
type Names struct{}

// Words returns the words under which a name is found, each once.
func (Names) Words(name string) []string { return indexed(name) }

// Query reads what a person has typed. It returns ranges of words, from inclusive to exclusive,
// of which a name that matches has one each, and whether a name matches. Faults: search.empty,
// search.too_long, search.characters.
func (Names) Query(text string) (ranges [][2]string, matches func(name string) bool, err error) {
	q, err := parse(text)
	if err != nil {
		return nil, nil, err
	}
	for _, l := range q.lookups() {
		ranges = append(ranges, [2]string{l.from, l.below})
	}
	return ranges, func(name string) bool { return len(q.match(name)) > 0 }, nil
}
