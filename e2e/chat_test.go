package e2e

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

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

// Two people write as fast as they can, each with one message at a time as a client does,
// while the server is killed again and again. What was not answered is sent again with the
// same id. In the end each message is there once, in the same order for both and in the
// order in which its author wrote it.
func TestEveryAcknowledgedMessageSurvivesKill9(t *testing.T) {
	t.Parallel()
	s := start(t)
	two := s.datables(t, "Ada", "Bob")
	match(t, two[0], two[1])

	type written struct{ id, text string }
	wrote := map[*person][]written{}
	acked, lost := 0, 0
	var mu sync.Mutex
	open := map[*person]*written{} // sent, and not answered
	put := func(by, to *person, w written) bool {
		r, err := by.send("PUT", "/api/chats/"+to.id+"/messages/"+w.id, fmt.Sprintf(`{"text":%q}`, w.text), "")
		if err == nil && r.status != 200 && r.status < 500 {
			t.Errorf("%s: %d %s", w.text, r.status, r.text)
		}
		return err == nil && r.status == 200
	}
	for round := range kills() {
		var all sync.WaitGroup
		for i, by := range two {
			all.Go(func() {
				for n := 0; ; n++ {
					mu.Lock()
					w := open[by]
					if w == nil {
						w = &written{uuid.NewString(), fmt.Sprintf("%s says line %d of round %d", by.name, n, round)}
						wrote[by] = append(wrote[by], *w)
						open[by] = w
					}
					mu.Unlock()
					ok := put(by, two[1-i], *w)
					mu.Lock()
					if ok {
						acked++
						delete(open, by)
					} else {
						lost++
					}
					mu.Unlock()
					if !ok {
						return
					}
				}
			})
		}
		time.Sleep(time.Duration(20+rand.IntN(150)) * time.Millisecond)
		s.kill()
		all.Wait()
		s.run(t)
	}
	for i, by := range two {
		if w := open[by]; w != nil && !put(by, two[1-i], *w) {
			t.Fatalf("%s could not be sent at last", w.text)
		}
	}
	if acked == 0 || lost == 0 {
		t.Fatalf("nothing was proven: %d acknowledged, %d cut off", acked, lost)
	}

	ours, theirs := two[0].read(two[1]), two[1].read(two[0])
	if len(ours) != len(theirs) {
		t.Fatalf("%d messages for one and %d for the other", len(ours), len(theirs))
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
		var want []string
		for _, w := range wrote[by] {
			want = append(want, w.text)
		}
		if !slices.Equal(of[by], want) {
			t.Errorf("%s wrote %d messages, and %d are there: %q", by.name, len(want), len(of[by]), of[by])
		}
	}
	openRows(t, s).whole(t, kills())
	t.Logf("%d kills: %d acknowledged messages, %d cut off and sent again", kills(), acked, lost)
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
