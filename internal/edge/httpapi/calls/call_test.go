package calls_test

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/id"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/edge/httpapi/calls"
	"heyy/internal/edge/httpapi/discover"
	"heyy/internal/media/audio"
	"heyy/internal/media/aura"
)

func queueStatus(v *apitest.Visitor) (l calls.QueueStatus) {
	v.T.Helper()
	v.Want(http.StatusOK, "", "GET", "/api/call", "").Into(v.T, &l)
	return l
}

// asked waits until somebody is proposed to v.
func asked(v *apitest.Visitor) calls.Call {
	v.T.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if c := queueStatus(v).Call; c != nil && c.State == "proposed" {
			return *c
		}
	}
	v.T.Fatal("nobody was proposed")
	return calls.Call{}
}

func TestTwoStrangersTalkAndBothGiveAHeart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		anna, me := h.Fits(t, "Anna", "woman")
		bob, him := h.Fits(t, "Bob", "man")
		cleo := h.Visitor(t)
		cleo.SignIn("cleo@example.org")
		cleo.Begin("Cleo")
		look := `{"intents":[],"languages":[]}`
		cleo.Want(http.StatusConflict, "match.incomplete", "POST", "/api/call/queue", look)
		var l calls.QueueStatus
		anna.Want(http.StatusOK, "", "POST", "/api/call/queue", look).Into(t, &l)
		if !l.Waiting || l.Looking != 1 || l.Call != nil || l.EstimateMs != 0 || l.CallPrivacy != "everyone" {
			t.Fatalf("%+v", l)
		}
		anna.Want(http.StatusOK, "", "PUT", "/api/call/queue", "")
		bob.Want(http.StatusOK, "", "POST", "/api/call/queue", look)
		c, his := asked(anna), asked(bob)
		if c.ID != his.ID || c.Person.Name != "Bob" || his.Person.Name != "Anna" || c.AgeTo != c.AgeFrom+4 || len(c.Shared) != 2 || c.Accepted {
			t.Fatalf("%+v\n%+v", c, his)
		}
		call := "/api/calls/" + c.ID
		if v, err := audio.Parse([]byte(anna.Want(http.StatusOK, "", "GET", c.Person.Intro, "").Body)); err != nil || v.Duration() != 5*time.Second {
			t.Errorf("%s of Bob's intro, %v", v.Duration(), err)
		}
		cleo.Want(http.StatusNotFound, "call.not_found", "GET", c.Person.Intro, "")
		cleo.Want(http.StatusNotFound, "call.not_found", "POST", call+"/accept", "")
		cleo.Want(http.StatusNotFound, "call.not_found", "POST", call+"/join", "")
		var in calls.CallJoined
		for _, v := range []*apitest.Visitor{anna, bob} {
			v.Want(http.StatusOK, "", "POST", call+"/join", "").Into(t, &in)
			if in.Media.Token == "" || in.Call.State != "proposed" {
				t.Errorf("%+v", in)
			}
		}
		anna.Want(http.StatusOK, "", "POST", call+"/accept", "").Into(t, &c)
		if c.State != "proposed" || !c.Accepted {
			t.Fatalf("%+v", c)
		}
		if queueStatus(bob).Call.Accepted {
			t.Error("Bob is said to have accepted")
		}
		c = calls.Call{}
		bob.Want(http.StatusOK, "", "POST", call+"/accept", "").Into(t, &c)
		if c.State != "connecting" || c.Person.ID != me.ID || c.Person.Intro != "" || queueStatus(anna).Call.Person.ID != him.ID ||
			c.Person.Seed != aura.Seed(me.ID) || !reflect.DeepEqual(c.Person.Voice, me.Voice) {
			t.Fatalf("%+v", c)
		}
		anna.Want(http.StatusGone, "call.ended", "GET", call+"/intro", "")
		anna.Want(http.StatusConflict, "room.in_call", "POST", "/api/rooms", `{"title":"Elsewhere","category":"talk","language":"en"}`)
		for _, v := range []*apitest.Visitor{anna, bob} {
			v.Want(http.StatusOK, "", "POST", call+"/audio-received", "").Into(t, &c)
		}
		if c.State != "live" || c.LiveAt == 0 || c.DeadlineAt-c.LiveAt != 7*60_000 {
			t.Fatalf("%+v", c)
		}
		bob.Want(http.StatusOK, "", "PUT", call+"/microphone", `{"muted":true,"interrupted":true}`)
		anna.Want(http.StatusOK, "", "POST", call+"/extend", "").Into(t, &c)
		if !c.TheyMuted || !c.TheyInterrupted || !c.ExtendMine || c.Extensions != 0 {
			t.Errorf("%+v", c)
		}
		bob.Want(http.StatusOK, "", "POST", call+"/extend", "").Into(t, &c)
		if c.Extensions != 1 || c.DeadlineAt-c.LiveAt != 10*60_000 {
			t.Errorf("%+v", c)
		}
		anna.Want(http.StatusOK, "", "GET", call, "").Into(t, &c)
		if c.State != "live" || c.Extensions != 1 || c.Person.ID != him.ID {
			t.Errorf("read: %+v", c)
		}
		cleo.Want(http.StatusNotFound, "call.not_found", "GET", call, "")
		anna.Want(http.StatusOK, "", "POST", call+"/leave", "").Into(t, &c)
		if c.State != "ended" || c.EndReason != "left" || !c.EndedByMe || c.ChooseBy == 0 {
			t.Fatalf("%+v", c)
		}
		anna.Want(http.StatusOK, "", "PUT", call+"/choice", `{"choice":"heart","kind":true,"safe":true}`).Into(t, &c)
		if c.Matched || queueStatus(bob).Call == nil || queueStatus(bob).Call.Choice != "" {
			t.Errorf("%+v", c)
		}
		bob.Want(http.StatusOK, "", "PUT", call+"/choice", `{"choice":"heart"}`).Into(t, &c)
		if !c.Matched {
			t.Fatalf("%+v", c)
		}
		var matches discover.Matches
		anna.Want(http.StatusOK, "", "GET", "/api/matches", "").Into(t, &matches)
		if len(matches.Matches) != 1 || matches.Matches[0].Person.Name != "Bob" {
			t.Errorf("%+v", matches)
		}

		// A match can be called, and a stranger cannot.
		cleo.Want(http.StatusNotFound, "person.unknown", "POST", "/api/people/"+him.ID+"/call", "")
		cleo.Want(http.StatusNotFound, "person.unknown", "POST", "/api/people/"+id.New()+"/call", "")
		anna.Want(http.StatusOK, "", "POST", "/api/people/"+him.ID+"/call", "").Into(t, &c)
		if c.Kind != "direct" || !c.Mine || c.State != "proposed" {
			t.Fatalf("%+v", c)
		}
		if ring := queueStatus(bob).Call; ring == nil || ring.Mine || ring.Kind != "direct" {
			t.Fatalf("%+v", ring)
		}
		// A block ends it, and everything else.
		ring := "/api/calls/" + c.ID
		bob.Want(http.StatusNoContent, "", "PUT", "/api/people/"+me.ID+"/block", "")
		if l := queueStatus(bob); l.Call != nil {
			t.Errorf("it rings at who has blocked: %+v", l)
		}
		// Anna, who rings, sees what she sees when nobody answers.
		if l := queueStatus(anna); l.Call == nil || l.Call.State != "proposed" || len(l.Missed) > 0 {
			t.Errorf("%+v", l)
		}
		anna.Want(http.StatusOK, "", "POST", ring+"/leave", "")
		for _, v := range []*apitest.Visitor{anna, bob} { // it was theirs, and stays so however it ended
			v.Want(http.StatusOK, "", "GET", ring, "").Into(t, &c)
			if c.State != "ended" || c.EndReason == "left" {
				t.Errorf("%+v", c)
			}
		}
		anna.Want(http.StatusNotFound, "person.unknown", "POST", "/api/people/"+him.ID+"/call", "")
	})
}

