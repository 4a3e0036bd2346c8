package e2e

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"
)

// chatMessage is a message as the API answers it.
type chatMessage struct {
	ID   string
	N    int64
	Mine bool
	Text string
	Seq  int64
}

// match makes two people who fit like each other.
func match(t *testing.T, a, b *person) {
	t.Helper()
	for _, two := range [][2]*person{{a, b}, {b, a}} {
		by, on := two[0], two[1]
		var deck struct {
			Cards []struct {
				Ticket string
				Person struct{ ID string }
			}
		}
		for end := time.Now().Add(10 * time.Second); ; time.Sleep(100 * time.Millisecond) {
			by.do("GET", "/api/discover?most=20", nil, &deck)
			at := slices.IndexFunc(deck.Cards, func(c struct {
				Ticket string
				Person struct{ ID string }
			}) bool {
				return c.Person.ID == on.id
			})
			if at >= 0 {
				by.do("PUT", "/api/discover/"+on.id, map[string]any{"choice": "like", "ticket": deck.Cards[at].Ticket}, nil)
				break
			}
			if time.Now().After(end) {
				t.Fatalf("%s is not shown %s", by.name, on.name)
			}
		}
	}
}

// read returns a whole chat as p sees it, the oldest first.
func (p *person) read(with *person) (all []chatMessage) {
	var page struct {
		Messages []chatMessage
		Next     string
	}
	for before := ""; ; before = "&before=" + page.Next {
		page.Next, page.Messages = "", nil
		p.do("GET", "/api/chats/"+with.id+"/messages?limit=100"+before, nil, &page)
		all = append(all, page.Messages...)
		if page.Next == "" {
			slices.Reverse(all)
			return all
		}
	}
}

// Two people write and read as fast as they can, each with one message at a time as a client
// does, while the server is killed again and again. What was not answered is sent again with
// the same id. A checker finds one order of all that happened in which each message is sent
// once, between its first try and its answer, and each read sees all messages before it, and no
// others: nothing acknowledged is lost, doubled or moved, at no time and for neither of the two.
func TestEveryAcknowledgedMessageSurvivesKill9(t *testing.T) {
	t.Parallel()
	s := start(t)
	two := s.datables(t, "Ada", "Bob")
	match(t, two[0], two[1])

	h := &chatHistory{begun: time.Now()}
	readers := []*chatReader{{by: two[0], other: two[1]}, {by: two[1], other: two[0]}}
	wrote := map[*person][]string{}
	open := map[*person]*chatSend{} // sent, and not answered
	var mu sync.Mutex
	for round := range kills() {
		var all sync.WaitGroup
		for i, by := range two {
			all.Go(func() {
				for n := 0; ; n++ {
					mu.Lock()
					w := open[by]
					if w == nil {
						w = &chatSend{id: uuid.NewString(), text: fmt.Sprintf("%s says line %d of round %d", by.name, n, round), call: h.now()}
						wrote[by] = append(wrote[by], w.text)
						open[by] = w
					}
					mu.Unlock()
					if !h.put(t, by, two[1-i], w) {
						return
					}
					mu.Lock()
					delete(open, by)
					mu.Unlock()
				}
			})
		}
		for _, r := range readers {
			all.Go(func() {
				for h.read(t, r) {
				}
			})
		}
		time.Sleep(time.Duration(20+rand.IntN(150)) * time.Millisecond)
		s.kill()
		all.Wait()
		s.run(t)
	}
	for i, by := range two {
		if w := open[by]; w != nil && !h.put(t, by, two[1-i], w) {
			t.Fatalf("%s could not be sent at last", w.text)
		}
	}
	for _, r := range readers {
		for before := int64(-1); before != r.known.n; {
			before = r.known.n
			if !h.read(t, r) {
				t.Fatal("nothing could be read at last")
			}
		}
	}
	if h.acked == 0 || h.lost == 0 || h.reads == 0 {
		t.Fatalf("nothing was proven: %d acknowledged, %d cut off, %d reads", h.acked, h.lost, h.reads)
	}
	switch porcupine.CheckOperationsTimeout(chatModel, h.all, 2*time.Minute) {
	case porcupine.Illegal:
		t.Error("no order of the messages explains what the two were told")
	case porcupine.Unknown:
		t.Error("the checker did not come to an end")
	}

	ours, theirs := two[0].read(two[1]), two[1].read(two[0])
	if len(ours) != len(theirs) || int64(len(ours)) != readers[0].known.n {
		t.Fatalf("%d messages for one and %d for the other; by their changes, one knows of %d", len(ours), len(theirs), readers[0].known.n)
	}
	of := map[*person][]string{}
	for i, m := range ours {
		if o := theirs[i]; o.ID != m.ID || o.Mine == m.Mine || o.Text != m.Text || m.N != int64(i+1) || m.Seq != int64(i+1) {
			t.Fatalf("place %d: %+v and %+v", i+1, m, o)
		}
		by := two[0]
		if !m.Mine {
			by = two[1]
		}
		of[by] = append(of[by], m.Text)
	}
	for _, by := range two {
		if !slices.Equal(of[by], wrote[by]) {
			t.Errorf("%s wrote %d messages, and %d are there: %q", by.name, len(wrote[by]), len(of[by]), of[by])
		}
	}
	openRows(t, s).whole(t, kills())
	t.Logf("%d kills: %d acknowledged messages, %d cut off and sent again, %d reads", kills(), h.acked, h.lost, h.reads)
}

// Whoever was cut off for a while asks for what changed, and has all of it.
func TestMessagesMissedWhileOfflineComeByTheirSeq(t *testing.T) {
	t.Parallel()
	s := start(t)
	two := s.datables(t, "Ada", "Bob")
	ada, bob := two[0], two[1]
	match(t, ada, bob)
	say := func(by, to *person, text string) (m chatMessage) {
		by.do("PUT", "/api/chats/"+to.id+"/messages/"+uuid.NewString(), map[string]any{"text": text}, &m)
		return m
	}
	known := say(ada, bob, "Something to begin with").Seq
	for i := range 5 {
		say(bob, ada, fmt.Sprintf("Line %d while you were away", i))
	}
	var missed struct {
		Messages []chatMessage
		Seq      int64
		Unread   int
	}
	ada.do("GET", fmt.Sprintf("/api/chats/%s/changes?since=%d", bob.id, known), nil, &missed)
	if len(missed.Messages) != 5 || missed.Seq != known+5 || missed.Unread != 5 {
		t.Errorf("%+v", missed)
	}
}
