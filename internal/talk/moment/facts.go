package moment

import "heyy/internal/people/account"

// Changed: somebody posted or removed a moment.
type Changed struct {
	Author account.ID `json:"author"`
}

// KindChanged is the kind of Changed in the outbox.
const KindChanged = "moment.changed"

// Kind implements outbox.Fact.
func (Changed) Kind() string { return KindChanged }

// Scope implements outbox.Fact.
func (f Changed) Scope() string { return "moments:" + string(f.Author) }

// Order implements outbox.Fact. Whoever is told reads all of it again.
func (Changed) Order() int64 { return 0 }
