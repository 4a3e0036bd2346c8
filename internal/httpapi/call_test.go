package httpapi_test

import (
	"net/http"
	"testing"
	"time"

	"heyy/internal/db"
	"heyy/internal/db/dbtest"
	"heyy/internal/httpapi"
)

func (v *visitor) lounge() (l httpapi.Lounge) {
	v.t.Helper()
	v.want(http.StatusOK, "", "GET", "/api/call", "").into(v.t, &l)
	return l
}

// asked waits until somebody is proposed to v.
func (v *visitor) asked() httpapi.Call {
	v.t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if c := v.lounge().Call; c != nil && c.State == "proposed" {
			return *c
		}
	}
	v.t.Fatal("nobody was proposed")
	return httpapi.Call{}
}

func TestTwoStrangersTalkAndBothGiveAHeart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newDoor(t, d)
		anna, me := h.fits(t, "Anna", "woman")
		bob, him := h.fits(t, "Bob", "man")
		cleo := h.visitor(t)
		cleo.signIn("cleo@example.org")
		cleo.begin("Cleo")
		look := `{"intents":[],"languages":[]}`
		cleo.want(http.StatusConflict, "match.incomplete", "POST", "/api/call/queue", look)
		var l httpapi.Lounge
		anna.want(http.StatusOK, "", "POST", "/api/call/queue", look).into(t, &l)
		if !l.Waiting || l.Looking != 1 || l.Call != nil || l.EstimateMs != 0 || l.Reach != "everyone" {
			t.Fatalf("%+v", l)
		}
		anna.want(http.StatusOK, "", "PUT", "/api/call/queue", "")
		bob.want(http.StatusOK, "", "POST", "/api/call/queue", look)
		c, his := anna.asked(), bob.asked()
		if c.ID != his.ID || c.Person.ID != him.ID || his.Person.ID != me.ID || c.AgeTo != c.AgeFrom+4 || len(c.Shared) != 2 || c.Accepted {
			t.Fatalf("%+v\n%+v", c, his)
		}
		anna.want(http.StatusOK, "", "GET", c.Person.Clips[0].URL, "")
		call := "/api/calls/" + c.ID
		cleo.want(http.StatusNotFound, "call.not_found", "POST", call+"/accept", "")
		cleo.want(http.StatusNotFound, "call.not_found", "POST", call+"/join", "")
		var in httpapi.CallJoined
		for _, v := range []*visitor{anna, bob} {
			v.want(http.StatusOK, "", "POST", call+"/join", "").into(t, &in)
			if in.Media.Token == "" || in.Call.State != "proposed" {
				t.Errorf("%+v", in)
			}
		}
		anna.want(http.StatusOK, "", "POST", call+"/accept", "").into(t, &c)
		if c.State != "proposed" || !c.Accepted {
			t.Fatalf("%+v", c)
		}
		if bob.lounge().Call.Accepted {
			t.Error("Bob is said to have accepted")
		}
		bob.want(http.StatusOK, "", "POST", call+"/accept", "").into(t, &c)
		if c.State != "connecting" {
			t.Fatalf("%+v", c)
		}
		anna.want(http.StatusConflict, "room.in_call", "POST", "/api/rooms", `{"title":"Elsewhere","category":"talk","language":"en"}`)
		for _, v := range []*visitor{anna, bob} {
			v.want(http.StatusOK, "", "POST", call+"/hears", "").into(t, &c)
		}
		if c.State != "live" || c.LiveAt == 0 || c.DeadlineAt-c.LiveAt != 7*60_000 {
			t.Fatalf("%+v", c)
		}
		bob.want(http.StatusOK, "", "PUT", call+"/microphone", `{"muted":true,"taken":true}`)
		anna.want(http.StatusOK, "", "POST", call+"/more", "").into(t, &c)
		if !c.TheyMuted || !c.TheyTaken || !c.MoreMine || c.More != 0 {
			t.Errorf("%+v", c)
		}
		bob.want(http.StatusOK, "", "POST", call+"/more", "").into(t, &c)
		if c.More != 1 || c.DeadlineAt-c.LiveAt != 10*60_000 {
			t.Errorf("%+v", c)
		}
		anna.want(http.StatusOK, "", "GET", call, "").into(t, &c)
		if c.State != "live" || c.More != 1 || c.Person.ID != him.ID {
			t.Errorf("read: %+v", c)
		}
		cleo.want(http.StatusNotFound, "call.not_found", "GET", call, "")
		anna.want(http.StatusOK, "", "POST", call+"/leave", "").into(t, &c)
		if c.State != "ended" || c.EndedWhy != "left" || !c.EndedByMe || c.ChooseBy == 0 {
			t.Fatalf("%+v", c)
		}
		anna.want(http.StatusOK, "", "PUT", call+"/choice", `{"choice":"heart","kind":true,"safe":true}`).into(t, &c)
		if c.Matched || bob.lounge().Call == nil || bob.lounge().Call.Choice != "" {
			t.Errorf("%+v", c)
		}
		bob.want(http.StatusOK, "", "PUT", call+"/choice", `{"choice":"heart"}`).into(t, &c)
		if !c.Matched {
			t.Fatalf("%+v", c)
		}
		var matches httpapi.Matches
		anna.want(http.StatusOK, "", "GET", "/api/matches", "").into(t, &matches)
		if len(matches.Matches) != 1 || matches.Matches[0].Person.Name != "Bob" {
			t.Errorf("%+v", matches)
		}

		// A match can be called, and a stranger cannot.
		cleo.want(http.StatusNotFound, "call.unmatched", "POST", "/api/people/"+him.ID+"/call", "")
		anna.want(http.StatusOK, "", "POST", "/api/people/"+him.ID+"/call", "").into(t, &c)
		if c.Kind != "direct" || !c.Mine || c.State != "proposed" {
			t.Fatalf("%+v", c)
		}
		if ring := bob.lounge().Call; ring == nil || ring.Mine || ring.Kind != "direct" {
			t.Fatalf("%+v", ring)
		}
		// A block ends it, and everything else.
		ring := "/api/calls/" + c.ID
		bob.want(http.StatusNoContent, "", "PUT", "/api/people/"+me.ID+"/block", "")
		if l := anna.lounge(); l.Call != nil && l.Call.State != "ended" || len(l.Missed) > 0 {
			t.Errorf("%+v", l)
		}
		for _, v := range []*visitor{anna, bob} { // neither sees the other any more
			v.want(http.StatusNotFound, "person.unknown", "GET", ring, "")
		}
	})
}
