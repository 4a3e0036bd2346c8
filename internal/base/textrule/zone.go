package textrule

import (
	"time"
	_ "time/tzdata" // machines without a database of time zones
)

// Zone returns the time zone of an IANA name. LoadLocation also takes "", and "Local", which is
// a setting of the server.
func Zone(name string) (*time.Location, bool) {
	if name == "" || name == "Local" || len(name) > 64 {
		return nil, false
	}
	zone, err := time.LoadLocation(name)
	return zone, err == nil
}
