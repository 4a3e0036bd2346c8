package room

import (
	"strings"
	"testing"
)

// arrivals are the columns of the table of doors: who comes to a room.
var arrivals = map[string]person{
	"stranger":   {role: Listener},
	"follower":   {role: Listener, follows: true},
	"member":     {role: Listener, inClub: true},
	"admitted":   {role: Listener, admitted: true},
	"woman":      {role: Listener, woman: true},
	"verified":   {role: Listener, verified: true},
	"all":        {role: Listener, follows: true, inClub: true, admitted: true, woman: true, verified: true},
	"removed":    {role: Listener, known: true, removed: true, follows: true, inClub: true, admitted: true, woman: true, verified: true},
	"was-here":   {role: Listener, known: true},
	"inside":     {role: Listener, known: true, present: true},
	"co-gone":    {role: CoHost, known: true},
	"host-gone":  {role: Host, known: true},
	"blocked":    {role: Listener, isolated: true, follows: true, inClub: true, admitted: true, woman: true, verified: true},
	"blocker":    {role: Listener, isolated: true, blockedHere: true, follows: true, inClub: true, admitted: true, woman: true, verified: true},
	"blocker-no": {role: Listener, isolated: true, blockedHere: true},
}

var doors = map[string]door{
	"open":      {Entry: Entry{Access: AccessOpen}},
	"link":      {Entry: Entry{Access: AccessLink}},
	"followers": {Entry: Entry{Access: AccessFollowers}},
	"club":      {Entry: Entry{Access: AccessClub}},
	"pin":       {Entry: Entry{Access: AccessPIN}},
	"women":     {Entry: Entry{Access: AccessOpen, WomenOnly: true}},
	"verified":  {Entry: Entry{Access: AccessOpen, VerifiedOnly: true}},
	"full":      {Entry: Entry{Access: AccessOpen, Capacity: 2}, full: true},
	"full-pin":  {Entry: Entry{Access: AccessPIN, Capacity: 2}, full: true},
}

// tableOfDoors is as the table of permissions.
const tableOfDoors = `
                 stranger       follower      member         admitted      woman          verified       all  removed was-here       inside co-gone host-gone blocked   blocker      blocker-no
read   open      -              -             -              -             -              -              -    removed -              -      -       -         not_found blocked_here blocked_here
listen open      -              -             -              -             -              -              -    removed -              -      -       -         not_found blocked_here blocked_here
join   open      -              -             -              -             -              -              -    removed -              -      -       -         not_found blocked_here blocked_here
read   link      -              -             -              -             -              -              -    removed -              -      -       -         not_found blocked_here blocked_here
listen link      -              -             -              -             -              -              -    removed -              -      -       -         not_found blocked_here blocked_here
join   link      -              -             -              -             -              -              -    removed -              -      -       -         not_found blocked_here blocked_here
read   followers -              -             -              -             -              -              -    removed -              -      -       -         not_found blocked_here not_found
listen followers followers_only -             followers_only -             followers_only followers_only -    removed followers_only -      -       -         not_found blocked_here not_found
join   followers followers_only -             followers_only -             followers_only followers_only -    removed followers_only -      -       -         not_found blocked_here not_found
read   club      -              -             -              -             -              -              -    removed -              -      -       -         not_found blocked_here not_found
listen club      club_only      club_only     -              -             club_only      club_only      -    removed club_only      -      -       -         not_found blocked_here not_found
join   club      club_only      club_only     -              -             club_only      club_only      -    removed club_only      -      -       -         not_found blocked_here not_found
read   pin       -              -             -              -             -              -              -    removed -              -      -       -         not_found blocked_here not_found
listen pin       pin_needed     pin_needed    pin_needed     -             pin_needed     pin_needed     -    removed pin_needed     -      -       -         not_found blocked_here not_found
join   pin       pin_needed     pin_needed    pin_needed     -             pin_needed     pin_needed     -    removed pin_needed     -      -       -         not_found blocked_here not_found
read   women     women_only     women_only    women_only     women_only    -              women_only     -    removed women_only     -      -       -         not_found blocked_here not_found
listen women     women_only     women_only    women_only     women_only    -              women_only     -    removed women_only     -      -       -         not_found blocked_here not_found
join   women     women_only     women_only    women_only     women_only    -              women_only     -    removed women_only     -      -       -         not_found blocked_here not_found
read   verified  verified_only  verified_only verified_only  verified_only verified_only  -              -    removed verified_only  -      -       -         not_found blocked_here not_found
listen verified  verified_only  verified_only verified_only  verified_only verified_only  -              -    removed verified_only  -      -       -         not_found blocked_here not_found
join   verified  verified_only  verified_only verified_only  verified_only verified_only  -              -    removed verified_only  -      -       -         not_found blocked_here not_found
read   full      -              -             -              -             -              -              -    removed -              -      -       -         not_found blocked_here blocked_here
listen full      -              -             -              -             -              -              -    removed -              -      -       -         not_found blocked_here blocked_here
join   full      full           full          full           full          full           full           full removed full           -      -       -         not_found blocked_here blocked_here
read   full-pin  -              -             -              -             -              -              -    removed -              -      -       -         not_found blocked_here not_found
listen full-pin  pin_needed     pin_needed    pin_needed     -             pin_needed     pin_needed     -    removed pin_needed     -      -       -         not_found blocked_here not_found
join   full-pin  pin_needed     pin_needed    pin_needed     full          pin_needed     pin_needed     full removed pin_needed     -      -       -         not_found blocked_here not_found
`

