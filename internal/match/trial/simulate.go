package trial

import (
	"math/rand/v2"
	"slices"
	"time"

	"heyy/internal/discovery"
	"heyy/internal/match/pool"
)

// Ticket is somebody who came at a moment, and leaves at another if nobody was
// found by then. Moments are counted from Start.
type Ticket struct {
	ID     int32 // from 0, in the order of coming
	Who    *Somebody
	Waiter pool.Waiter // under a name of its own
	Came   time.Duration
	Leaves time.Duration

	apart discovery.Person // Waiter's, without a region
	gone  bool             // out of a crowd
}

// Matchmaker is what is tried. It is told who comes and who gives up, and asked
// for pairs when it wants to be. Who was proposed to somebody is gone.
type Matchmaker interface {
	Come(now time.Duration, t *Ticket)
	GiveUp(now time.Duration, t *Ticket)
	Next() time.Duration // when to ask it for pairs; Never for not before something happens
	Pairs(now time.Duration) [][2]int32
}

// Never is later than everything.
const Never = time.Duration(1<<63 - 1)

// Workload is how people come: at random moments (Poisson), so many per second.
type Workload struct {
	Rate     float64       // people per second
	People   int           // that come in all
	Patience time.Duration // after which somebody gives up
	Seed     uint64
}

// Wait is how long people waited, in seconds. Quantiles are of those who found
// somebody. They cannot tell how many never did: a matchmaker that forgets the
// old has good ones. So the mean is of all, with who gave up at their patience.
type Wait struct {
	People  int     `json:"people"`
	Matched float64 `json:"matched"` // share
	P50     float64 `json:"p50_s"`
	P99     float64 `json:"p99_s"`
	Mean    float64 `json:"mean_of_all_s"`
	Late    float64 `json:"matched_after_30s"` // share of those who had nobody after 30 s
}

// Outcome is what a trial came to.
type Outcome struct {
	All        Wait    `json:"all"`
	Smallest   Wait    `json:"smallest_group"` // of the groups of Somebody.Group
	Second     float64 `json:"second_p95_s"`   // from the coming of the later of a pair to the proposal
	Score      float64 `json:"mean_score"`     // of pairs: discovery.Affinity, 0 to 1
	Violations int     `json:"violations"`     // pairs that break a hard rule
	Twice      int     `json:"twice"`          // proposed while not waiting any more
}

// Simulate lets people come, wait and go: these, in any order, again and again.
// It has a clock of its own: an hour takes as long as the matchmaker needs.
func Simulate(w Workload, people []Somebody, m Matchmaker) (o Outcome) {
	r := rand.New(rand.NewPCG(w.Seed, 0x747269616c))
	tickets := make([]Ticket, w.People)
	var now time.Duration
	for i := range tickets {
		now += time.Duration(r.ExpFloat64() / w.Rate * float64(time.Second))
		who := &people[r.IntN(len(people))]
		t := Ticket{ID: int32(i), Who: who, Waiter: who.Waiter(Name(i), Start.Add(now)), Came: now, Leaves: now + w.Patience}
		t.apart = t.Waiter.Person
		t.apart.Cell = 0
		tickets[i] = t
	}
	const waiting = -1
	waited := make([]time.Duration, w.People) // or waiting
	for i := range waited {
		waited[i] = waiting
	}
	var came, left int
	var second []time.Duration
	now = 0
	for left < len(tickets) {
		next, at := m.Next(), Never
		if came < len(tickets) {
			at = tickets[came].Came
		}
		switch gone := tickets[left].Leaves; {
		case next <= at && next <= gone && next != Never:
			now = max(now, next)
			for _, p := range m.Pairs(now) {
				a, b := &tickets[p[0]], &tickets[p[1]]
				if a == b || waited[a.ID] != waiting || waited[b.ID] != waiting || a.Leaves < now || b.Leaves < now {
					o.Twice++
					continue
				}
				if !Fits(a.Who, b.Who, Start.Add(now)) {
					o.Violations++
				}
				waited[a.ID], waited[b.ID] = now-a.Came, now-b.Came
				second = append(second, min(now-a.Came, now-b.Came))
				o.Score += discovery.Affinity(&a.Waiter.Person, &b.Waiter.Person, discovery.DayOf(Start.Add(now)))
			}
		case at <= gone:
			now = at
			m.Come(now, &tickets[came])
			came++
		default:
			now = gone
			if waited[left] == waiting {
				m.GiveUp(now, &tickets[left])
			}
			left++
		}
	}
	if len(second) > 0 {
		o.Score /= float64(len(second))
	}
	slices.Sort(second)
	o.Second = quantile(second, 95)
	var size [groups]int
	for i := range tickets {
		size[tickets[i].Who.Group()]++
	}
	smallest := slices.Index(size[:], slices.Min(size[:]))
	o.All = waitOf(waited, w.Patience)
	var few []time.Duration
	for i := range tickets {
		if tickets[i].Who.Group() == smallest {
			few = append(few, waited[i])
		}
	}
	o.Smallest = waitOf(few, w.Patience)
	return o
}

func waitOf(waited []time.Duration, patience time.Duration) (w Wait) {
	var found []time.Duration
	var late, lateFound int
	for _, d := range waited {
		if d >= 0 {
			found = append(found, d)
			w.Mean += d.Seconds()
		} else {
			w.Mean += patience.Seconds()
		}
		if d < 0 || d > 30*time.Second {
			late++
			if d >= 0 {
				lateFound++
			}
		}
	}
	w.People = len(waited)
	w.Mean /= max(1, float64(len(waited)))
	w.Matched = float64(len(found)) / max(1, float64(len(waited)))
	w.Late = float64(lateFound) / max(1, float64(late))
	slices.Sort(found)
	w.P50, w.P99 = quantile(found, 50), quantile(found, 99)
	return w
}

// quantile is that of a sorted list, in hundredths, as seconds.
func quantile(sorted []time.Duration, hundredths int) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[(len(sorted)-1)*hundredths/100].Seconds()
}
