package simulation

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"

	"heyy/internal/meet/discovery"
	"heyy/internal/meet/matchmaking/pool"
)

// Arrival is a person who enters at one time, and leaves at another if nobody was
// found by then. Times are relative to Start.
type Arrival struct {
	ID        int32 // from 0, in the order of arrival
	Who       *SyntheticPerson
	Ticket    pool.Ticket // with an account id of its own
	ArrivesAt time.Duration
	LeavesAt  time.Duration

	withoutRegion discovery.Person // Ticket.Person without its region, see score
	removed       bool             // removed from a peerIndex
}

// Matchmaker is an algorithm under test. Simulate tells it who arrives and who
// abandons the queue, and asks for pairs at the times it names. Paired people
// have left.
type Matchmaker interface {
	Arrive(now time.Duration, t *Arrival)
	Abandon(now time.Duration, t *Arrival)
	Next() time.Duration // when to ask for pairs; Never: not before the next arrival
	Pairs(now time.Duration) [][2]int32
}

// Never is later than everything.
const Never = time.Duration(1<<63 - 1)

// Workload is a Poisson process of arrivals.
type Workload struct {
	Rate     float64 // arrivals per second
	People   int     // arrivals in total
	Patience Patience
	Seed     uint64
}

// Wait is a distribution of waiting times, in seconds. Quantiles are of matched
// people. They hide how many were never matched: a matchmaker that forgets old
// tickets has good ones. So the mean is of all, with the patience of those who
// gave up.
type Wait struct {
	People  int     `json:"people"`
	Matched float64 `json:"matched"` // share
	P50     float64 `json:"p50_s"`
	P99     float64 `json:"p99_s"`
	Mean    float64 `json:"mean_of_all_s"`
	Late    float64 `json:"matched_after_30s"` // share matched of those who still waited after 30 s
}

// Outcome is the result of a simulation.
type Outcome struct {
	All        Wait    `json:"all"`
	Smallest   Wait    `json:"smallest_group"` // the smallest group of SyntheticPerson.Group
	SecondWait float64 `json:"second_p95_s"`   // from the arrival of the later of a pair to the proposal
	Score      float64 `json:"mean_score"`     // mean discovery.Affinity of pairs, 0 to 1
	Violations int     `json:"violations"`     // pairs that break a hard rule
	Duplicates int     `json:"twice"`          // people proposed who no longer waited
}

// Simulate runs a workload of arrivals, drawn at random from people, against m.
// It has a clock of its own: an hour takes as long as the matchmaker needs.
func Simulate(w Workload, people []SyntheticPerson, m Matchmaker) (o Outcome) {
	r := rand.New(rand.NewPCG(w.Seed, 0x747269616c))
	patience := rand.New(rand.NewPCG(w.Seed, 0x7061746965)) // a separate source, so that all patiences have the same arrivals
	tickets := make([]Arrival, w.People)
	leaving := make([]int32, w.People) // arrivals in the order of giving up
	var now time.Duration
	for i := range tickets {
		now += time.Duration(r.ExpFloat64() / w.Rate * float64(time.Second))
		who := &people[r.IntN(len(people))]
		t := Arrival{ID: int32(i), Who: who, Ticket: who.Ticket(Name(i), Start.Add(now)), ArrivesAt: now, LeavesAt: now + w.Patience.draw(patience)}
		t.withoutRegion = t.Ticket.Person
		t.withoutRegion.Cell = 0
		tickets[i], leaving[i] = t, int32(i)
	}
	slices.SortStableFunc(leaving, func(a, b int32) int { return cmp.Compare(tickets[a].LeavesAt, tickets[b].LeavesAt) })
	const waiting = -1
	waited := make([]time.Duration, w.People) // or waiting, a sentinel
	for i := range waited {
		waited[i] = waiting
	}
	var came, left int
	var second []time.Duration
	now = 0
	for left < len(tickets) {
		next, at := m.Next(), Never
		if came < len(tickets) {
			at = tickets[came].ArrivesAt
		}
		last := &tickets[leaving[left]]
		switch gone := last.LeavesAt; {
		case next <= at && next <= gone && next != Never:
			now = max(now, next)
			for _, p := range m.Pairs(now) {
				a, b := &tickets[p[0]], &tickets[p[1]]
				if a == b || waited[a.ID] != waiting || waited[b.ID] != waiting || a.LeavesAt < now || b.LeavesAt < now {
					o.Duplicates++
					continue
				}
				if !Fits(a.Who, b.Who, Start.Add(now)) {
					o.Violations++
				}
				waited[a.ID], waited[b.ID] = now-a.ArrivesAt, now-b.ArrivesAt
				second = append(second, min(now-a.ArrivesAt, now-b.ArrivesAt))
				o.Score += discovery.Affinity(&a.Ticket.Person, &b.Ticket.Person, discovery.DayOf(Start.Add(now)))
			}
		case at <= gone:
			now = at
			m.Arrive(now, &tickets[came])
			came++
		default:
			now = gone
			if waited[last.ID] == waiting {
				m.Abandon(now, last)
			}
			left++
		}
	}
	if len(second) > 0 {
		o.Score /= float64(len(second))
	}
	slices.Sort(second)
	o.SecondWait = quantile(second, 95)
	var size [groups]int
	for i := range tickets {
		size[tickets[i].Who.Group()]++
	}
	smallest := slices.Index(size[:], slices.Min(size[:]))
	o.All = waitStats(tickets, waited, func(*Arrival) bool { return true })
	o.Smallest = waitStats(tickets, waited, func(t *Arrival) bool { return t.Who.Group() == smallest })
	return o
}

// waitStats returns the distribution of some arrivals; unmatched ones count until
// they left.
func waitStats(tickets []Arrival, waited []time.Duration, of func(*Arrival) bool) (w Wait) {
	var found []time.Duration
	var late, lateFound int
	for i := range tickets {
		t := &tickets[i]
		if !of(t) {
			continue
		}
		w.People++
		d := waited[i]
		if d >= 0 {
			found = append(found, d)
		} else {
			d = t.LeavesAt - t.ArrivesAt
		}
		w.Mean += d.Seconds()
		if d > 30*time.Second {
			late++
			if waited[i] >= 0 {
				lateFound++
			}
		}
	}
	w.Mean /= max(1, float64(w.People))
	w.Matched = float64(len(found)) / max(1, float64(w.People))
	w.Late = float64(lateFound) / max(1, float64(late))
	slices.Sort(found)
	w.P50, w.P99 = quantile(found, 50), quantile(found, 99)
	return w
}

// quantile returns a percentile of a sorted list, in seconds.
func quantile(sorted []time.Duration, hundredths int) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[(len(sorted)-1)*hundredths/100].Seconds()
}
