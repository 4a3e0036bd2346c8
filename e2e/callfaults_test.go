package e2e

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/centrifugal/centrifuge-go"
	"github.com/google/uuid"
)

// clockWithin is the promised accuracy of the clients' clocks.
const clockWithin = 300 * time.Millisecond

// ends returns the end of a live call by the client's clock. The client estimates the
// server's clock from the fastest response.
func (p *person) ends(id string) time.Time {
	var at time.Time
	best := time.Hour
	for range 5 {
		sent := time.Now()
		c := p.call(id)
		if took := time.Since(sent); took < best {
			best = took
			at = sent.Add(took / 2).Add(time.Duration(c.DeadlineAt-c.Now) * time.Millisecond)
		}
	}
	return at
}

// hearsOf counts the events of one call that a person receives, also over restarts of
// the server.
func (p *person) hearsOf(t *testing.T, id string) (told func() int) {
	t.Helper()
	var mu sync.Mutex
	n := 0
	c := centrifuge.NewJsonClient(p.at.socketURL()+"/realtime", centrifuge.Config{
		Header: http.Header{"Authorization": {"Bearer " + p.token}}, MinReconnectDelay: 50 * time.Millisecond, MaxReconnectDelay: 500 * time.Millisecond,
	})
	t.Cleanup(c.Close)
	c.OnPublication(func(e centrifuge.ServerPublicationEvent) {
		if bytes.Contains(e.Data, []byte(`"call"`)) && bytes.Contains(e.Data, []byte(id)) {
			mu.Lock()
			defer mu.Unlock()
			n++
		}
	})
	if err := c.Connect(); err != nil {
		t.Fatal(err)
	}
	return func() int {
		mu.Lock()
		defer mu.Unlock()
		return n
	}
}

// The server dies with calls in four states: live, accepted by both, accepted by one, and
// accepted by one whose partner never accepts.
func TestEveryCallGoesOnWhereItWasAfterTheServersDeath(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.datables(t, "Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gwen", "Hugo")
	ada, ben, cleo, dan, eve, finn, gwen, hugo := p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7]
	db := openRows(t, s)

	live, adas, bens := talking(ada, ben)
	before := map[*person]time.Time{ada: ada.ends(live), ben: ben.ends(live)}
	silent := asked(gwen, hugo)
	told := map[*person]func() int{gwen: gwen.hearsOf(t, silent), hugo: hugo.hearsOf(t, silent)}
	half := asked(eve, finn)
	yes := asked(cleo, dan)
	gwen.says(silent, "accept")
	eve.says(half, "accept")
	cleo.says(yes, "accept")
	dan.says(yes, "accept")
	s.kill()
	for _, l := range []*connection{adas, bens} {
		l.hangUp()
	}
	s.run(t)
	back := time.Now()
	db.sound(t)

	// Whose answer was awaited gives it.
	if c := finn.call(half); c.State != "proposed" || c.Accepted {
		t.Errorf("Finn was asked, and now it is %+v", c)
	}
	finn.says(half, "accept")
	for _, who := range []*person{eve, finn} {
		if c := who.call(half); c.State != "connecting" || !c.Accepted {
			t.Errorf("both said yes, and %s sees %+v", who.name, c)
		}
	}
	// Who had both said yes gets to talk.
	for _, who := range []*person{cleo, dan} {
		if c := who.call(yes); c.State != "connecting" {
			t.Errorf("both had said yes, and %s sees %+v", who.name, c)
		}
	}
	cleos, dans := cleo.pick(yes), dan.pick(yes)
	hearEachOther(yes, cleos, dans)
	t.Logf("who had just said yes talk %s after the server was back", time.Since(back).Round(time.Millisecond))
	oneEnds(t, yes, dan, cleo, cleos, dans)

	// Who talked goes on talking, and no second is lost or won.
	for who, was := range before {
		c := who.call(live)
		if off := who.ends(live).Sub(was); c.State != "live" || off.Abs() > clockWithin {
			t.Errorf("%s: it is %s, and ends %s otherwise than before", who.name, c.State, off)
		}
	}
	adas, bens = ada.pick(live).mustSpeak(440), ben.pick(live).mustSpeak(1000)
	adas.mustHear(1000)
	bens.mustHear(440)
	t.Logf("who talked hear each other again %s after the server was back", time.Since(back).Round(time.Millisecond))
	eventually(t, 10*time.Second, "nobody is away any more", func() bool { return !ada.call(live).TheyAway && !ben.call(live).TheyAway })
	was := ada.ends(live)
	ada.says(live, "extend")
	if c := ben.says(live, "extend"); c.Extensions != 1 || c.State != "live" {
		t.Errorf("both asked for more: %+v", c)
	}
	for _, who := range []*person{ada, ben} {
		if off := who.ends(live).Sub(was) - 3*time.Minute; off.Abs() > clockWithin {
			t.Errorf("%s has three minutes more, and %s", who.name, off)
		}
	}
	oneEnds(t, live, ada, ben, adas, bens)
	for _, who := range []*person{ada, ben} {
		who.chooses(live, "heart")
	}
	if !ada.call(live).Matched || !ben.call(live).Matched {
		t.Error("two hearts, and no match")
	}

	// Whose answer never comes is told so, and the other looks on.
	eventually(t, 20*time.Second, "nobody waits for Hugo any more", func() bool {
		for _, who := range []*person{gwen, hugo} {
			who.do("PUT", "/api/call/queue", nil, nil) // their clients are there
		}
		return gwen.call(silent).State == "ended"
	})
	oneOutcome(t, silent, "nothing", gwen, hugo)
	for who, n := range told {
		eventually(t, 5*time.Second, who.name+" is told", func() bool { return n() > 0 })
		eventually(t, 5*time.Second, who.name+" looks on", func() bool { l := who.queue(); return l.Waiting && l.Call == nil })
	}
	eve.says(half, "leave")
	oneOutcome(t, half, "left", eve, finn)
	for _, who := range p {
		who.do("DELETE", "/api/call/queue", nil, nil)
	}
	db.sound(t)
	var left int
	db.one(t, []any{&left}, `SELECT (SELECT COUNT(*) FROM tickets) + (SELECT COUNT(*) FROM call_sides WHERE open)`)
	if left != 0 {
		t.Errorf("%d are still looking or in a call", left)
	}
}

