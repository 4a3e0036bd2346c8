package chats_test

import (
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/id"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/edge/httpapi/chats"
	"heyy/internal/lab/testkit"
)

var must = testkit.Must

// couple returns two members with a match, and the ids of their accounts.
func couple(t *testing.T, h *apitest.Server) (ada, bob *apitest.Visitor, adas, bobs string) {
	t.Helper()
	ada, me := h.Fits(t, "Ada", "woman")
	bob, him := h.Fits(t, "Bob", "man")
	for v, other := range map[*apitest.Visitor]string{ada: him.ID, bob: me.ID} {
		card := v.Sees(other)
		v.Want(http.StatusOK, "", "PUT", "/api/discover/"+other, `{"choice":"like","ticket":"`+card.Ticket+`"}`)
	}
	return ada, bob, me.ID, him.ID
}

func message(with string) string { return "/api/chats/" + with + "/messages/" + id.Opaque() }

func TestTwoPeopleChat(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		ada, bob, adas, bobs := couple(t, h)
		var list chats.Chats
		ada.Want(http.StatusOK, "", "GET", "/api/chats", "").Into(t, &list)
		if len(list.Chats) != 1 || list.Chats[0].Person.Name != "Bob" || list.Chats[0].Last != nil {
			t.Fatalf("a match and no chat: %+v", list)
		}
		first := message(bobs)
		var m apitypes.Message
		ada.Want(http.StatusUnprocessableEntity, "message.greeting", "PUT", first, `{"text":"hi"}`)
		ada.Want(http.StatusOK, "", "PUT", first, `{"text":"Which tram is that in your intro?"}`).Into(t, &m)
		if !m.Mine || m.N != 1 || m.Text == "" || m.Deleted || len(m.Reactions) != 0 {
			t.Errorf("%+v", m)
		}
		var again apitypes.Message
		ada.Want(http.StatusOK, "", "PUT", first, `{"text":"Which tram is that in your intro?"}`).Into(t, &again)
		if again.N != m.N || again.Seq != m.Seq {
			t.Errorf("sent twice: %+v", again)
		}
		bob.Want(http.StatusConflict, "message.id_used", "PUT", strings.Replace(first, bobs, adas, 1), `{"text":"Mine"}`)

		var one chats.Chat
		bob.Want(http.StatusOK, "", "GET", "/api/chats/"+adas, "").Into(t, &one)
		if one.Unread != 1 || one.Last == nil || one.Last.Mine || one.Last.Text != m.Text || one.TheirReadN == nil {
			t.Errorf("%+v", one)
		}
		bob.Want(http.StatusOK, "", "PUT", message(adas), `{"text":"Number 3, at night","reply":1}`).Into(t, &m)
		if m.Reply == nil || m.Reply.Mine || m.Reply.N != 1 {
			t.Errorf("%+v", m)
		}
		bob.Want(http.StatusNoContent, "", "PUT", "/api/chats/"+adas+"/read", `{"n":1}`)
		bob.Want(http.StatusOK, "", "PUT", strings.Replace(first, bobs, adas, 1)+"/reaction", `{"emoji":"🚋"}`)
		var some chats.MessageChanges
		ada.Want(http.StatusOK, "", "GET", "/api/chats/"+bobs+"/changes?since=1", "").Into(t, &some)
		if len(some.Messages) != 2 || some.Messages[0].N != 2 || len(some.Messages[1].Reactions) != 1 || some.Messages[1].Reactions[0].Mine ||
			some.TheirReadN == nil || *some.TheirReadN != 1 {
			t.Errorf("%+v", some)
		}

		var me struct {
			Marks bool `json:"read_marks"`
		}
		bob.Want(http.StatusOK, "", "GET", "/api/me", "").Into(t, &me)
		if !me.Marks {
			t.Error("read marks are hidden from the beginning")
		}
		bob.Want(http.StatusOK, "", "PUT", "/api/me/read-marks", `{"shown":false}`).Into(t, &me)
		one = chats.Chat{}
		ada.Want(http.StatusOK, "", "GET", "/api/chats/"+bobs, "").Into(t, &one)
		if me.Marks || one.TheirReadN != nil {
			t.Errorf("hidden, and yet %+v", one)
		}

		ada.Want(http.StatusOK, "", "PATCH", first, `{"text":"Which tram is in your intro?"}`).Into(t, &m)
		if !m.Edited {
			t.Errorf("%+v", m)
		}
		bob.Want(http.StatusForbidden, "message.not_yours", "DELETE", strings.Replace(first, bobs, adas, 1), "")
		ada.Want(http.StatusOK, "", "DELETE", first, "").Into(t, &m)
		if !m.Deleted || m.Text != "" {
			t.Errorf("%+v", m)
		}
		ada.Want(http.StatusNoContent, "", "PUT", "/api/chats/"+bobs+"/typing", "")

		bob.Want(http.StatusNoContent, "", "PUT", "/api/people/"+adas+"/block", "")
		for _, gone := range []string{"", "/messages", "/changes?since=0"} {
			ada.Want(http.StatusNotFound, "chat.none", "GET", "/api/chats/"+bobs+gone, "")
		}
		ada.Want(http.StatusNotFound, "chat.none", "PUT", message(bobs), `{"text":"Hello?"}`)
		ada.Want(http.StatusNotFound, "chat.none", "PUT", "/api/chats/"+bobs+"/typing", "")
	})
}

