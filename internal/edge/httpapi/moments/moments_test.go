package moments_test

import (
	"mime/multipart"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/id"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/edge/httpapi/moments"
	"heyy/internal/lab/testkit"
	"heyy/internal/media/audio"
	"heyy/internal/talk/message"
)

var must = testkit.Must

// match makes a match of two members who fit.
func match(a, b *apitest.Visitor, as, bs string) {
	for v, other := range map[*apitest.Visitor]string{a: bs, b: as} {
		card := v.Sees(other)
		v.Want(http.StatusOK, "", "PUT", "/api/discover/"+other, `{"choice":"like","ticket":"`+card.Ticket+`"}`)
	}
}

func at() string { return "/api/moments/" + id.New() }

// form is a request body with a recording and fields, and its headers.
func form(t *testing.T, sound string, fields ...string) (body string, headers []string) {
	t.Helper()
	var b strings.Builder
	w := multipart.NewWriter(&b)
	for i := 0; i < len(fields); i += 2 {
		must(t, w.WriteField(fields[i], fields[i+1]))
	}
	part, err := w.CreateFormFile("audio", "voice.ogg")
	must(t, err)
	_, err = part.Write([]byte(sound))
	must(t, err)
	must(t, w.Close())
	return b.String(), []string{"Content-Type", w.FormDataContentType()}
}

// long is a recording of n times the eight seconds of another.
func long(t *testing.T, n int) string {
	t.Helper()
	one, err := audio.Parse([]byte(apitest.Recording(t)))
	must(t, err)
	parts := make([]audio.Recording, n)
	for i := range parts {
		parts[i] = one
	}
	return string(audio.Concat(time.Hour, parts...))
}

func list(t *testing.T, v *apitest.Visitor) (out moments.Moments) {
	t.Helper()
	v.Want(http.StatusOK, "", "GET", "/api/moments", "").Into(t, &out)
	return out
}

func strangers(t *testing.T, v *apitest.Visitor) (out moments.NewMoments) {
	t.Helper()
	v.Want(http.StatusOK, "", "GET", "/api/discover/moments", "").Into(t, &out)
	return out
}