func TestWhoComesThroughWhichDoor(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(tableOfDoors), "\n")
	columns := strings.Fields(lines[0])
	if len(columns) != len(arrivals) || len(lines) != 1+3*len(doors) {
		t.Fatalf("%d columns, %d rows", len(columns), len(lines)-1)
	}
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		if len(cells) != 2+len(columns) {
			t.Fatalf("%d cells: %s", len(cells), line)
		}
		do := map[string]action{"read": actionRead, "listen": actionListen, "join": actionJoin}[cells[0]]
		at, known := doors[cells[1]]
		if !known {
			t.Fatal(line)
		}
		for i, who := range columns {
			by, known := arrivals[who]
			if !known {
				t.Fatal(who)
			}
			if got := refusal(can(by, do, target{door: at})); got != cells[2+i] {
				t.Errorf("%s: %s at %s: %s, not %s", who, names[do], cells[1], got, cells[2+i])
			}
		}
	}
}

func TestWhatAHostAsksOfOthersTheyAreThemselves(t *testing.T) {
	for _, c := range []struct {
		by     person
		wanted Entry
		want   string
	}{
		{person{role: Host}, Entry{WomenOnly: true}, "women_host"},
		{person{role: Host, woman: true}, Entry{WomenOnly: true}, "-"},
		{person{role: Host, woman: true}, Entry{WomenOnly: true, VerifiedOnly: true}, "verified_host"},
		{person{role: Host, verified: true}, Entry{VerifiedOnly: true}, "-"},
		{person{role: CoHost, present: true, woman: true, verified: true}, Entry{}, "host_only"},
	} {
		if got := refusal(can(c.by, actionSetEntry, target{wanted: c.wanted})); got != c.want {
			t.Errorf("%+v wants %+v: %s, not %s", c.by, c.wanted, got, c.want)
		}
	}
}

func TestWhereEverybodyHasASeatNobodyIsMovedToTheAudience(t *testing.T) {
	host, speaker := person{role: Host, present: true}, person{role: Speaker, known: true, present: true, seated: true}
	if got := refusal(can(host, actionMoveToAudience, target{person: speaker, door: door{noAudience: true}})); got != "no_audience" {
		t.Error(got)
	}
	if err := can(host, actionRemove, target{person: speaker, door: door{noAudience: true}}); err != nil {
		t.Error(err)
	}
}
