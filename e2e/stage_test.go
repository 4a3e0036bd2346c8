package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/centrifugal/centrifuge-go"
	"github.com/google/uuid"
)

// all has people do something at the same time, some at once.
func all(t *testing.T, people []*person, what string, do func(p *person) reply) {
	t.Helper()
	var doing sync.WaitGroup
	free := make(chan struct{}, 8)
	for _, p := range people {
		free <- struct{}{}
		doing.Go(func() {
			if r := do(p); r.status/100 != 2 {
				t.Errorf("%s: %s: %d %s", p.name, what, r.status, r.text)
			}
			<-free
		})
	}
	doing.Wait()
}

// stands is what the rows say about each member of a room who is there, in the order of the
// seats and of the hands.
type stands struct {
	account, role          string
	seat, hand             int64
	muted, silenced, queue bool
}

func (d rows) standing(t *testing.T, room string) (all []stands) {
	t.Helper()
	rows, err := d.QueryContext(t.Context(), `SELECT account_id, role, COALESCE(seat, 0), COALESCE(hand_seq, 0), muted, muted_by_host, can_speak FROM room_members
		WHERE room_id = $1 AND join_id IS NOT NULL ORDER BY seat, hand_seq, account_id`, room)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var s stands
		if err := rows.Scan(&s.account, &s.role, &s.seat, &s.hand, &s.muted, &s.silenced, &s.queue); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// The server, and with it the media server, dies while people are on stage and hands are up. Everybody
// joins again and is where they were; nobody who was muted can be heard.
func TestAStageIsTheSameAfterKill9(t *testing.T) {
	t.Parallel()
	s := start(t)
	var names []string
	for i := range 20 {
		names = append(names, fmt.Sprintf("Guest %d", i))
	}
	p := s.people(t, "stage", names...)
	host, speakers, others := p[0], p[1:15], p[15:]
	var room roomView
	host.do("POST", "/api/rooms", map[string]string{"title": "A full house", "category": "talk", "language": "en", "shape": "stage"}, &room)
	at := "/api/rooms/" + room.ID
	all(t, p[1:], "join", func(p *person) reply { return p.try("POST", at+"/join", nil) })
	all(t, speakers, "be allowed to speak", func(p *person) reply { return host.try("POST", at+"/people/"+p.id+"/allow-to-speak", nil) })
	all(t, speakers, "sit", func(p *person) reply { return p.try("PUT", at+"/seat", struct{}{}) })
	all(t, speakers[:10], "unmute", func(p *person) reply { return p.try("PUT", at+"/microphone", map[string]bool{"muted": false}) })
	all(t, speakers[:3], "be muted", func(p *person) reply { return host.try("POST", at+"/people/"+p.id+"/mute", nil) })
	all(t, speakers[13:], "be a co-host", func(p *person) reply { return host.try("POST", at+"/people/"+p.id+"/make-co-host", nil) })
	all(t, others, "raise a hand", func(p *person) reply { return p.try("PUT", at+"/hand", struct{}{}) })
	db := openRows(t, s)
	before := db.standing(t, room.ID)
	s.kill()
	s.run(t)
	all(t, p, "join again", func(p *person) reply { return p.try("POST", at+"/join", nil) })
	after := db.standing(t, room.ID)
	for i := range before {
		before[i].muted = true // as everybody who joins
	}
	if len(before) != len(p) || !slices.Equal(after, before) {
		t.Errorf("%d were there, as %v\nnow %d are, as %v", len(before), before, len(after), after)
	}
	var read struct {
		Hands []struct{ Person struct{ ID string } }
	}
	host.do("GET", at+"/hands", nil, &read)
	var up []string
	for _, s := range before {
		if s.hand != 0 {
			up = append(up, s.account)
		}
	}
	if len(up) != len(others) || !slices.EqualFunc(read.Hands, up, func(h struct{ Person struct{ ID string } }, who string) bool { return h.Person.ID == who }) {
		t.Errorf("the hands are %v, and were %v", read.Hands, up)
	}
	if r := speakers[0].try("PUT", at+"/microphone", map[string]bool{"muted": false}); r.problem().Code != "room.muted_by_host" {
		t.Errorf("whom the host had muted opens the microphone: %d %s", r.status, r.text)
	}
	all(t, p, "leave", func(p *person) reply { return p.try("POST", at+"/leave", nil) })
	if left := db.standing(t, room.ID); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// hearsRoom gives each event of a room that somebody receives to take.
func (p *person) hearsRoom(t *testing.T, room string, take func(data []byte)) {
	t.Helper()
	c := centrifuge.NewJsonClient(p.at.socketURL()+"/realtime", centrifuge.Config{Header: http.Header{"Authorization": {"Bearer " + p.token}}})
	t.Cleanup(c.Close)
	sub, err := c.NewSubscription("room:" + room)
	if err != nil {
		t.Fatal(err)
	}
	there := make(chan struct{})
	var once sync.Once
	sub.OnSubscribed(func(centrifuge.SubscribedEvent) { once.Do(func() { close(there) }) })
	sub.OnPublication(func(e centrifuge.PublicationEvent) { take(e.Data) })
	if err := errorsOf(c.Connect(), sub.Subscribe()); err != nil {
		t.Fatal(err)
	}
	select {
	case <-there:
	case <-time.After(heardIn):
		t.Fatal("no subscription")
	}
}

func errorsOf(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}

// Somebody shows 10,000 emoji, a thousand at once. The others are told of what one person may
// show, and what they do themselves goes on.
func TestAFloodOfEmojiIsNoticedByTheFlooder(t *testing.T) {
	t.Parallel()
	const flood, atOnce, burst = 10_000, 1000, 10
	s := start(t)
	p := s.people(t, "emoji", "Host", "Mallory", "Guest")
	host, mallory, guest := p[0], p[1], p[2]
	room := host.open("Fireworks")
	at := "/api/rooms/" + room
	for _, p := range p { // with audio: they stay however long the flood takes
		defer p.voice(room, 0).hangUp()
	}
	var shown, hands atomic.Int64 // to the host
	fromGuest := make(chan struct{})
	host.hearsRoom(t, room, func(data []byte) {
		switch {
		case bytes.Contains(data, []byte(`"hand_raised"`)):
			hands.Add(1)
		case !bytes.Contains(data, []byte(`"reaction`)):
		case bytes.Contains(data, []byte(guest.id)):
			close(fromGuest)
		default:
			shown.Add(1)
		}
	})

	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: atOnce}}
	begun := time.Now()
	var sent, accepted, refused, noticed atomic.Int64
	var flooding sync.WaitGroup
	half := make(chan struct{})
	for range atOnce {
		flooding.Go(func() {
			for n := sent.Add(1); n <= flood; n = sent.Add(1) {
				if n == flood/2 {
					close(half)
				}
				r, err := http.NewRequest("POST", s.url()+at+"/reaction", strings.NewReader(`{"emoji":"🔥"}`))
				if err != nil {
					t.Error(err)
					return
				}
				r.Header.Set("Authorization", "Bearer "+mallory.token)
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("Idempotency-Key", uuid.NewString())
				a, err := client.Do(r)
				if err != nil { // more connections than one may have
					refused.Add(1)
					continue
				}
				_ = a.Body.Close()
				switch a.StatusCode {
				case http.StatusNoContent:
					accepted.Add(1)
				case http.StatusTooManyRequests:
					noticed.Add(1)
					refused.Add(1)
				default: // by a machine with too much to do
					refused.Add(1)
				}
			}
		})
	}
	<-half
	guest.do("POST", at+"/reaction", json.RawMessage(`{"emoji":"🎉"}`), nil)
	guest.do("PUT", at+"/hand", struct{}{}, nil)
	flooding.Wait()
	took := time.Since(begun)
	client.CloseIdleConnections()
	select {
	case <-fromGuest:
	case <-time.After(heardIn):
		t.Error("what the guest shows is lost")
	}
	eventually(t, heardIn, "the guest's hand is told", func() bool { return hands.Load() == 1 })
	most := burst + int64(took/time.Second) + 1 // and one a second
	if n := accepted.Load(); n == 0 || n > most {
		t.Errorf("%d of %d were accepted within %s", n, flood, took)
	}
	if n := shown.Load(); n > accepted.Load() {
		t.Errorf("the host was told of %d, and %d were accepted", n, accepted.Load())
	}
	if noticed.Load() == 0 {
		t.Error("the flooder does not notice")
	}
	t.Logf("%d accepted and %d refused within %s, the host was told of %d", accepted.Load(), refused.Load(), took.Round(time.Millisecond), shown.Load())
}