func TestAMomentIsHeardByMatchesAndAnsweredByVoice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		ada, me := h.Fits(t, "Ada", "woman")
		bob, him := h.Fits(t, "Bob", "man")
		eve, _ := h.Fits(t, "Eve", "man")
		match(ada, bob, me.ID, him.ID)
		draft := at()
		body, headers := form(t, apitest.Recording(t), "audience", "matches", "text", "The number 3, at night")
		var own, again, other moments.OwnMoment
		ada.Want(http.StatusOK, "", "PUT", draft, body, headers...).Into(t, &own)
		first := "/api/moments/" + own.ID
		if own.Ms < 5000 || own.Text != "The number 3, at night" || own.Audience != "matches" || own.HeardBy != 0 || own.ExpiresAt-own.At != (24*time.Hour).Milliseconds() {
			t.Errorf("%+v", own)
		}
		// Again, even what could not be decoded: it was posted, and is not looked at.
		cut, cutHeaders := form(t, "OggS", "audience", "nobody")
		ada.Want(http.StatusOK, "", "PUT", draft, cut, cutHeaders...).Into(t, &again)
		if again != own {
			t.Errorf("%+v, then %+v", own, again)
		}
		// To somebody else neither the draft nor the moment is anything.
		for _, known := range []string{draft, first, at()} {
			eve.Want(http.StatusOK, "", "PUT", known, body, headers...).Into(t, &other)
			if other.ID == own.ID || other.At < own.At {
				t.Errorf("%s: %+v", known, other)
			}
		}
		if l := list(t, ada); len(l.Mine) != 1 || l.Mine[0] != own || len(l.People) != 0 {
			t.Errorf("Ada sees %+v", l)
		}
		l := list(t, bob)
		if len(l.Mine) != 0 || len(l.People) != 1 || l.People[0].Person.ID != me.ID || l.People[0].Chat != message.WayThere || len(l.People[0].Moments) != 1 || l.People[0].Moments[0].Heard {
			t.Fatalf("Bob sees %+v", l)
		}
		r := bob.Want(http.StatusOK, "", "GET", first+"/audio", "")
		if r.Header.Get("Content-Type") != "audio/ogg" || r.Header.Get("Cache-Control") != "private, no-store" || !strings.HasPrefix(r.Body, "OggS") {
			t.Errorf("%v", r.Header)
		}
		if part := bob.Want(http.StatusPartialContent, "", "GET", first+"/audio", "", "Range", "bytes=4-7", "If-Range", r.Header.Get("ETag")); part.Body != r.Body[4:8] {
			t.Errorf("a part is %q", part.Body)
		}
		bob.Want(http.StatusNoContent, "", "PUT", first+"/heard", "")
		if l := list(t, bob); !l.People[0].Moments[0].Heard {
			t.Errorf("Bob has heard it: %+v", l)
		}

		// An answer is a voice message in the chat that says so; a moment that is nobody's, not
		// theirs, or one's own is no reason to lose what was said.
		chat := "/api/chats/" + me.ID + "/messages/"
		speak := func(of string) (m apitypes.Message) {
			body, headers := form(t, apitest.Recording(t), "moment", of)
			bob.Want(http.StatusOK, "", "PUT", chat+id.New()+"/voice", body, headers...).Into(t, &m)
			return m
		}
		if m := speak(own.ID); m.Moment != own.ID || m.Voice == nil {
			t.Errorf("%+v", m)
		}
		if m := speak(id.New()); m.Moment != "" || m.Voice == nil {
			t.Errorf("%+v", m)
		}
		bad, badHeaders := form(t, apitest.Recording(t), "moment", "mine")
		bob.Want(http.StatusUnprocessableEntity, "request.invalid", "PUT", chat+id.New()+"/voice", bad, badHeaders...)

		// Nobody else; and with the match it ends for Bob.
		for _, ask := range []struct{ method, rest string }{{"GET", "/audio"}, {"PUT", "/heard"}, {"DELETE", ""}} {
			eve.Want(http.StatusNotFound, "moment.none", ask.method, first+ask.rest, "")
			none := eve.Want(http.StatusNotFound, "moment.none", ask.method, at()+ask.rest, "")
			if of := eve.Want(http.StatusNotFound, "moment.none", ask.method, first+ask.rest, ""); apitest.WithoutID(of.Body) != apitest.WithoutID(none.Body) {
				t.Errorf("%s and %s", of.Body, none.Body)
			}
		}
		bob.Want(http.StatusNotFound, "moment.none", "DELETE", first, "")
		bob.Want(http.StatusNoContent, "", "DELETE", "/api/matches/"+me.ID, "")
		bob.Want(http.StatusNotFound, "moment.none", "GET", first+"/audio", "")
		bob.Want(http.StatusNotFound, "moment.none", "GET", first+"/audio", "", "If-None-Match", r.Header.Get("ETag"))
		bob.Want(http.StatusNotFound, "moment.none", "PUT", first+"/heard", "")
		if l := list(t, bob); len(l.People) != 0 {
			t.Errorf("Bob sees %+v", l)
		}
		ada.Want(http.StatusNoContent, "", "DELETE", first, "")
		ada.Want(http.StatusNotFound, "moment.none", "GET", first+"/audio", "")
		ada.Want(http.StatusNotFound, "moment.none", "PUT", draft, body, headers...)
		if l := list(t, ada); len(l.Mine) != 0 {
			t.Errorf("Ada sees %+v", l)
		}
	})
}