// oneEnds ends the call by one side, and checks what both receive.
func oneEnds(t *testing.T, id string, by, other *person, lines ...*connection) {
	t.Helper()
	by.says(id, "leave")
	for _, l := range lines {
		l.hangUp()
	}
	oneOutcome(t, id, "left", by, other)
	if !by.call(id).EndedByMe || other.call(id).EndedByMe {
		t.Errorf("%s hung up, and it was not them", by.name)
	}
}

// Both accept on two devices each, and the server dies meanwhile. Requests without a
// response are repeated.
func TestADeathBetweenTwoYesesLeavesOneCall(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.datables(t, "Ada", "Ben")
	ada, ben := p[0], p[1]
	db := openRows(t, s)
	states := map[string]int{}
	for round := range 6 {
		id := asked(ada, ben)
		var yes sync.WaitGroup
		keys := map[string]*person{}
		for _, who := range []*person{ada, ben, ada, ben} {
			key := uuid.NewString()
			keys[key] = who
			yes.Add(1)
			go func() {
				defer yes.Done()
				_, _ = who.send("POST", "/api/calls/"+id+"/accept", "", key)
			}()
		}
		time.Sleep(time.Duration(rand.IntN(8000)) * time.Microsecond)
		s.kill()
		yes.Wait()
		s.run(t)
		db.sound(t)
		states[fmt.Sprintf("%s, of Ada %t, of Ben %t", ada.call(id).State, ada.call(id).Accepted, ben.call(id).Accepted)]++
		for key, who := range keys {
			r, err := who.send("POST", "/api/calls/"+id+"/accept", "", key)
			if err != nil || r.status != 200 && r.problem().Code != "command.applied" {
				t.Fatalf("round %d: %s asks again: %v %d %s", round, who.name, err, r.status, r.text)
			}
		}
		for _, who := range []*person{ada, ben} {
			if c := who.call(id); c.State != "connecting" || !c.Accepted {
				t.Errorf("round %d: %s sees %+v", round, who.name, c)
			}
		}
		ben.says(id, "leave")
		oneOutcome(t, id, "left", ada, ben)
		for _, who := range []*person{ada, ben} {
			who.do("DELETE", "/api/call/queue", nil, nil)
		}
		db.sound(t)
	}
	t.Logf("found after the deaths: %v", states)
}

// Two calls, half a sweep interval apart: the block acts before the sweep does.
func TestABlockInACallSilencesAtOnce(t *testing.T) {
	s := start(t)
	p := s.datables(t, "Ada", "Ben", "Cleo", "Dan")
	type couple struct {
		id    string
		lines map[*connection]*person // and whom each hears
		sent  time.Time
	}
	var couples []*couple
	for _, two := range [][]*person{p[:2], p[2:]} {
		id, a, b := talking(two[0], two[1])
		defer a.hangUp()
		defer b.hangUp()
		couples = append(couples, &couple{id: id, lines: map[*connection]*person{a: two[1], b: two[0]}})
	}
	for i, c := range couples {
		time.Sleep(time.Until(couples[0].sent.Add(500 * time.Millisecond))) // the first does not wait
		c.sent = time.Now()
		p[2*i].do("PUT", "/api/people/"+p[2*i+1].id+"/block", nil, nil)
	}
	time.Sleep(1500 * time.Millisecond)
	for i, c := range couples {
		for l, other := range c.lines {
			last := l.lastFrom(other)
			if last.IsZero() {
				t.Fatalf("%s never heard %s", l.who.name, other.name)
			}
			took := last.Sub(c.sent)
			t.Logf("%s: last sound %s after the block", l.who.name, took.Round(time.Millisecond))
			if took > silentWithin {
				t.Errorf("%s is still heard %s after the block", other.name, took)
			}
		}
		oneOutcome(t, c.id, "left", p[2*i], p[2*i+1])
	}
}
