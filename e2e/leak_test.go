package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/centrifugal/centrifuge-go"
	"github.com/google/uuid"
)

// upload sends bytes that are no JSON, and reads the answer into out.
func (p *person) upload(method, path, media string, data []byte, out any) {
	r, err := http.NewRequest(method, p.at.url()+path, bytes.NewReader(data))
	if err != nil {
		p.t.Fatalf("%v", err)
	}
	r.Header.Set("Authorization", "Bearer "+p.token)
	r.Header.Set("Idempotency-Key", uuid.NewString())
	r.Header.Set("Content-Type", media)
	a, err := do(r)
	if err != nil || a.status/100 != 2 {
		p.t.Fatalf("%s: %s %s: %v %d %s", p.name, method, path, err, a.status, a.text)
	}
	if out != nil {
		if err := json.Unmarshal(a.text, out); err != nil {
			p.t.Fatalf("%s: %v", path, err)
		}
	}
}

// tagged is a resident's recording with a comment in its tags.
func tagged(t *testing.T, comment string) []byte {
	t.Helper()
	data, err := os.ReadFile("../internal/lab/resident/voices/intro/maya.opus")
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(data, []byte("OpusTags"))
	page := bytes.LastIndex(data[:at], []byte("OggS"))
	end := at + bytes.Index(data[at:], []byte("OggS"))
	vendor := "somebody"
	tags := []byte("OpusTags")
	for _, s := range []string{vendor, "", comment} {
		if s == "" {
			tags = append(tags, 1, 0, 0, 0) // one comment
			continue
		}
		tags = append(tags, byte(len(s)), 0, 0, 0)
		tags = append(tags, s...)
	}
	head := slices.Clone(data[page : page+27])
	head[26] = 1
	fresh := append(append(head, byte(len(tags))), tags...)
	copy(fresh[22:26], []byte{0, 0, 0, 0})
	crc := uint32(0)
	for _, b := range fresh {
		crc ^= uint32(b) << 24
		for range 8 {
			if crc&(1<<31) != 0 {
				crc = crc<<1 ^ 0x04c11db7
			} else {
				crc <<= 1
			}
		}
	}
	fresh[22], fresh[23], fresh[24], fresh[25] = byte(crc), byte(crc>>8), byte(crc>>16), byte(crc>>24)
	return slices.Concat(data[:page], fresh, data[end:])
}

// picture is a photo with a comment in it.
func picture(t *testing.T, comment string) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 320, 240))
	for i := range m.Pix {
		m.Pix[i] = byte(i * 11)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	said := append([]byte{0xff, 0xfe, 0, byte(len(comment) + 2)}, comment...)
	return slices.Concat(b.Bytes()[:2], said, b.Bytes()[2:])
}

// datable creates a member who fits all others of the test.
func (s *server) datable(t *testing.T, name, gender string) *person {
	t.Helper()
	p := s.member(t, name)
	p.do("PATCH", "/api/me", map[string]any{
		"gender": gender, "intents": []string{"friends"}, "interests": []string{"jazz"}, "onboarded": true,
		"preferences": map[string]any{"meet": []string{"woman", "man", "nonbinary"}, "from": 18, "to": 120, "intents": []string{}, "languages": []string{}, "interests": []string{}, "verified_only": false},
	}, nil)
	p.upload("PUT", "/api/me/clips/0?prompt=best_sound", "audio/ogg", tagged(t, "x=y"), nil)
	return p
}

// allowed is every field that a kind of viewer may find in an answer about
// somebody else. What is added to a shape must be added here, by somebody who
// has thought about it.
var (
	personFields = []string{"id", "name", "resident", "verified", "voice.brightness", "voice.energy", "voice.pitch_hz", "voice.tempo"}
	cardFields   = append(slices.Clone(personFields), "badges[]", "clips[].ms", "clips[].peaks[]", "clips[].place", "clips[].prompt", "clips[].url",
		"interests[]", "language", "languages[]", "pronouns", "work.company", "work.links[]", "work.open_to[]", "work.role")
	fitFields   = append(under("person.", cardFields), "age", "aura", "intents[]", "reasons[].keys[]", "reasons[].kind", "ticket")
	matchFields = append(under("person.", cardFields), "age", "at", "intents[]", "reveal.mine", "reveal.opened_at", "reveal.theirs",
		"reveal.photos[].blurhash", "reveal.photos[].height", "reveal.photos[].id", "reveal.photos[].url", "reveal.photos[].width")
)

func under(prefix string, fields []string) []string {
	all := make([]string, len(fields))
	for i, f := range fields {
		all[i] = prefix + f
	}
	return all
}

// fields returns the paths of all values of a response.
func fields(v any, at string, into map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			fields(inner, strings.TrimPrefix(at+"."+k, "."), into)
		}
	case []any:
		for _, inner := range v {
			fields(inner, at+"[]", into)
		}
	default:
		into[at] = true
	}
}

