package presence

import "heyy/internal/people/account"

// SettingsChanged is the fact that somebody changed who sees that they are here, or that do
// not disturb is over.
type SettingsChanged struct {
	Account account.ID `json:"account"`
	At      int64      `json:"at"`
}

// KindSettingsChanged is its kind in the outbox.
const KindSettingsChanged = "presence.settings"

// Kind implements outbox.Fact.
func (SettingsChanged) Kind() string { return KindSettingsChanged }

// Scope implements outbox.Fact.
func (f SettingsChanged) Scope() string { return "presence:" + string(f.Account) }

// Order implements outbox.Fact.
func (f SettingsChanged) Order() int64 { return f.At }