// What is told of a stranger before both have said yes, in all answers there are.
func TestAProposalTellsWhatItPromisesAndNothingElse(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	anna, me := h.Fits(t, "Anna", "woman")
	bob, him := h.Fits(t, "Bob", "man")
	bob.Publish(2)
	for _, v := range []*apitest.Visitor{anna, bob} {
		v.Want(http.StatusOK, "", "PATCH", "/api/me", `{"pronouns":"they","work":{"role":"Baker","company":"Bakery","links":["https://example.org/who"],"open_to":[]}}`)
		v.Want(http.StatusOK, "", "POST", "/api/call/queue", `{"intents":[],"languages":[]}`)
	}
	c := asked(anna)
	call := "/api/calls/" + c.ID
	allowed := []string{"name", "resident", "seed", "voice", "intro"}
	for _, ask := range [][2]string{{"GET", "/api/call"}, {"PUT", "/api/call/queue"}, {"GET", call}, {"POST", call + "/join"}, {"PUT", call + "/microphone"}, {"POST", call + "/accept"}, {"GET", call}, {"POST", call + "/decline"}, {"GET", call}} {
		body := ""
		if strings.HasSuffix(ask[1], "microphone") {
			body = `{"muted":true}`
		}
		got := anna.Want(http.StatusOK, "", ask[0], ask[1], body).Body
		text := got
		if token := regexp.MustCompile(`"token":"[^.]*\.([^.]*)\.`).FindStringSubmatch(text); token != nil {
			says, err := base64.RawURLEncoding.DecodeString(token[1])
			if err != nil {
				t.Fatal(err)
			}
			text += string(says)
		}
		for _, secret := range []string{him.ID, me.ID, him.Clips[0].URL[len("/api/clips/"):][:36], "Baker", "example.org", `"pronouns`, `"languages`, `"interests`, `"badges`, `"clips`, `"work`, `"verified":`} {
			if strings.Contains(text, secret) {
				t.Errorf("%s %s tells %s: %s", ask[0], ask[1], secret, text)
			}
		}
		for _, person := range persons(t, []byte(got)) {
			for key := range person {
				if !slices.Contains(allowed, key) {
					t.Errorf("%s %s tells %q of a stranger: %v", ask[0], ask[1], key, person)
				}
			}
			if person["name"] != "Bob" || person["voice"] == nil || person["seed"] == nil {
				t.Errorf("%s %s: no aura and no name: %v", ask[0], ask[1], person)
			}
			// Numbers that stand on Bob's card, too, would name him as an id does.
			if seed := person["seed"]; seed != float64(aura.Seed(c.ID)) {
				t.Errorf("%s %s: the seed is not of the call alone: %v", ask[0], ask[1], seed)
			}
			for key, value := range person["voice"].(map[string]any) {
				step := .1
				if key == "pitch_hz" {
					step = 10
				}
				if n := value.(float64) / step; math.Abs(n-math.Round(n)) > 1e-9 {
					t.Errorf("%s %s tells %s as %v", ask[0], ask[1], key, value)
				}
			}
		}
	}
}

