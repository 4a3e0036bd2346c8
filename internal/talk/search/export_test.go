package search

// Tight makes each request cost almost nothing.
func (s *Service) Tight() { s.limits = limits{rows: 20, bytes: 200, perLookup: 12} }

// Words returns the words under which a text is indexed.
func Words(text string) []string { return indexed(text) }

// Excerpt returns what is shown of a text that was found, and where; ok is false if the
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
