package e2e

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestAttackers runs every script of testdata/attacker. They share a server and
// nothing else.
func TestAttackers(t *testing.T) {
	s := start(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/attacker",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Values[worldKey{}] = &world{
				server: s, key: e.WorkDir, people: map[string]*person{}, rooms: map[string]string{}, lines: map[string]*connection{},
			}
			e.Defer(func() { e.Values[worldKey{}].(*world).close() })
			e.Setenv("url", s.url())
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"people":   with(makePeople),
			"newcomer": with(makeNewcomer),
			"open":     with(openRoom),
			"join":     with(joinRoom),
			"says":     with(says),
			"forge":    with(forge),
			"refresh":  with(refresh),
			"knock":    with(knock),
			"socket":   with(socket),
			"line":     with(openLine),
			"speak":    with(speak),
			"hears":    with(hears),
			"present":  with(present),
			"member":   with(makeMember),
			"device":   with(makeDevice),
			"listen":   with(listenTo),
			"delete":   with(deleteSession),
			"refused":  with(countRefused),
		},
	})
}

// world is the state of one script.
type world struct {
	*server
	key    string
	people map[string]*person
	rooms  map[string]string
	lines  map[string]*connection

	refusals int // of requests to listen, and to end sessions
}

type worldKey struct{}

func (w *world) close() {
	for _, l := range w.lines {
		l.hangUp()
	}
}

// act is a command of a script. neg means that it has to fail.
type act struct {
	*testscript.TestScript
	*world
	neg  bool
	args []string
}

func with(do func(a act)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		do(act{ts, ts.Value(worldKey{}).(*world), neg, args})
	}
}

func (a act) need(n int, usage string) {
	if len(a.args) < n {
		a.Fatalf("usage: %s", usage)
	}
}

func (a act) person(name string) *person {
	p := a.people[name]
	if p == nil {
		a.Fatalf("who is %s?", name)
	}
	c := *p
	c.t = a.TestScript
	return &c
}

func (a act) room(name string) string {
	r := a.rooms[name]
	if r == "" {
		a.Fatalf("which room is %s?", name)
	}
	return r
}

// checkResult prints the result of a command and fails if it contradicts neg.
func (a act) checkResult(r reply) {
	_, _ = fmt.Fprintf(a.Stdout(), "%d %s\n", r.status, r.problem().Code)
	if ok := r.status/100 == 2; ok == a.neg {
		a.Fatalf("%d %s", r.status, r.text)
	}
}

func makePeople(a act) {
	for i, p := range a.server.people(a.TestScript, a.key, a.args...) {
		a.world.people[a.args[i]] = p
	}
}

// newcomer NAME signs in with a code, without completing the sign-up.
func makeNewcomer(a act) {
	a.need(1, "newcomer NAME")
	a.world.people[a.args[0]] = a.server.newcomer(a.TestScript, a.args[0])
}

// open NAME ROOM
func openRoom(a act) {
	a.need(2, "open NAME ROOM")
	a.rooms[a.args[1]] = a.person(a.args[0]).open(a.args[1])
}

// join NAME ROOM [VARIABLE] stores the join's token for the media server in VARIABLE: that of
// the seat, or else of who is about to take one.
func joinRoom(a act) {
	a.need(2, "join NAME ROOM [VARIABLE]")
	p, room := a.person(a.args[0]), a.room(a.args[1])
	if a.neg {
		a.checkResult(p.try("POST", "/api/rooms/"+room+"/join", nil))
		return
	}
	if len(a.args) > 2 {
		a.Setenv(a.args[2], p.admitted(room))
		return
	}
	p.join(room)
}

// says NAME WHAT ROOM [WHOM] sends one command over HTTP.
func says(a act) {
	a.need(3, "says NAME sit|stand|mute|unmute|leave|end|sign-out|move-to-audience|allow-to-speak|remove|block ROOM [WHOM]")
	p, at := a.person(a.args[0]), "/api/rooms/"+a.room(a.args[2])
	switch what := a.args[1]; what {
	case "sit":
		a.checkResult(p.try("PUT", at+"/seat", struct{}{}))
	case "stand":
		a.checkResult(p.try("DELETE", at+"/seat", nil))
	case "mute", "unmute":
		a.checkResult(p.try("PUT", at+"/microphone", map[string]bool{"muted": what == "mute"}))
	case "leave", "end":
		a.checkResult(p.try("POST", at+"/"+what, nil))
	case "sign-out":
		a.checkResult(p.try("POST", "/api/sign-out", nil))
	case "block":
		a.need(4, "says NAME block ROOM WHOM")
		a.checkResult(p.try("PUT", "/api/people/"+a.person(a.args[3]).id+"/block", nil))
	case "move-to-audience", "allow-to-speak", "remove":
		a.need(4, "says NAME "+what+" ROOM WHOM")
		a.checkResult(p.try("POST", at+"/people/"+a.person(a.args[3]).id+"/"+what, nil))
	default:
		a.Fatalf("nobody can say %s", what)
	}
}

// line NAME TOKEN opens an audio connection.
func openLine(a act) {
	a.need(2, "line NAME TOKEN")
	p := *a.people[a.args[0]]
	p.t = a.TestScript
	l, err := connect(a.TestScript, &p, a.args[1])
	if (err == nil) == a.neg {
		a.Fatalf("%s connects: %v", p.name, err)
	}
	if l == nil {
		return
	}
	if old := a.lines[p.name]; old != nil {
		old.hangUp()
	}
	a.lines[p.name] = l
}

