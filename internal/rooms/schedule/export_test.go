package schedule

import "time"

// Next returns the weekly date after a time of an event whose first date clocks show as wall.
func Next(wall, zone string, after time.Time) (time.Time, error) {
	return Event{Plan: Plan{Zone: zone}, wall: wall}.next(after)
}
