package chats_test

import (
	"net/http"
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/id"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/edge/httpapi/chats"
	"heyy/internal/edge/httpapi/people"
)

func requests(t *testing.T, v *apitest.Visitor) []chats.Chat {
	t.Helper()
	var r chats.Requests
	v.Want(http.StatusOK, "", "GET", "/api/me/requests", "").Into(t, &r)
	return r.Requests
}

func TestAStrangerAsksForAChat(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		ada, me := h.Fits(t, "Ada", "woman")
		bob, him := h.Fits(t, "Bob", "man")
		chat, back := "/api/chats/"+him.ID, "/api/chats/"+me.ID

		// Nobody takes requests unless they choose so.
		if got := ada.Card(him.ID).Chat; got != "" {
			t.Errorf("Bob's card offers %q", got)
		}
		ada.Want(http.StatusForbidden, "chat.no_requests", "PUT", chat, "")
		var his people.Me
		bob.Want(http.StatusUnprocessableEntity, "chat.limit_unknown", "PUT", "/api/me/chats", `{"requests":true,"limit":-1}`)
		bob.Want(http.StatusOK, "", "PUT", "/api/me/chats", `{"requests":true,"limit":5}`).Into(t, &his)
		if !his.Requests || his.ChatLimit != 5 {
			t.Errorf("Bob chose %+v", his)
		}
		if got := ada.Card(him.ID).Chat; got != "request" {
			t.Errorf("Bob's card offers %q, want a request", got)
		}

		var c chats.Chat
		ada.Want(http.StatusOK, "", "PUT", chat, "").Into(t, &c)
		if c.Asked != "mine" || c.Match || c.Until == 0 {
			t.Errorf("%+v", c)
		}
		if got := requests(t, bob); len(got) != 0 {
			t.Errorf("a request without a message: %+v", got)
		}
		ada.Want(http.StatusOK, "", "PUT", message(him.ID), `{"text":"You said that Harbour is the best bar. Why?"}`)
		ada.Want(http.StatusConflict, "chat.asked", "PUT", message(him.ID), `{"text":"Well?"}`)
		got := requests(t, bob)
		if len(got) != 1 || got[0].Person.Name != "Ada" || got[0].Last == nil || got[0].Asked != "theirs" {
			t.Fatalf("%+v", got)
		}
		var list chats.Chats
		bob.Want(http.StatusOK, "", "GET", "/api/chats", "").Into(t, &list)
		if len(list.Chats) != 0 || list.Unread != 0 {
			t.Errorf("a request is a chat: %+v", list)
		}

		bob.Want(http.StatusOK, "", "PUT", back+"/accept", "").Into(t, &c)
		var m apitypes.Message
		bob.Want(http.StatusOK, "", "PUT", message(me.ID), `{"text":"The piano."}`).Into(t, &m)
		ada.Want(http.StatusOK, "", "PUT", message(him.ID), `{"text":"Of course."}`)
		if got := ada.Card(him.ID).Chat; got != "there" {
			t.Errorf("Bob's card offers %q, want the chat", got)
		}

		// Whoever ends it is not asked again.
		bob.Want(http.StatusNoContent, "", "DELETE", back, "")
		ada.Want(http.StatusNotFound, "chat.none", "GET", chat, "")
		ada.Want(http.StatusForbidden, "chat.no_requests", "PUT", chat, "")
		if got := ada.Card(him.ID).Chat; got != "" {
			t.Errorf("Bob's card offers %q", got)
		}
	})
}

// Unknown, closed, blocked: one answer.
func TestWhoCannotBeAskedAnswersAlike(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	ada, me := h.Fits(t, "Ada", "woman")
	_, closed := h.Fits(t, "Cleo", "woman")
	blocks, him := h.Fits(t, "Bob", "man")
	blocks.Want(http.StatusOK, "", "PUT", "/api/me/chats", `{"requests":true,"limit":0}`)
	blocks.Want(http.StatusNoContent, "", "PUT", "/api/people/"+me.ID+"/block", "")
	want := ada.Want(http.StatusForbidden, "chat.no_requests", "PUT", "/api/chats/"+id.Opaque(), "")
	for _, other := range []string{closed.ID, him.ID, me.ID} {
		got := ada.Want(http.StatusForbidden, "chat.no_requests", "PUT", "/api/chats/"+other, "")
		if apitest.WithoutID(got.Body) != apitest.WithoutID(want.Body) {
			t.Errorf("%s and %s", got.Body, want.Body)
		}
	}
}

// Ending the chat of a match ends the match.
func TestEndingAChatEndsItsMatch(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	ada, bob, adas, bobs := couple(t, h)
	ada.Want(http.StatusNoContent, "", "DELETE", "/api/chats/"+bobs, "")
	bob.Want(http.StatusNotFound, "match.unknown", "DELETE", "/api/matches/"+adas, "")
	bob.Want(http.StatusNotFound, "chat.none", "GET", "/api/chats/"+adas, "")
}

// At one's own limit a like waits, and Discover says so.
func TestTheLimitHoldsInDiscover(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	ada, me := h.Fits(t, "Ada", "woman")
	var others []string
	for _, name := range []string{"Bob", "Carl", "Dan", "Emil"} {
		v, him := h.Fits(t, name, "man")
		others = append(others, him.ID)
		v.Want(http.StatusOK, "", "PUT", "/api/discover/"+me.ID, `{"choice":"like","ticket":"`+v.Sees(me.ID).Ticket+`"}`)
	}
	ada.Want(http.StatusOK, "", "PUT", "/api/me/chats", `{"requests":false,"limit":3}`)
	like := func(who string) string { return `{"choice":"like","ticket":"` + ada.Sees(who).Ticket + `"}` }
	for _, who := range others[:3] {
		if ada.Deck().Limited {
			t.Fatal("limited before")
		}
		ada.Want(http.StatusOK, "", "PUT", "/api/discover/"+who, like(who))
	}
	if !ada.Deck().Limited {
		t.Error("with three chats Discover says nothing of the limit")
	}
	ada.Want(http.StatusConflict, "chat.limit", "PUT", "/api/discover/"+others[3], like(others[3]))
	ada.Want(http.StatusNoContent, "", "DELETE", "/api/chats/"+others[0], "")
	ada.Want(http.StatusOK, "", "PUT", "/api/discover/"+others[3], like(others[3]))
}

// Two who follow each other and are both here for their profession need no request.
func TestProfessionalsWhoFollowEachOtherChatAtOnce(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	ada, me := h.Fits(t, "Ada", "woman")
	bob, him := h.Fits(t, "Bob", "man")
	ada.Want(http.StatusNoContent, "", "PUT", "/api/people/"+him.ID+"/follow", "")
	bob.Want(http.StatusNoContent, "", "PUT", "/api/people/"+me.ID+"/follow", "")
	ada.Want(http.StatusForbidden, "chat.no_requests", "PUT", "/api/chats/"+him.ID, "")
	for _, v := range []*apitest.Visitor{ada, bob} {
		v.Want(http.StatusOK, "", "PATCH", "/api/me", `{"intents":["professional"]}`)
	}
	if got := ada.Card(him.ID).Chat; got != "direct" {
		t.Errorf("Bob's card offers %q, want a chat at once", got)
	}
	var c chats.Chat
	ada.Want(http.StatusOK, "", "PUT", "/api/chats/"+him.ID, "").Into(t, &c)
	if c.Asked != "" || c.Match {
		t.Errorf("%+v", c)
	}
	bob.Want(http.StatusOK, "", "PUT", message(me.ID), `{"text":"About your talk: do you hire?"}`)
}