func TestMomentsForEveryoneReachThoseWhoFit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		ada, me := h.Fits(t, "Ada", "woman")
		bob, him := h.Fits(t, "Bob", "man")
		passer, _ := h.Fits(t, "Paul", "man")
		dan, _ := h.Member(t, "Dan") // an account, and nothing that could fit
		body, headers := form(t, apitest.Recording(t), "audience", "everyone")
		var own moments.OwnMoment
		ada.Want(http.StatusOK, "", "PUT", at(), body, headers...).Into(t, &own)
		first := "/api/moments/" + own.ID
		for end := time.Now().Add(5 * time.Second); len(strangers(t, bob).People) == 0 && time.Now().Before(end); {
			time.Sleep(20 * time.Millisecond) // the index is a second behind
		}
		if l := strangers(t, bob); len(l.People) != 1 || l.People[0].Person.ID != me.ID || l.People[0].Chat != "" || len(list(t, bob).People) != 0 {
			t.Fatalf("Bob sees %+v", l)
		}
		bob.Want(http.StatusOK, "", "GET", first+"/audio", "")
		bob.Want(http.StatusNoContent, "", "PUT", first+"/heard", "")
		if l := strangers(t, dan); len(l.People) != 0 {
			t.Errorf("Dan sees %+v", l)
		}
		card := passer.Sees(me.ID)
		passer.Want(http.StatusOK, "", "PUT", "/api/discover/"+me.ID, `{"choice":"pass","ticket":"`+card.Ticket+`"}`)
		if l := strangers(t, passer); len(l.People) != 0 {
			t.Errorf("passed, and yet %+v", l)
		}
		// Without a match it is answered nowhere.
		answer, answerHeaders := form(t, apitest.Recording(t), "moment", own.ID)
		bob.Want(http.StatusNotFound, "chat.none", "PUT", "/api/chats/"+me.ID+"/messages/"+id.New()+"/voice", answer, answerHeaders...)

		// Who takes requests is answered by one, once.
		ada.Want(http.StatusOK, "", "PUT", "/api/me/chats", `{"requests":true,"limit":0}`)
		if l := strangers(t, bob); len(l.People) != 1 || l.People[0].Chat != message.WayRequest {
			t.Errorf("Bob sees %+v", l)
		}
		bob.Want(http.StatusOK, "", "PUT", "/api/chats/"+me.ID, "")
		var said apitypes.Message
		bob.Want(http.StatusOK, "", "PUT", "/api/chats/"+me.ID+"/messages/"+id.New()+"/voice", answer, answerHeaders...).Into(t, &said)
		if l := strangers(t, bob); said.Moment != own.ID || l.People[0].Chat != message.WayThere {
			t.Errorf("%+v; Bob sees %+v", said, l)
		}
		bob.Want(http.StatusConflict, "chat.asked", "PUT", "/api/chats/"+me.ID+"/messages/"+id.New()+"/voice", answer, answerHeaders...)
		ada.Want(http.StatusNoContent, "", "DELETE", "/api/chats/"+him.ID, "")
		if l := strangers(t, bob); l.People[0].Chat != message.WayThere {
			t.Errorf("declined, which Bob is not to know, and he sees %+v", l)
		}
		bob.Want(http.StatusNoContent, "", "DELETE", "/api/chats/"+me.ID, "")
		if l := strangers(t, bob); l.People[0].Chat != "" {
			t.Errorf("nobody asks twice, and Bob sees %+v", l)
		}

		// A pause hides from strangers, a match makes them known, and a block ends all.
		ada.Want(http.StatusOK, "", "PATCH", "/api/me", `{"paused":true}`)
		bob.Want(http.StatusNotFound, "moment.none", "GET", first+"/audio", "")
		if l := strangers(t, bob); len(l.People) != 0 {
			t.Errorf("paused, and yet %+v", l)
		}
		ada.Want(http.StatusOK, "", "PATCH", "/api/me", `{"paused":false}`)
		match(ada, bob, me.ID, him.ID)
		if l := list(t, bob); len(l.People) != 1 || l.People[0].Chat != message.WayThere || !l.People[0].Moments[0].Heard || len(strangers(t, bob).People) != 0 {
			t.Errorf("a match sees %+v", l)
		}
		ada.Want(http.StatusNoContent, "", "PUT", "/api/people/"+him.ID+"/block", "")
		bob.Want(http.StatusNotFound, "moment.none", "GET", first+"/audio", "")
		bob.Want(http.StatusNotFound, "moment.none", "PUT", first+"/heard", "")
		if len(list(t, bob).People)+len(strangers(t, bob).People) != 0 {
			t.Error("blocked, and yet listed")
		}
	})
}