// member NAME signs up.
func makeMember(a act) {
	a.need(1, "member NAME")
	a.world.people[a.args[0]] = a.server.member(a.TestScript, a.args[0])
}

// device NAME OF signs a member in once more, on another device; NAME acts there.
func makeDevice(a act) {
	a.need(2, "device NAME OF")
	a.world.people[a.args[0]] = a.person(a.args[1]).device()
}

// listen NAME ROOM [times=N] [offer=TEXT] [token=TOKEN] [query=QUERY] posts an offer to hear a
// room, and connects with the answer. "! listen" wants every one of N times to be refused, and prints
// the last answer.
func listenTo(a act) {
	a.need(2, "listen NAME ROOM [times=N] [offer=TEXT] [token=TOKEN] [query=QUERY]")
	p, room, times, offer, query := a.person(a.args[0]), a.room(a.args[1]), 1, "", asMember
	for _, o := range a.args[2:] {
		switch name, value, _ := strings.Cut(o, "="); name {
		case "times":
			n, err := strconv.Atoi(value)
			a.Check(err)
			times = n
		case "offer":
			offer = value
		case "token":
			p.token = value
		case "query":
			query = "?" + value
		}
	}
	if !a.neg {
		l := p.mustListen(room, query)
		if old := a.lines[a.args[0]]; old != nil {
			old.hangUp()
		}
		a.lines[a.args[0]] = l
		return
	}
	w, err := newWHEP(nil)
	a.Check(err)
	defer w.hangUp()
	if offer == "" {
		offer = w.offer
	}
	for i := range times {
		r, location := p.post(room, query, offer)
		if r.status/100 == 2 || location != "" || strings.Contains(string(r.text), "v=0") {
			a.Fatalf("%s may listen: %d %s", p.name, r.status, r.text)
		}
		a.refusals++
		if i == times-1 {
			_, _ = fmt.Fprintf(a.Stdout(), "%d %s\n", r.status, r.problem().Code)
		}
	}
}

// delete NAME OF [ROOM] [times=N] ends the session of OF, at the path of ROOM. "! delete"
// wants every one of N times to be refused, and prints the last answer.
func deleteSession(a act) {
	a.need(2, "delete NAME OF [ROOM] [times=N]")
	p, l, times := a.person(a.args[0]), a.lines[a.args[1]], 1
	at := l.whep.url
	for _, o := range a.args[2:] {
		if n, ok := strings.CutPrefix(o, "times="); ok {
			var err error
			times, err = strconv.Atoi(n)
			a.Check(err)
			continue
		}
		at = "/api/rooms/" + a.room(o) + at[strings.LastIndex(at, "/listen/"):]
	}
	for i := range times {
		r, _ := p.exchange("DELETE", at, "", "")
		if ok := r.status/100 == 2; ok == a.neg {
			a.Fatalf("%s ends the session: %d %s", p.name, r.status, r.text)
		}
		if a.neg {
			a.refusals++
		}
		if i == times-1 {
			_, _ = fmt.Fprintf(a.Stdout(), "%d %s\n", r.status, r.problem().Code)
		}
	}
}

// refused N wants at least N requests of listen and delete to have been refused.
func countRefused(a act) {
	a.need(1, "refused N")
	if n := a.number(0); a.refusals < n {
		a.Fatalf("%d requests were refused, not %d", a.refusals, n)
	}
	a.Logf("%d requests were refused", a.refusals)
}

// speak NAME HZ sends a tone. With ! the media server takes no track.
func speak(a act) {
	a.need(2, "speak NAME HZ")
	l, hz := a.lines[a.args[0]], a.number(1)
	done := make(chan error, 1)
	go func() { done <- l.speak(hz) }()
	select {
	case err := <-done:
		if (err == nil) == a.neg {
			a.Fatalf("%s speaks: %v", a.args[0], err)
		}
	case <-time.After(2 * time.Second): // what is not allowed is not answered
		if !a.neg {
			a.Fatalf("the media server takes no track of %s", a.args[0])
		}
	}
}

// hears NAME HZ. With ! nothing arrives at all, for a second.
func hears(a act) {
	a.need(2, "hears NAME HZ")
	l, hz := a.lines[a.args[0]], a.number(1)
	if !a.neg {
		l.mustHear(hz)
		return
	}
	time.Sleep(silentWithin)
	begin := time.Now()
	time.Sleep(time.Second)
	if l.anything(begin) {
		a.Fatalf("sound arrives at %s; %.2f of it is %d Hz", a.args[0], l.hears(hz), hz)
	}
}

// present ROOM [NAME...] compares the names with the connected people that the media
// server lists; NAME+ can publish.
func present(a act) {
	a.need(1, "present ROOM [NAME...]")
	var want []string
	for _, name := range a.args[1:] {
		base, speaks := strings.CutSuffix(name, "+")
		w := a.person(base).identity(a.room(a.args[0]))
		if speaks {
			w += "+"
		}
		want = append(want, w)
	}
	slices.Sort(want)
	var got []string
	same := func() bool {
		got = got[:0]
		for id, speaks := range a.atMedia(a.TestScript, a.room(a.args[0])) {
			if speaks {
				id += "+"
			}
			got = append(got, id)
		}
		slices.Sort(got)
		return slices.Equal(got, want)
	}
	for begin := time.Now(); !same(); time.Sleep(20 * time.Millisecond) {
		if time.Since(begin) > 2*time.Second {
			a.Fatalf("in %s are %v, not %v", a.args[0], got, want)
		}
	}
}

func (a act) number(i int) int {
	n, err := strconv.Atoi(a.args[i])
	a.Check(err)
	return n
}
