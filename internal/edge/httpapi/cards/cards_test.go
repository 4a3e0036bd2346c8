package cards_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/id"
	"heyy/internal/base/language"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/edge/httpapi/cards"
	"heyy/internal/people/profile"
)

// stage opens a stage of ada's, which the others enter.
func stage(t *testing.T, ada *apitest.Visitor, others ...*apitest.Visitor) (room string) {
	t.Helper()
	var opened struct {
		ID string `json:"id"`
	}
	ada.Want(http.StatusCreated, "", "POST", "/api/rooms", `{"category":"work","title":"Go in production","language":"en","shape":"stage"}`).Into(t, &opened)
	for _, v := range append(others, ada) {
		v.Want(http.StatusOK, "", "POST", "/api/rooms/"+opened.ID+"/join", "")
	}
	return opened.ID
}

func standing(t *testing.T, v *apitest.Visitor, other string) (s cards.CardStanding) {
	t.Helper()
	v.Want(http.StatusOK, "", "GET", "/api/people/"+other+"/card", "").Into(t, &s)
	return s
}

func list(t *testing.T, v *apitest.Visitor) (all []cards.ContactCard) {
	t.Helper()
	var page cards.ContactCards
	v.Want(http.StatusOK, "", "GET", "/api/me/cards", "").Into(t, &page)
	return page.Cards
}

func offered(t *testing.T, v *apitest.Visitor) (received, given []string) {
	t.Helper()
	var all cards.CardOffers
	v.Want(http.StatusOK, "", "GET", "/api/me/card-offers", "").Into(t, &all)
	for _, o := range all.Received {
		received = append(received, o.Person.Name)
	}
	for _, o := range all.Given {
		given = append(given, o.Person.Name)
	}
	return received, given
}

func TestTwoOnAStageExchangeCards(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		ada, adaIs := h.Member(t, "Ada")
		bob, bobIs := h.Member(t, "Bob")
		cleo, cleoIs := h.Member(t, "Cleo")
		ada.Want(http.StatusOK, "", "PATCH", "/api/me", `{"work":{"role":"Engineer; Go, C","company":"Ada & Söhne","links":["https://ada.example/me"],"open_to":["speaking","advice"]}}`)
		ada.Want(http.StatusForbidden, "card.not_met", "PUT", "/api/people/"+bobIs.ID+"/card", "")
		stage(t, ada, bob, cleo)
		if s := standing(t, ada, bobIs.ID); s.State != "none" || !s.CanOffer || s.At != 0 {
			t.Errorf("before the offer: %+v", s)
		}
		var s cards.CardStanding
		for range 2 {
			ada.Want(http.StatusOK, "", "PUT", "/api/people/"+bobIs.ID+"/card", "").Into(t, &s)
			if s.State != "offered" || s.Place != "Go in production" || s.Until != s.At+24*3600*1000 {
				t.Errorf("the offer is %+v", s)
			}
		}
		if s := standing(t, bob, adaIs.ID); s.State != "received" {
			t.Errorf("Bob sees %+v", s)
		}
		if received, given := offered(t, bob); !slices.Equal(received, []string{"Ada"}) || given != nil {
			t.Errorf("Bob: %v, %v", received, given)
		}
		if received, given := offered(t, ada); received != nil || !slices.Equal(given, []string{"Bob"}) {
			t.Errorf("Ada: %v, %v", received, given)
		}
		ada.Want(http.StatusNotFound, "card.unknown", "GET", "/api/me/cards/"+bobIs.ID+"/vcard", "")

		s = cards.CardStanding{}
		bob.Want(http.StatusOK, "", "PUT", "/api/people/"+adaIs.ID+"/card", "").Into(t, &s)
		if s.State != "exchanged" || s.Until != 0 || s.CanOffer {
			t.Errorf("the exchange is %+v", s)
		}
		theirs := list(t, bob)
		if len(theirs) != 1 || theirs[0].Person.Name != "Ada" || theirs[0].Work.Company != "Ada & Söhne" || theirs[0].Place != "Go in production" {
			t.Errorf("Bob has %+v", theirs)
		}
		if mine := list(t, ada); len(mine) != 1 || mine[0].Person.Name != "Bob" || mine[0].Work != nil {
			t.Errorf("Ada has %+v", mine)
		}
		if all := list(t, cleo); len(all) > 0 {
			t.Errorf("Cleo has %+v", all)
		}
		cleo.Want(http.StatusNotFound, "card.unknown", "GET", "/api/me/cards/"+adaIs.ID+"/vcard", "")

		one := bob.Want(http.StatusOK, "", "GET", "/api/me/cards/"+adaIs.ID+"/vcard?zone=Asia/Tokyo", "")
		for _, line := range []string{"FN:Ada\r\n", `TITLE:Engineer\; Go\, C` + "\r\n", "ORG:Ada & Söhne\r\n", "URL:https://ada.example/me\r\n", "NOTE:Incontro su Heyy in «Go in production»\\, 20"} {
			if !strings.Contains(one.Body, line) {
				t.Errorf("without %q: %s", line, one.Body)
			}
		}
		if whole := strings.ReplaceAll(one.Body, "\r\n ", ""); !strings.Contains(whole, `\nObiettivi: Parlare a eventi\, Dare consigli`) || strings.Contains(whole, adaIs.ID) {
			t.Errorf("%s", whole)
		}
		if kind := one.Header.Get("Content-Type"); kind != "text/vcard; charset=utf-8" {
			t.Errorf("the type is %q", kind)
		}
		if all := bob.Want(http.StatusOK, "", "GET", "/api/me/cards/vcard", ""); strings.Count(all.Body, "BEGIN:VCARD\r\n") != 1 {
			t.Errorf("%s", all.Body)
		}
		bob.Want(http.StatusUnprocessableEntity, "card.zone_unknown", "GET", "/api/me/cards/vcard?zone=../etc/passwd", "")
		if all := cleo.Want(http.StatusOK, "", "GET", "/api/me/cards/vcard", ""); len(all.Body) > 0 {
			t.Errorf("%s", all.Body)
		}

		// A block takes it from both, and says nothing else than nobody would.
		cleo.Want(http.StatusOK, "", "PUT", "/api/people/"+adaIs.ID+"/card", "")
		for _, other := range []string{bobIs.ID, cleoIs.ID} {
			ada.Want(http.StatusNoContent, "", "PUT", "/api/people/"+other+"/block", "")
		}
		for _, v := range []*apitest.Visitor{ada, bob} {
			if all := list(t, v); len(all) > 0 {
				t.Errorf("after the block: %+v", all)
			}
		}
		if received, _ := offered(t, ada); received != nil {
			t.Errorf("after the block: %v", received)
		}
		for _, what := range [][2]string{{"GET", ""}, {"PUT", ""}, {"DELETE", ""}} {
			blocked := bob.Want(http.StatusNotFound, "person.unknown", what[0], "/api/people/"+adaIs.ID+"/card", "")
			nobody := bob.Want(http.StatusNotFound, "person.unknown", what[0], "/api/people/"+id.New()+"/card", "")
			if len(blocked.Body) != len(nobody.Body) {
				t.Errorf("%s tells a block from nobody: %s, %s", what[0], blocked.Body, nobody.Body)
			}
		}
	})
}

