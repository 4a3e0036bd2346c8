package schedule

import (
	"time"

	"github.com/teambition/rrule-go"

	"heyy/internal/base/textrule"
)

// wallLayout is the form of a time as clocks show it, without a zone.
const wallLayout = "2006-01-02T15:04"

// wallTime returns what clocks in the zone of a plan show at its date.
func (p Plan) wallTime() string { return p.StartsAt.In(p.location()).Format(wallLayout) }

// location returns the zone; UTC if the database of zones has lost it since.
func (p Plan) location() *time.Location {
	if zone, ok := textrule.Zone(p.Zone); ok {
		return zone
	}
	return time.UTC
}

// next returns the first weekly date of an event after a time. The rule runs over times without
// a zone, each of which is then looked up in the zone.
func (e Event) next(after time.Time) (time.Time, error) {
	first, err := time.Parse(wallLayout, e.wall)
	if err != nil {
		return time.Time{}, err
	}
	weekly, err := rrule.NewRRule(rrule.ROption{Freq: rrule.WEEKLY, Dtstart: first})
	if err != nil {
		return time.Time{}, err
	}
	zone := e.location()
	// A zone is up to 14 hours from UTC, and a change of the clocks up to a day (Samoa, 2011).
	for wall := after.UTC().Add(-48 * time.Hour); ; {
		wall = weekly.After(wall, false)
		at := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), 0, 0, zone)
		if at.After(after) || wall.IsZero() {
			return at, nil
		}
	}
}

// dates returns the dates of an event up to a time, the next one first; at least that.
func (e Event) dates(until time.Time) ([]time.Time, error) {
	all := []time.Time{e.StartsAt}
	for e.Weekly {
		at, err := e.next(all[len(all)-1])
		if err != nil {
			return nil, err
		}
		if at.After(until) {
			break
		}
		all = append(all, at)
	}
	return all, nil
}