// However it ended, the call answers the one to whom it was done in one way.
func TestACallDoesNotTellABlockFromAnyOtherEnd(t *testing.T) {
	numbers := regexp.MustCompile(`("(?:id|seed|intro|cards|now|[a-z]+_at|choose_by)":)("[^"]*"|[0-9]+|\[[^]]*\])`)
	silence := func(*apitest.Visitor, string, string) {}
	command := func(name string) func(*apitest.Visitor, string, string) {
		return func(v *apitest.Visitor, call, _ string) { v.Want(http.StatusOK, "", "POST", call+"/"+name, "") }
	}
	block := func(v *apitest.Visitor, _, other string) {
		v.Want(http.StatusNoContent, "", "PUT", "/api/people/"+other+"/block", "")
	}
	report := func(v *apitest.Visitor, _, other string) {
		v.Want(http.StatusNoContent, "", "POST", "/api/people/"+other+"/report", `{"reason":"spam","note":"","place":"discover"}`)
	}
	pass := func(v *apitest.Visitor, call string) {
		v.Want(http.StatusOK, "", "PUT", call+"/choice", `{"choice":"pass"}`)
	}
	for _, c := range []struct {
		name string
		live bool // both said yes and heard each other
		ends map[string]func(v *apitest.Visitor, call, other string)
	}{
		{"proposed", false, map[string]func(*apitest.Visitor, string, string){"silence": silence, "decline": command("decline"), "block": block, "report": report}},
		{"live", true, map[string]func(*apitest.Visitor, string, string){"leave": func(v *apitest.Visitor, call, other string) {
			command("leave")(v, call, other)
			pass(v, call)
		}, "block": block, "report": report}},
	} {
		said := map[string]string{}
		for end, do := range c.ends {
			d := dbtest.SQLite(t)
			h := apitest.New(t, d)
			anna, me := h.Fits(t, "Anna", "woman")
			bob, _ := h.Fits(t, "Bob", "man")
			for _, v := range []*apitest.Visitor{anna, bob} {
				v.Want(http.StatusOK, "", "POST", "/api/call/queue", `{"intents":[],"languages":[]}`)
			}
			call := "/api/calls/" + asked(anna).ID
			if c.live {
				for _, name := range []string{"accept", "audio-received"} {
					for _, v := range []*apitest.Visitor{anna, bob} {
						command(name)(v, call, "")
					}
				}
			}
			do(bob, call, me.ID)
			for n := range 2 { // at once, and when nothing can be said to it any more
				r := anna.Ask("GET", call, "")
				said[end] += strconv.Itoa(r.Status) + numbers.ReplaceAllString(r.Body, "$1-") + "\n"
				switch {
				case n == 0 && c.live:
					pass(anna, call)
				case n == 0:
					if _, err := d.Exec(`UPDATE calls SET deadline_at = 1 WHERE deadline_at IS NOT NULL`); err != nil {
						t.Fatal(err)
					}
					command("leave")(anna, call, "") // what is due ends before it
				}
			}
			if !strings.Contains(said[end], `"state":"ended"`) {
				t.Fatalf("%s, %s: %s", c.name, end, said[end])
			}
		}
		for end, body := range said {
			if body != said["block"] {
				t.Errorf("%s: after %s\n%sand after a block\n%s", c.name, end, body, said["block"])
			}
		}
	}
}

// persons are the objects under the key "person", wherever they stand.
func persons(t *testing.T, body []byte) (all []map[string]any) {
	t.Helper()
	var root any
	if err := json.Unmarshal(body, &root); err != nil {
		t.Fatal(err)
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, inner := range v {
				if person, is := inner.(map[string]any); is && key == "person" {
					all = append(all, person)
				}
				walk(inner)
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	walk(root)
	return all
}
