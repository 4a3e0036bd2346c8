package e2e

import (
	"testing"
	"time"
)

// callView is a call as one of the two sees it.
type callView struct {
	ID         string
	State      string
	Person     struct{ ID string }
	Accepted   bool
	DeadlineAt int64 `json:"deadline_at"`
	BackBy     int64 `json:"back_by"`
	TheyAway   bool  `json:"they_away"`
	TheyBackBy int64 `json:"they_back_by"`
	Extensions int
	EndedAt    int64  `json:"ended_at"`
	EndReason  string `json:"end_reason"`
	EndedByMe  bool   `json:"ended_by_me"`
	ChooseBy   int64  `json:"choose_by"`
	Matched    bool
	Now        int64
}

type queueView struct {
	Waiting bool
	Call    *callView
}

func (p *person) queue() (l queueView) {
	p.do("GET", "/api/call", nil, &l)
	return l
}

var tonight = map[string][]string{"intents": {}, "languages": {}}

// enter enters the queue.
func (p *person) enter() { p.do("POST", "/api/call/queue", tonight, nil) }

func (p *person) call(id string) (c callView) {
	p.do("GET", "/api/calls/"+id, nil, &c)
	return c
}

// says sends one of the commands without a body: accept, hears, more, leave.
func (p *person) says(id, what string) (c callView) {
	p.do("POST", "/api/calls/"+id+"/"+what, nil, &c)
	return c
}

func (p *person) chooses(id, choice string) (c callView) {
	p.do("PUT", "/api/calls/"+id+"/choice", map[string]string{"choice": choice}, &c)
	return c
}

// pass requests a new join of a call's audio, which voids the older ones.
func (p *person) pass(id string) (token string) {
	var j struct{ Media struct{ Token string } }
	p.do("POST", "/api/calls/"+id+"/join", nil, &j)
	return j.Media.Token
}

// pick connects to the audio of a call.
func (p *person) pick(id string) *connection {
	l, err := connect(p.t, p, p.pass(id))
	if err != nil {
		p.t.Fatalf("%s: audio: %v", p.name, err)
	}
	return l
}

// mustSpeak publishes a tone, for which both must have accepted.
func (l *connection) mustSpeak(hz int) *connection {
	if err := l.speak(hz); err != nil {
		l.t.Fatalf("%s: speak: %v", l.who.name, err)
	}
	return l
}

// asked returns two people with a proposal for each other.
func asked(a, b *person) (id string) {
	a.enter()
	b.enter()
	eventually(a.t, 10*time.Second, a.name+" and "+b.name+" are proposed to each other", func() bool {
		x, y := a.queue().Call, b.queue().Call
		if x == nil || y == nil || x.ID != y.ID || x.State != "proposed" {
			return false
		}
		id = x.ID
		return true
	})
	return id
}

// talking returns two people in a live call, who hear each other's tones.
func talking(a, b *person) (id string, at, bt *connection) {
	id = asked(a, b)
	at, bt = a.pick(id), b.pick(id)
	a.says(id, "accept")
	b.says(id, "accept")
	hearEachOther(id, at, bt)
	if c := a.call(id); c.State != "live" {
		a.t.Fatalf("they hear each other, and it is %+v", c)
	}
	return id, at, bt
}

// hearEachOther makes two connected people publish, and waits until both hear the other.
func hearEachOther(id string, a, b *connection) {
	a.mustSpeak(440)
	b.mustSpeak(1000)
	a.mustHear(1000)
	b.mustHear(440)
	a.who.says(id, "audio-received")
	b.who.says(id, "audio-received")
}

// datables returns members who all fit each other.
func (s *server) datables(t *testing.T, names ...string) []*person {
	t.Helper()
	all := make([]*person, len(names))
	for i, name := range names {
		all[i] = s.datable(t, name, []string{"woman", "man"}[i%2])
	}
	return all
}

// oneOutcome checks that a call has ended for both, with the same result.
func oneOutcome(t *testing.T, id, why string, a, b *person) {
	t.Helper()
	x, y := a.call(id), b.call(id)
	if x.State != "ended" || y.State != "ended" || x.EndReason != why || y.EndReason != why || x.EndedAt != y.EndedAt || x.ChooseBy != y.ChooseBy || x.EndedByMe && y.EndedByMe {
		t.Errorf("%s and %s are told, not %q alike:\n%+v\n%+v", a.name, b.name, why, x, y)
	}
}

// sound checks the invariants of all calls.
func (d rows) sound(t *testing.T) {
	t.Helper()
	for what, query := range map[string]string{
		"people in two calls at once":                    `SELECT COUNT(*) FROM (SELECT 1 FROM call_sides s JOIN calls c ON c.id = s.call_id WHERE c.state <> 'ended' GROUP BY s.account_id HAVING COUNT(*) > 1)`,
		"calls with one who is in it and one who is not": `SELECT COUNT(*) FROM calls c WHERE (SELECT COUNT(*) FROM call_sides s WHERE s.call_id = c.id AND s.open) NOT IN (CASE WHEN c.state = 'ended' THEN 0 ELSE 2 END)`,
		"calls that wait for nothing":                    `SELECT COUNT(*) FROM calls WHERE state <> 'ended' AND deadline_at IS NULL`,
		"tickets for a call of others":                   `SELECT COUNT(*) FROM tickets t WHERE t.call_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM call_sides s WHERE s.call_id = t.call_id AND s.account_id = t.account_id)`,
	} {
		var n int
		d.one(t, []any{&n}, query)
		if n != 0 {
			t.Errorf("%d %s", n, what)
		}
	}
}
