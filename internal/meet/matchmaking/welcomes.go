package matchmaking

import (
	"context"
	"database/sql"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/meet/call"
	"heyy/internal/meet/discovery"
	"heyy/internal/people/account"
)

// Friends reports whether two people follow each other or have a match.
type Friends func(ctx context.Context, q db.Querier, a, b account.ID) (bool, error)

// Welcomes returns the rule whom people want to be rung by in a room, besides their call
// privacy: by friends, and by people who meet their preferences while they can be met, which
// is what "everyone who fits" means to whoever chose it. What they look for and the languages
// they speak do not matter: being in one room is a common purpose. What the caller prefers
// does not, either: they ask. Faults, of the caller's own profile: match.incomplete, match.paused.
func Welcomes(people People, friends Friends, now func() time.Time) call.Welcomes {
	return func(ctx context.Context, tx *sql.Tx, who, by account.ID) (bool, error) {
		if yes, err := friends(ctx, tx, who, by); err != nil || yes {
			return yes, err
		}
		at := now()
		they, me, free, err := people.ReadPair(ctx, tx, who, by, at)
		switch {
		case err != nil:
			return false, err
		case me != nil && me.Paused():
			return false, errPaused
		case me == nil || !me.Shown(at):
			return false, errIncomplete
		}
		return they != nil && free && they.Shown(at) && they.Welcomes(me, discovery.DayOf(at)), nil
	}
}