func TestBadMoments(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	ada, _ := h.Fits(t, "Ada", "woman")
	good := apitest.Recording(t)
	to := []string{"audience", "everyone"}
	send := func(sound string, fields ...string) (string, []string) { return form(t, sound, fields...) }
	type refused struct {
		what, code string
		status     int
		body       string
		headers    []string
	}
	of := func(what, code string, status int) func(string, []string) refused {
		return func(body string, headers []string) refused { return refused{what, code, status, body, headers} }
	}
	for _, bad := range []refused{
		of("cut off", "voice.damaged", 422)(send(good[:len(good)/2], to...)),
		of("a web page", "voice.format", 422)(send("<html>", to...)),
		of("over a minute", "moment.long", 422)(send(long(t, 8), to...)),
		of("too large", "request.too_large", 413)(send(strings.Repeat("x", 1<<20+65<<10), to...)),
		of("text too long", "moment.text_long", 422)(send(good, append(to, "text", strings.Repeat("a", 501))...)),
		of("characters", "message.characters", 422)(send(good, append(to, "text", "a\u202eb")...)),
		of("to nobody", "moment.audience", 422)(send(good)),
		of("to friends", "moment.audience", 422)(send(good, "audience", "friends")),
		of("a field that nobody asked for", "request.invalid", 422)(send(good, append(to, "by", "me")...)),
		of("a field twice", "request.invalid", 422)(send(good, append(to, to...)...)),
		of("no form", "request.invalid", 422)(good, []string{"Content-Type", "multipart/form-data"}),
		of("JSON", "request.invalid", 422)(`{}`, nil),
	} {
		ada.Want(bad.status, bad.code, "PUT", at(), bad.body, bad.headers...)
	}
	ada.Want(http.StatusUnprocessableEntity, "page.cursor_wrong", "GET", "/api/moments?before=x", "")
	if l := list(t, ada); len(l.Mine) != 0 {
		t.Errorf("%+v", l)
	}
}

// What may not be posted is refused before it is decoded, and costs no share of recordings.
func TestWhatMayNotBePostedIsNotDecoded(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	ada, me := h.Fits(t, "Ada", "woman")
	for range 10 {
		if _, err := h.DB.Exec(`INSERT INTO moments (id, account_id, audience, text, audio_key, ms, at, expires_at) VALUES ($1, $2, 'matches', '', $1, 9, $3, $4)`,
			id.New(), me.ID, time.Now().UnixMilli(), time.Now().Add(time.Hour).UnixMilli()); err != nil {
			t.Fatal(err)
		}
	}
	body, headers := form(t, "<html>", "audience", "everyone")
	for range 60 { // more than may be decoded
		ada.Want(http.StatusTooManyRequests, "moment.too_many", "PUT", at(), body, headers...)
	}
	wrong, wrongHeaders := form(t, "<html>", "audience", "friends")
	ada.Want(http.StatusUnprocessableEntity, "moment.audience", "PUT", at(), wrong, wrongHeaders...)
}

func TestOnePostOfManyAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		ada, _ := h.Fits(t, "Ada", "woman")
		one := at()
		body, headers := form(t, apitest.Recording(t), "audience", "everyone")
		var all sync.WaitGroup
		for range 12 {
			all.Go(func() {
				if r := ada.Ask("PUT", one, body, headers...); r.Status != http.StatusOK && r.Status != http.StatusTooManyRequests {
					t.Errorf("%d %s", r.Status, r.Body)
				}
			})
		}
		all.Wait()
		if l := list(t, ada); len(l.Mine) != 1 {
			t.Errorf("%+v", l)
		}
	})
}
