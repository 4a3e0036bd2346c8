package schedule_test

import (
	"testing"
	"time"

	"heyy/internal/rooms/schedule"
)

func TestWeeklyDatesKeepTheTimeOfDay(t *testing.T) {
	for _, c := range []struct{ zone, wall, after, want string }{
		{"UTC", "2027-03-10T21:00", "2027-03-10T21:00:00Z", "2027-03-17T21:00:00Z"},
		{"UTC", "2027-03-10T21:00", "2027-03-10T20:59:00Z", "2027-03-10T21:00:00Z"},
		{"UTC", "2027-03-10T21:00", "2027-06-01T00:00:00Z", "2027-06-02T21:00:00Z"}, // dates in between were missed
		{"Europe/Rome", "2027-03-24T21:00", "2027-03-24T20:00:00Z", "2027-03-31T19:00:00Z"},
		{"Europe/Rome", "2027-10-27T21:00", "2027-10-27T19:00:00Z", "2027-11-03T20:00:00Z"},
		{"Europe/Rome", "2027-03-21T02:30", "2027-03-21T01:30:00Z", "2027-03-28T01:30:00Z"}, // half past two is left out: half past three
		{"Europe/Rome", "2027-03-21T02:30", "2027-03-28T01:30:00Z", "2027-04-04T00:30:00Z"}, // and half past two again
		{"America/New_York", "2027-11-07T01:30", "2027-10-31T05:30:00Z", "2027-11-07T05:30:00Z"},
		{"America/New_York", "2027-11-07T01:30", "2027-11-07T06:30:00Z", "2027-11-14T06:30:00Z"},
		{"Pacific/Kiritimati", "2027-01-01T00:30", "2026-12-31T10:30:00Z", "2027-01-07T10:30:00Z"},
		{"Asia/Kathmandu", "2027-01-01T06:00", "2027-01-01T00:15:00Z", "2027-01-08T00:15:00Z"},
		{"America/St_Johns", "2027-03-07T20:00", "2027-03-07T23:30:00Z", "2027-03-14T22:30:00Z"},
		{"Australia/Lord_Howe", "2027-03-28T20:00", "2027-03-28T09:00:00Z", "2027-04-04T09:30:00Z"},
		{"Pacific/Apia", "2011-12-23T20:00", "2011-12-24T06:00:00Z", "2011-12-31T06:00:00Z"}, // the 30th did not exist: the 31st
		{"UTC", "2028-02-29T20:00", "2028-02-29T20:00:00Z", "2028-03-07T20:00:00Z"},
		{"UTC", "2028-02-22T20:00", "2028-02-22T20:00:00Z", "2028-02-29T20:00:00Z"},
		{"Europe/Atlantis", "2027-03-10T21:00", "2027-03-10T21:00:00Z", "2027-03-17T21:00:00Z"}, // of a zone that is gone
	} {
		after, err := time.Parse(time.RFC3339, c.after)
		must(t, err)
		at, err := schedule.Next(c.wall, c.zone, after)
		must(t, err)
		if got := at.UTC().Format(time.RFC3339); got != c.want {
			t.Errorf("%s in %s after %s: %s, not %s", c.wall, c.zone, c.after, got, c.want)
		}
	}
}
