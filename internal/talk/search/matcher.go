package search

// Matcher returns whether a text, which is NFC, has all words of what a person has typed, as a
// search of chats finds it: for who reads texts one by one, without the index. Faults:
// search.empty, search.too_long, search.characters.
func Matcher(text string) (func(text string) bool, error) {
	q, err := parse(text)
	if err != nil {
		return nil, err
	}
	return func(text string) bool { return q.match(text) != nil }, nil
}
