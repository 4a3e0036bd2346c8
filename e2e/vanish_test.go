package e2e

import (
	"bufio"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// A client in a process of its own, which can be stopped where it stands, as a
// phone in a tunnel, or killed. TestMain leads here with what phoneEnv holds:
// port, token and tone.
const phoneEnv = "HEYY_E2E_PHONE"

type phone struct{ *exec.Cmd }

// phone starts such a client, which talks in a call until the test ends.
func (p *person) phone(t *testing.T, id string, hz int) phone {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), phoneEnv+"="+url.Values{"port": {strconv.Itoa(p.at.port)}, "token": {p.pass(id)}, "hz": {strconv.Itoa(hz)}}.Encode())
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	if said, err := bufio.NewReader(out).ReadString('\n'); err != nil || said != "speaking\n" {
		t.Fatalf("%s's phone: %q %v", p.name, said, err)
	}
	return phone{c}
}

func (p phone) freeze(t *testing.T) {
	t.Helper()
	if err := p.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
}

// alone is what the helpers need where there is no test.
type alone struct{}

func (alone) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (alone) Logf(string, ...any)               {}

// ring is the main function of that process.
func ring(how string) {
	v, err := url.ParseQuery(how)
	if err != nil {
		alone{}.Fatalf("%v", err)
	}
	port, _ := strconv.Atoi(v.Get("port"))
	hz, _ := strconv.Atoi(v.Get("hz"))
	l, err := connect(alone{}, &person{t: alone{}, at: &server{port: port}, name: "phone"}, v.Get("token"))
	if err != nil {
		alone{}.Fatalf("connect: %v", err)
	}
	l.mustSpeak(hz)
	fmt.Println("speaking")
	<-l.closed
}

// gone is the promised time after which nothing of a vanished person remains.
const gone = time.Minute

// Clients vanish without a message. The server detects it later, but the minute counts
// from when they vanished.
func TestNothingSurvivesItsPersonByMoreThanAMinute(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.datables(t, "Ada", "Ben", "Cleo", "Dan", "Eve", "Finn")
	ada, ben, cleo, dan, eve, finn := p[0], p[1], p[2], p[3], p[4], p[5]
	db := openRows(t, s)
	count := func(query string, who *person) (n int) {
		db.one(t, []any{&n}, query, who.id)
		return n
	}
	ticket := func(who *person) bool {
		return count(`SELECT COUNT(*) FROM tickets WHERE account_id = $1`, who) > 0
	}
	inCall := func(who *person) bool {
		return count(`SELECT COUNT(*) FROM call_sides WHERE account_id = $1 AND open`, who) > 0
	}
	// talks is a call in which one of the two has such a phone.
	talks := func(a, b *person) (id string, l *connection, far phone) {
		id = asked(a, b)
		l = a.pick(id)
		a.says(id, "accept")
		b.says(id, "accept")
		far = b.phone(t, id, 1000)
		l.mustSpeak(440).mustHear(1000)
		a.says(id, "audio-received")
		if c := b.says(id, "audio-received"); c.State != "live" {
			t.Fatalf("%s and %s talk, and it is %+v", a.name, b.name, c)
		}
		return id, l, far
	}
	frozen, adas, bens := talks(ada, ben)
	defer adas.hangUp()
	killed, cleos, dans := talks(cleo, dan)
	defer func() { cleos.hangUp() }()

	// Who says goodbye is missed at once, and has the whole minute.
	left := time.Now()
	cleos.hangUp()
	eventually(t, 10*time.Second, "Cleo's leaving is noticed", func() bool { return cleo.call(killed).BackBy != 0 })
	if by := time.UnixMilli(cleo.call(killed).BackBy).Sub(left); by < gone-2*time.Second || by > gone {
		t.Errorf("Cleo, who closed the page, can come back within %s", by)
	}
	cleos = cleo.pick(killed).mustSpeak(440)
	cleos.mustHear(1000)

	asked(eve, finn) // and both are never heard of again
	vanished := time.Now()
	bens.freeze(t)
	if err := dans.Process.Kill(); err != nil {
		t.Fatal(err)
	}

	back := map[string]time.Time{}
	for id, who := range map[string]*person{frozen: ada, killed: cleo} {
		eventually(t, 40*time.Second, who.name+" is told", func() bool { return who.call(id).TheyAway })
		c := who.call(id)
		back[id] = time.UnixMilli(c.TheyBackBy)
		t.Logf("%s is told %s later, and that there are %s from then", who.name, time.Since(vanished).Round(100*time.Millisecond), time.Until(back[id]).Round(100*time.Millisecond))
		if after := back[id].Sub(vanished); after > gone || after < gone-8*time.Second {
			t.Errorf("who vanished can come back within %s", after)
		}
	}

	// Dan has another phone.
	other := dan.pick(killed).mustSpeak(1000)
	defer other.hangUp()
	cleos.mustHear(1000)
	eventually(t, 10*time.Second, "Dan is back", func() bool { c := cleo.call(killed); return c.State == "live" && !c.TheyAway && c.TheyBackBy == 0 })

	// Ben comes back no more.
	for _, who := range []*person{eve, finn} {
		for what, there := range map[string]func(*person) bool{"ticket": ticket, "call": inCall} {
			eventually(t, gone-time.Since(vanished), who.name+"'s "+what+" is gone", func() bool { return !there(who) })
		}
	}
	t.Logf("tickets and proposals were gone after %s", time.Since(vanished).Round(100*time.Millisecond))
	eventually(t, time.Until(back[frozen])+5*time.Second, "the call is over", func() bool { return !inCall(ben) })
	c := ada.call(frozen)
	after := time.UnixMilli(c.EndedAt).Sub(vanished)
	t.Logf("the call was over after %s", after.Round(100*time.Millisecond))
	if c.EndReason != "lost" || c.EndedByMe || after > gone {
		t.Errorf("after %s: %+v", after, c)
	}
	if early := back[frozen].Sub(time.UnixMilli(c.EndedAt)); early > 0 {
		t.Errorf("Ben was promised %s more", early)
	}
	if dan.call(killed).State != "live" {
		t.Errorf("Dan, who came back, is not in the call: %+v", dan.call(killed))
	}
}