func onlyFields(t *testing.T, what string, v any, allowed []string) {
	t.Helper()
	found := map[string]bool{}
	fields(v, "", found)
	for f := range found {
		if !slices.Contains(allowed, f) {
			t.Errorf("%s tells %s", what, f)
		}
	}
	if len(found) < len(personFields) {
		t.Errorf("%s tells only %v", what, slices.Sorted(maps.Keys(found)))
	}
}

// Ada puts a canary into every private field. All others read every response and receive
// every event that they can: none contains a canary, and no response has a field that is
// not on the list.
func TestNobodyLearnsWhatIsNotTheirs(t *testing.T) {
	t.Parallel()
	s := start(t, "--log-level", "debug")
	ada := s.datable(t, "Ada", "nonbinary")
	bob, cleo, dan := s.datable(t, "Bob", "man"), s.datable(t, "Cleo", "woman"), s.datable(t, "Dan", "man")
	stranger := &person{t: t, at: s, name: "a stranger"}

	// What is Ada's alone.
	ada.do("PATCH", "/api/me", map[string]any{
		"pronouns":    "they/them",
		"work":        map[string]any{"role": "Luthier", "company": "Bottega", "links": []string{"https://example.org/"}, "open_to": []string{"speaking"}},
		"preferences": map[string]any{"meet": []string{"woman", "man"}, "from": 21, "to": 97, "intents": []string{}, "languages": []string{"en", "gl"}, "interests": []string{"jazz", "mahjong"}, "verified_only": false},
	}, nil)
	ada.upload("PUT", "/api/me/clips/0?prompt=best_sound", "audio/ogg", tagged(t, "canary=in-the-tags"), nil)
	var me struct {
		Email  string
		Photos []struct{ ID, URL, Blurhash string }
		Clips  []struct{ URL string }
	}
	ada.upload("POST", "/api/me/photos", "image/jpeg", picture(t, "canary-in-the-picture"), &me)
	var towns struct{ Towns []struct{ ID string } }
	ada.do("GET", "/api/towns?q=Sondrio", nil, &towns)
	ada.do("PUT", "/api/me/home", map[string]string{"town": towns.Towns[0].ID}, nil)
	ada.do("PUT", "/api/people/"+dan.id+"/block", nil, nil)
	ada.do("POST", "/api/people/"+dan.id+"/report", map[string]string{"reason": "spam", "note": "canary in a report", "place": "profile"}, nil)
	bell := map[string]bool{"on": true}
	ada.do("PUT", "/api/discover/alert", bell, nil)
	room := ada.open("A room of her own")
	canaries := map[string]string{
		"address": me.Email, "birth date": "1990-01-01", "gender": "nonbinary", "preferences": "mahjong", "wished language": `"gl"`, "town": "Sondrio",
		"town's number": towns.Towns[0].ID, "tags": "in-the-tags", "picture's comment": "canary-in-the-picture", "photo": me.Photos[0].ID,
		"blurhash": me.Photos[0].Blurhash, "report": "canary in a report", "session": ada.token,
	}
	for what, c := range canaries {
		if len(c) < 4 {
			t.Fatalf("the canary for %s is %q", what, c)
		}
	}

	// Sockets listen all the while.
	var mu sync.Mutex
	var events bytes.Buffer
	for _, p := range []*person{bob, cleo, dan} {
		c := centrifuge.NewJsonClient(s.socketURL()+"/realtime", centrifuge.Config{Header: http.Header{"Authorization": {"Bearer " + p.token}}})
		t.Cleanup(c.Close)
		keep := func(data []byte) {
			mu.Lock()
			defer mu.Unlock()
			events.Write(append(data, '\n'))
		}
		c.OnPublication(func(e centrifuge.ServerPublicationEvent) { keep(e.Data) })
		if err := c.Connect(); err != nil {
			t.Fatal(err)
		}
		for _, channel := range []string{"lobby", "room:" + room, "me:" + ada.id} {
			sub, err := c.NewSubscription(channel)
			if err != nil {
				t.Fatal(err)
			}
			sub.OnPublication(func(e centrifuge.PublicationEvent) { keep(e.Data) })
			if err := sub.Subscribe(); err != nil {
				t.Fatal(err)
			}
		}
	}
	bob.join(room)
	ada.join(room)
	ada.sit(room)

	// Bob fits Ada, Cleo matches her, Dan was blocked.
	var deck struct{ Cards []map[string]any }
	of := func(p *person, who *person) map[string]any {
		p.do("GET", "/api/discover", nil, &deck)
		for _, c := range deck.Cards {
			if c["person"].(map[string]any)["id"] == who.id {
				return c
			}
		}
		return nil
	}
	eventually(t, 10*time.Second, "Ada is shown to Bob", func() bool { return of(bob, ada) != nil })
	eventually(t, 10*time.Second, "Cleo is shown to Ada", func() bool { return of(ada, cleo) != nil })
	if of(dan, ada) != nil {
		t.Error("Dan is shown Ada, who blocked him")
	}
	shown := of(bob, ada)
	like := func(by, on *person) {
		by.do("PUT", "/api/discover/"+on.id, map[string]any{"choice": "like", "ticket": of(by, on)["ticket"]}, nil)
	}
	like(ada, bob)
	like(ada, cleo)
	like(cleo, ada)
	ada.do("PUT", "/api/matches/"+cleo.id+"/reveal", nil, nil)
	var card map[string]any
	bob.do("GET", "/api/people/"+ada.id, nil, &card)
	onlyFields(t, "a card", card, cardFields)
	onlyFields(t, "a card in Discover", shown, fitFields)
	var matches struct{ Matches []map[string]any }
	cleo.do("GET", "/api/matches", nil, &matches)
	if len(matches.Matches) != 1 {
		t.Fatalf("%+v", matches)
	}
	onlyFields(t, "a match", matches.Matches[0], matchFields)
	var view struct{ Host map[string]any }
	bob.do("GET", "/api/rooms/"+room, nil, &view)
	onlyFields(t, "a person in a room", view.Host, personFields)

	url := matches.Matches[0]["person"].(map[string]any)["clips"].([]any)[0].(map[string]any)["url"].(string)
	sound := cleo.try("GET", url, nil)
	if sound.status != 200 || !bytes.HasPrefix(sound.text, []byte("OggS")) {
		t.Errorf("Cleo does not hear Ada: %d", sound.status)
	}
	if bytes.Contains(sound.text, []byte("in-the-tags")) {
		t.Error("the recording kept its tags")
	}
	if r := dan.try("GET", "/api/people/"+ada.id, nil); r.problem().Code != "person.unknown" {
		t.Errorf("Dan, who is blocked, sees %d %s", r.status, r.text)
	}

	// Everything that can be read, and everything that can be said about Ada, by
	// everybody.
	commands, uploads, reads := operations(t, map[string]string{
		"room": room, "person": ada.id, "seat": "2", "photo": me.Photos[0].ID, "clip": clipOf(me.Clips[0].URL), "place": "0",
	})
	sung := func(where, text string) {
		t.Helper()
		for what, c := range canaries {
			if strings.Contains(text, c) {
				t.Errorf("%s tells Ada's %s: %.300s", where, what, text)
			}
		}
	}
	asked := 0
	for _, p := range []*person{stranger, bob, cleo, dan} {
		ask := func(o operation, body string) {
			t.Helper()
			path := o.at()
			if strings.HasPrefix(o.path, "/api/me") || o.path == "/api/sign-out" || o.path == "/api/dev/inbox" || o.path == "/api/towns" {
				return // their own, or not about people
			}
			r, err := http.NewRequest(o.method, s.url()+path, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if p.token != "" {
				r.Header.Set("Authorization", "Bearer "+p.token)
			}
			r.Header.Set("Idempotency-Key", uuid.NewString())
			r.Header.Set("Content-Type", "application/json")
			a, err := web.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = a.Body.Close() }()
			text, err := io.ReadAll(a.Body)
			if err != nil {
				t.Fatal(err)
			}
			said := strings.ReplaceAll(string(text), path, "") // an echo of the question tells nothing
			sung(fmt.Sprintf("%s, who asks %s %s,", p.name, o.method, o.path), said+fmt.Sprint(a.Header))
			asked++
		}
		for _, o := range reads {
			ask(o, "")
		}
		for _, o := range slices.Concat(commands, uploads) {
			if o.name == "open-room" || o.name == "end-room" || o.name == "remove" || p == cleo && o.name == "end-match" {
				continue
			}
			body := ""
			if o.good != nil {
				body = o.body(nil)
			}
			ask(o, body)
		}
		// With the addresses that were made for Ada.
		for _, url := range []string{me.Photos[0].URL, me.Clips[0].URL} {
			if r := p.try("GET", url, nil); r.status != 401 && r.problem().Code != "ticket.wrong" {
				t.Errorf("%s opened %s: %d", p.name, url, r.status)
			}
		}
	}
	if asked < 100 {
		t.Errorf("only %d questions", asked)
	}
	time.Sleep(time.Second) // for events that are still on their way
	mu.Lock()
	sung("an event", events.String())
	if !strings.Contains(events.String(), `"matched"`) {
		t.Errorf("the sockets heard nothing: %s", events.String())
	}
	mu.Unlock()
	delete(canaries, "photo") // the questions above named it
	sung("the log", s.log.String())
	t.Logf("%d questions, %d bytes of events, %d of logs", asked, events.Len(), len(s.log.String()))
}

// clipOf returns the id in the URL of a clip.
func clipOf(url string) string {
	id, _, _ := strings.Cut(strings.TrimPrefix(url, "/api/clips/"), "?")
	return id
}