// Who has no match is answered as if the other did not exist, whoever the other is.
func TestAStrangerLearnsNothingOfAChat(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	ada, _, _, bobs := couple(t, h)
	written := message(bobs)
	ada.Want(http.StatusOK, "", "PUT", written, `{"text":"Nobody else reads this"}`)
	eve, _ := h.Fits(t, "Eve", "woman")
	unknown := id.Opaque()
	for _, ask := range []struct{ method, rest, body string }{
		{"GET", "", ""}, {"GET", "/messages", ""}, {"GET", "/changes?since=0", ""},
		{"PUT", strings.TrimPrefix(written, "/api/chats/"+bobs), `{"text":"Let me in"}`},
		{"PATCH", strings.TrimPrefix(written, "/api/chats/"+bobs), `{"text":"Let me in"}`},
		{"DELETE", strings.TrimPrefix(written, "/api/chats/"+bobs), ""},
		{"PUT", strings.TrimPrefix(written, "/api/chats/"+bobs) + "/reaction", `{"emoji":"👀"}`},
		{"PUT", "/read", `{"n":1}`}, {"PUT", "/typing", ""}, {"PUT", "/accept", ""}, {"DELETE", "", ""},
	} {
		of := eve.Want(http.StatusNotFound, "chat.none", ask.method, "/api/chats/"+bobs+ask.rest, ask.body)
		none := eve.Want(http.StatusNotFound, "chat.none", ask.method, "/api/chats/"+unknown+ask.rest, ask.body)
		if apitest.WithoutID(of.Body) != apitest.WithoutID(none.Body) {
			t.Errorf("%s %s: %s and %s", ask.method, ask.rest, of.Body, none.Body)
		}
	}
}

func TestBadInputOfChats(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	ada, _, _, bobs := couple(t, h)
	first := message(bobs)
	ada.Want(http.StatusOK, "", "PUT", first, `{"text":"So that there is something"}`)
	for _, bad := range []struct {
		status             int
		code, method, path string
		body               string
	}{
		{422, "message.empty", "PUT", message(bobs), `{"text":"  "}`},
		{422, "message.too_long", "PUT", message(bobs), `{"text":"` + strings.Repeat("a", 2001) + `"}`},
		{422, "message.characters", "PUT", message(bobs), `{"text":"a\u202eb"}`},
		{422, "message.reply_unknown", "PUT", message(bobs), `{"text":"To whom?","reply":7}`},
		{422, "reaction.unknown", "PUT", first + "/reaction", `{"emoji":"<script>"}`},
		{404, "message.not_found", "PATCH", message(bobs), `{"text":"Which?"}`},
		{404, "message.not_found", "DELETE", message(bobs), ""},
		{410, "live.too_old", "GET", "/api/chats/" + bobs + "/changes?since=99", ""},
	} {
		ada.Want(bad.status, bad.code, bad.method, bad.path, bad.body)
	}
}

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

