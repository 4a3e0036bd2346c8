package chats_test

import (
	"net/http"
	"strings"
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/id"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/edge/httpapi/chats"
)

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
		{"PUT", "/read", `{"n":1}`}, {"PUT", "/typing", ""},
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
