package e2e

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"heyy/internal/live/sfu"
)

// device is another session of the same person.
func (p *person) device() *person {
	var me struct{ Email string }
	p.do("GET", "/api/me", nil, &me)
	d := *p
	d.name, d.token = p.name+" on another device", p.at.signIn(p.t, me.Email)
	return &d
}

// atOnce sends requests concurrently, each with its own idempotency key.
func atOnce(requests ...func() reply) []reply {
	all := make([]reply, len(requests))
	ready := make(chan struct{})
	var wg sync.WaitGroup
	for i, ask := range requests {
		wg.Add(1)
		go func() {
			defer wg.Done()
			<-ready
			all[i] = ask()
		}()
	}
	close(ready)
	wg.Wait()
	return all
}

// dump returns the rows of one call, and of encounters, matches and feedback.
func (d rows) dump(t *testing.T, id string) string {
	t.Helper()
	var all strings.Builder
	for _, query := range []string{
		`SELECT state, seq, deadline_at, live_at, ended_at, ended_why, ended_by, choose_by, outcome FROM calls WHERE id = $1`,
		`SELECT * FROM call_sides WHERE call_id = $1 ORDER BY account_id`,
		`SELECT * FROM meetings WHERE $1 <> '' ORDER BY a_id, b_id`,
		`SELECT * FROM pairs WHERE $1 <> '' ORDER BY a_id, b_id`,
		`SELECT * FROM regards WHERE $1 <> '' ORDER BY account_id`,
	} {
		found, err := d.Query(query, id)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := found.Columns()
		if err != nil {
			t.Fatal(err)
		}
		for found.Next() {
			row := make([]any, len(columns))
			into := make([]any, len(columns))
			for i := range row {
				into[i] = &row[i]
			}
			if err := found.Scan(into...); err != nil {
				t.Fatal(err)
			}
			_, _ = fmt.Fprintln(&all, columns, row)
		}
		if err := found.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}

// ofCalls returns the operations of the contract on one call.
func ofCalls(t *testing.T, id string) (all []operation) {
	t.Helper()
	commands, _, reads := operations(t, map[string]string{"call": id})
	for _, o := range slices.Concat(commands, reads) {
		if strings.Contains(o.path, "{call}") {
			all = append(all, o)
		}
	}
	if len(all) < 9 {
		t.Fatalf("only %d operations on a call", len(all))
	}
	return all
}

func TestWhateverIsTappedACallHasOneOutcome(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.datables(t, "Ada", "Ben", "Cleo", "Dan", "Mallory")
	ada, ben, cleo, dan, mallory := p[0], p[1], p[2], p[3], p[4]
	tablet, laptop := ada.device(), ben.device()
	db := openRows(t, s)
	good := func(what string, all []reply) {
		t.Helper()
		for _, r := range all {
			if r.status != 200 {
				t.Errorf("%s: %d %s", what, r.status, r.text)
			}
		}
	}
	send := func(who *person, method, path string, body any) func() reply {
		return func() reply { return who.try(method, path, body) }
	}

	late := asked(cleo, dan) // and nobody answers

	// Entering, twice on each of two devices, is one ticket.
	enter := func(who *person) func() reply { return send(who, "POST", "/api/call/queue", tonight) }
	good("entering", atOnce(enter(ada), enter(tablet), enter(ada), enter(tablet)))
	var tickets int
	db.one(t, []any{&tickets}, `SELECT COUNT(*) FROM tickets WHERE account_id = $1`, ada.id)
	if tickets != 1 {
		t.Errorf("Ada has %d tickets", tickets)
	}
	good("entering", atOnce(enter(ben), enter(laptop)))
	id := asked(ada, ben)
	call := "/api/calls/" + id
	if a, b := tablet.queue().Call, laptop.queue().Call; a == nil || b == nil || a.ID != id || b.ID != id {
		t.Fatalf("the other devices see %+v and %+v", a, b)
	}

	// Nobody but the two, and by no other name, whatever they ask.
	old := ada.pass(id)
	before := db.dump(t, id)
	for who, call := range map[*person]string{mallory: id, ada: uuid.NewString(), cleo: ada.id} {
		for _, o := range ofCalls(t, call) {
			refused(t, fmt.Sprintf("%s: %s %s", who.name, o.method, o.path), who.try(o.method, o.at(), o.sendable()), want{404, "call.not_found", ""})
		}
	}
	if after := db.dump(t, id); after != before {
		t.Errorf("it was\n%s\nand is\n%s", before, after)
	}
	stranger := &person{t: t, at: s, name: "a stranger"}
	for _, o := range ofCalls(t, id) {
		refused(t, "a stranger: "+o.name, stranger.try(o.method, o.at(), o.sendable()), want{401, "session.none", ""})
	}

	// The gate to the audio accepts the current join of each, and no other.
	mine, hers := ada.pass(id), ben.pass(id)
	room := "call:" + id
	real := sfu.NewSFU("http://127.0.0.1:"+strconv.Itoa(s.signal), mediaKey, s.secret(t))
	guessed := sfu.NewSFU("http://127.0.0.1:"+strconv.Itoa(s.signal), mediaKey, strings.Repeat("guess", 8))
	// In a call they go by the names of their sides, which say nothing of the accounts.
	sides := map[*person]any{ada: claims(t, mine)["sub"], ben: claims(t, hers)["sub"]}
	if sides[ada] == sides[ben] || sides[ada] == ada.id || sides[ben] == ben.id {
		t.Errorf("at the media server they are %v", sides)
	}
	forged := func(v *sfu.SFU, who *person, joinID string) string {
		name, in := sides[who].(string)
		if !in {
			name = who.id
		}
		token, err := v.Token(sfu.JoinGrant{Room: room, Person: name, JoinID: joinID, CanPublish: true})
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	stage := mallory.open("Her own room")
	own := mallory.admitted(stage)
	for what, token := range map[string]string{
		"an older join":                           old,
		"a guessed secret":                        forged(guessed, ada, joinIDOf(t, mine)),
		"Mallory with Ada's join":                 forged(real, mallory, joinIDOf(t, mine)),
		"Ada with Ben's join":                     forged(real, ada, joinIDOf(t, hers)),
		"Ada with her older one":                  forged(real, ada, joinIDOf(t, old)),
		"Mallory with that of her own room":       forged(real, mallory, joinIDOf(t, own)),
		"Ada with a join that never was":          forged(real, ada, uuid.NewString()),
		"Ada under none":                          forged(real, ada, ""),
		"Mallory's own token with another's room": edited(t, own, "video", map[string]any{"room": room, "roomJoin": true}),
		"Ada's token under another name":          edited(t, mine, "sub", mallory.id),
		"Ada's token under her account":           edited(t, mine, "sub", ada.id),
		"Ada's token under Ben's name":            edited(t, mine, "sub", sides[ben]),
	} {
		if opens(s, token) {
			t.Errorf("%s opens the audio", what)
		}
	}
	for who, token := range map[string]string{"Ada": mine, "Ben": hers} {
		if !opens(s, token) {
			t.Errorf("%s's own pass does not open it", who)
		}
	}

	// Saying yes, twice on each of two devices.
	accept := func(who *person) func() reply { return send(who, "POST", call+"/accept", nil) }
	good("accepting", atOnce(accept(ada), accept(tablet), accept(ada), accept(ben), accept(laptop), accept(ben)))
	for _, who := range []*person{ada, tablet, ben, laptop} {
		if c := who.call(id); c.State != "connecting" || !c.Accepted {
			t.Errorf("%s sees %+v", who.name, c)
		}
	}
	// On a device that has not noticed, "not now" is no answer any more.
	if c := tablet.says(id, "decline"); c.State != "connecting" {
		t.Errorf("a card left open ended the call: %+v", c)
	}
	do := func(who *person, what string) func() reply { return send(who, "POST", call+"/"+what, nil) }
	good("hearing", atOnce(do(ada, "audio-received"), do(ben, "audio-received"), do(ada, "audio-received"), do(ben, "audio-received")))
	good("asking for more", atOnce(do(ada, "extend"), do(tablet, "extend"), do(ada, "extend")))
	if c := ben.call(id); c.State != "live" || c.Extensions != 0 {
		t.Errorf("Ada alone asked for more: %+v", c)
	}
	good("hanging up", atOnce(do(ada, "leave"), do(ben, "leave"), do(tablet, "leave"), do(laptop, "leave")))
	oneOutcome(t, id, "left", ada, ben)
	choose := func(who *person, what string) func() reply {
		return send(who, "PUT", call+"/choice", map[string]string{"choice": what})
	}
	for i, r := range atOnce(choose(ada, "heart"), choose(tablet, "heart"), choose(ben, "heart"), choose(laptop, "pass")) {
		if r.status != 200 && r.problem().Code != "call.decided" {
			t.Errorf("choice %d: %d %s", i, r.status, r.text)
		}
	}
	if a, b := ada.call(id), ben.call(id); a.Matched != b.Matched {
		t.Errorf("a match for one: %+v, %+v", a, b)
	}
	over := db.dump(t, id)
	for _, what := range []string{"accept", "join", "audio-received", "extend"} {
		refused(t, what+" after the end", ada.try("POST", call+"/"+what, nil), want{410, "call.ended", ""})
	}
	refused(t, "a microphone after the end", ben.try("PUT", call+"/microphone", map[string]bool{"muted": true}), want{410, "call.ended", ""})
	for _, what := range []string{"leave", "decline"} {
		if c := ben.says(id, what); c.State != "ended" || c.EndReason != "left" {
			t.Errorf("%s after the end: %+v", what, c)
		}
	}
	if opens(s, mine) {
		t.Error("the audio opens after the end")
	}
	if after := db.dump(t, id); after != over {
		t.Errorf("after the end it was\n%s\nand is\n%s", over, after)
	}

	// Yes and no in the same moment: one of them counts, for both.
	mallory.end(stage)
	for _, who := range []*person{ada, mallory} {
		who.do("DELETE", "/api/call/queue", nil, nil)
	}
	id = asked(ada, mallory)
	call = "/api/calls/" + id
	mallory.says(id, "accept")
	for _, r := range atOnce(do(ada, "accept"), do(tablet, "decline")) {
		if r.status != 200 && r.problem().Code != "call.ended" {
			t.Errorf("yes and no: %d %s", r.status, r.text)
		}
	}
	if c := ada.call(id); c.State == "proposed" {
		t.Errorf("yes and no: %+v", c)
	}
	// A no shows to the other when the time for an answer is over.
	eventually(t, 20*time.Second, "yes and no are one outcome for both", func() bool {
		a, m := ada.call(id), mallory.call(id)
		return a.State == m.State && a.EndReason == m.EndReason
	})

	// An answer that comes too late is told so, and changes nothing.
	eventually(t, 20*time.Second, "nobody waits for an answer any more", func() bool { return cleo.call(late).State == "ended" })
	before = db.dump(t, late)
	for _, who := range []*person{cleo, dan} {
		for _, what := range []string{"accept", "join"} {
			refused(t, what+" too late", who.try("POST", "/api/calls/"+late+"/"+what, nil), want{410, "call.ended", ""})
		}
		who.says(late, "decline")
	}
	oneOutcome(t, late, "nothing", cleo, dan)
	if after := db.dump(t, late); after != before {
		t.Errorf("too late, and it was\n%s\nand is\n%s", before, after)
	}
	for _, who := range []*person{cleo, dan} { // whom nobody answered
		eventually(t, 10*time.Second, who.name+" looks on", func() bool { l := who.queue(); return l.Waiting && l.Call == nil })
	}
	db.sound(t)
}

// claims returns the claims of a token.
func claims(t *testing.T, token string) map[string]any {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func joinIDOf(t *testing.T, token string) string {
	t.Helper()
	a, _ := claims(t, token)["metadata"].(string)
	if a == "" {
		t.Fatalf("no join id in %v", claims(t, token))
	}
	return a
}

// edited returns a token with one claim changed and the old signature.
func edited(t *testing.T, token, name string, value any) string {
	t.Helper()
	all := maps.Clone(claims(t, token))
	all[name] = value
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(token, ".")
	parts[1] = base64.RawURLEncoding.EncodeToString(text)
	if hmac.Equal([]byte(strings.Join(parts, ".")), []byte(token)) {
		t.Fatal("nothing was edited")
	}
	return strings.Join(parts, ".")
}

// opens reports whether the gate accepts a token.
func opens(s *server, token string) bool {
	c, _, err := dial(s.socketURL()+"/rtc?access_token="+token, nil)
	if err != nil {
		return false
	}
	defer func() { _ = c.Close() }()
	r, err := c.read() // the first word decides: only a join is a way in
	return err == nil && r.GetJoin() != nil
}