func TestTwoPeopleSpeak(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		ada, bob, adas, bobs := couple(t, h)
		first := message(bobs)
		atBob := strings.Replace(first, bobs, adas, 1)
		body, headers := form(t, apitest.Recording(t), "text", "The number 3, at night")
		var m, again apitypes.Message
		ada.Want(http.StatusOK, "", "PUT", first+"/voice", body, headers...).Into(t, &m)
		if m.Voice == nil || m.Voice.Ms < 5000 || len(m.Voice.Peaks) != 64 || slices.Max(m.Voice.Peaks) < 64 || m.Text != "The number 3, at night" || m.Voice.Heard {
			t.Fatalf("%+v", m)
		}
		// Again, even what could not be decoded: it was sent, and is not looked at.
		cut, cutHeaders := form(t, "OggS")
		ada.Want(http.StatusOK, "", "PUT", first+"/voice", cut, cutHeaders...).Into(t, &again)
		if again.Seq != m.Seq {
			t.Errorf("%+v", again)
		}

		r := bob.Want(http.StatusOK, "", "GET", atBob+"/voice", "")
		if r.Header.Get("Content-Type") != "audio/ogg" || r.Header.Get("Cache-Control") != "private, no-store" || r.Header.Get("ETag") == "" || !strings.HasPrefix(r.Body, "OggS") {
			t.Errorf("%v", r.Header)
		}
		if part := bob.Want(http.StatusPartialContent, "", "GET", atBob+"/voice", "", "Range", "bytes=4-7", "If-Range", r.Header.Get("ETag")); part.Body != r.Body[4:8] {
			t.Errorf("a part is %q", part.Body)
		}
		bob.Want(http.StatusNoContent, "", "PUT", atBob+"/heard", "")
		var some chats.MessageChanges
		ada.Want(http.StatusOK, "", "GET", "/api/chats/"+bobs+"/changes?since=0", "").Into(t, &some)
		if len(some.Messages) != 1 || !some.Messages[0].Voice.Heard || !slices.Equal(some.Heard, []int64{1}) {
			t.Errorf("%+v", some)
		}
		body, headers = form(t, apitest.Recording(t), "reply", "1")
		bob.Want(http.StatusOK, "", "PUT", message(adas)+"/voice", body, headers...).Into(t, &m)
		if m.Reply == nil || m.Reply.VoiceMs < 5000 {
			t.Errorf("%+v", m.Reply)
		}

		eve, _ := h.Fits(t, "Eve", "woman")
		eve.Want(http.StatusNotFound, "chat.none", "GET", first+"/voice", "")
		eve.Want(http.StatusNotFound, "chat.none", "PUT", first+"/heard", "")
		eve.Want(http.StatusNotFound, "chat.none", "PUT", message(bobs)+"/voice", body, headers...)
		bob.Want(http.StatusNoContent, "", "PUT", "/api/people/"+adas+"/block", "")
		for _, v := range []*apitest.Visitor{ada, bob} {
			at := map[bool]string{true: first, false: atBob}[v == ada]
			v.Want(http.StatusNotFound, "chat.none", "GET", at+"/voice", "")
			v.Want(http.StatusNotFound, "chat.none", "GET", at+"/voice", "", "If-None-Match", r.Header.Get("ETag"))
			v.Want(http.StatusNotFound, "chat.none", "PUT", at+"/voice", body, headers...)
		}
	})
}

func TestBadVoiceMessages(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	ada, _, _, bobs := couple(t, h)
	good := apitest.Recording(t)
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
		of("cut off", "voice.damaged", 422)(send(good[:len(good)/2])),
		of("a web page", "voice.format", 422)(send("<html>")),
		of("too large", "request.too_large", 413)(send(strings.Repeat("x", 1<<20+65<<10))),
		of("text too long", "message.too_long", 422)(send(good, "text", strings.Repeat("a", 2001))),
		of("characters", "message.characters", 422)(send(good, "text", "a\u202eb")),
		of("reply to what is not there", "message.reply_unknown", 422)(send(good, "reply", "7")),
		of("reply to nonsense", "request.invalid", 422)(send(good, "reply", "x")),
		of("a field that nobody asked for", "request.invalid", 422)(send(good, "by", "me")),
		of("a field twice", "request.invalid", 422)(send(good, "text", "a", "text", "b")),
		of("no form", "request.invalid", 422)(good, []string{"Content-Type", "multipart/form-data"}),
		of("JSON", "request.invalid", 422)(`{}`, nil),
	} {
		ada.Want(bad.status, bad.code, "PUT", message(bobs)+"/voice", bad.body, bad.headers...)
	}
	written := message(bobs)
	ada.Want(http.StatusOK, "", "PUT", written, `{"text":"In writing, for once"}`)
	ada.Want(http.StatusNotFound, "message.no_voice", "GET", written+"/voice", "")
	ada.Want(http.StatusNotFound, "message.no_voice", "PUT", written+"/heard", "")
	body, headers := form(t, good)
	ada.Want(http.StatusConflict, "message.id_used", "PUT", written+"/voice", body, headers...)
}