func TestAnOfferIsIgnoredTakenBackAndACardRemoved(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		ada, adaIs := h.Member(t, "Ada")
		bob, bobIs := h.Member(t, "Bob")
		stage(t, ada, bob)
		ada.Want(http.StatusOK, "", "PUT", "/api/people/"+bobIs.ID+"/card", "")
		before := standing(t, ada, bobIs.ID)
		for range 2 {
			bob.Want(http.StatusNoContent, "", "DELETE", "/api/me/card-offers/"+adaIs.ID, "")
		}
		if received, _ := offered(t, bob); received != nil {
			t.Errorf("Bob still sees %v", received)
		}
		if s := standing(t, ada, bobIs.ID); s != before {
			t.Errorf("Ada sees that he ignored it: %+v", s)
		}
		for range 2 {
			ada.Want(http.StatusNoContent, "", "DELETE", "/api/people/"+bobIs.ID+"/card", "")
		}
		if s := standing(t, ada, bobIs.ID); s.State != "none" || !s.CanOffer {
			t.Errorf("after it was taken back: %+v", s)
		}
		bob.Want(http.StatusOK, "", "PUT", "/api/people/"+adaIs.ID+"/card", "")
		ada.Want(http.StatusOK, "", "PUT", "/api/people/"+bobIs.ID+"/card", "")
		for range 2 {
			bob.Want(http.StatusNoContent, "", "DELETE", "/api/me/cards/"+adaIs.ID, "")
		}
		for _, v := range []*apitest.Visitor{ada, bob} {
			if all := list(t, v); len(all) > 0 {
				t.Errorf("removed, and there is %+v", all)
			}
		}
		h.Visitor(t).Want(http.StatusUnauthorized, "session.none", "GET", "/api/me/cards/vcard", "")
	})
}

func TestOffersAreLimited(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		ada, _ := h.Member(t, "Ada")
		for range 30 {
			ada.Want(http.StatusNotFound, "person.unknown", "PUT", "/api/people/"+id.New()+"/card", "")
		}
		ada.Want(http.StatusTooManyRequests, "card.too_many_tries", "PUT", "/api/people/"+id.New()+"/card", "")
	})
}

func TestAVCardSaysInEveryLanguageWhatSomebodyIsOpenTo(t *testing.T) {
	for _, tag := range language.All {
		words := language.In(tag).Card
		for _, key := range profile.OpenTo {
			if words.Open[key] == "" {
				t.Errorf("%s has no words for %s", tag, key)
			}
		}
		if len(words.Open) != len(profile.OpenTo) || !strings.Contains(words.Met, "{date}") || !strings.Contains(words.MetIn, "{room}") || !strings.Contains(words.OpenTo, "{list}") {
			t.Errorf("%s: %+v", tag, words)
		}
	}
}
