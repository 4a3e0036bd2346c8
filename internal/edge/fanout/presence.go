package fanout

import (
	"heyy/internal/edge/apitypes"
	"heyy/internal/people/account"
	"heyy/internal/talk/presence"
)

// Presence tells somebody how a friend is there. It is no fact: package presence knows who
// may see it, and that is what the list says, too.
func (f *Fanout) Presence(to account.ID, p presence.Presence) error {
	return f.out.PublishTo(string(to), apitypes.PresenceEvent{Type: "presence", Presence: apitypes.ToPresence(p)})
}

// presenceSettings tells all devices of a person to read their own account again.
func (f *Fanout) presenceSettings(s presence.SettingsChanged) error {
	return f.out.PublishTo(string(s.Account), apitypes.MeChangedEvent{Type: "me_changed"})
}
