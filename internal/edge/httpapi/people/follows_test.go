package people_test

import (
	"context"
	"database/sql"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/id"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/edge/httpapi/people"
)

// names lists a page of people.
func names(t *testing.T, v *apitest.Visitor, list string) (all []string) {
	t.Helper()
	var page people.People
	v.Want(http.StatusOK, "", "GET", "/api/me/"+list, "").Into(t, &page)
	for _, p := range page.People {
		all = append(all, p.Name)
	}
	return all
}

func bonds(t *testing.T, v *apitest.Visitor) (b people.Bonds) {
	t.Helper()
	v.Want(http.StatusOK, "", "GET", "/api/me/bonds", "").Into(t, &b)
	return b
}

func TestFollowingSomebody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		ada, adaIs := h.Member(t, "Ada")
		bob, bobIs := h.Member(t, "Bob")
		for range 2 {
			ada.Want(http.StatusNoContent, "", "PUT", "/api/people/"+bobIs.ID+"/follow", "")
		}
		if got := names(t, ada, "following"); !slices.Equal(got, []string{"Bob"}) {
			t.Errorf("Ada follows %v", got)
		}
		if got := names(t, bob, "followers"); !slices.Equal(got, []string{"Ada"}) {
			t.Errorf("Bob is followed by %v", got)
		}
		if b := bonds(t, ada); !slices.Equal(b.Following, []string{bobIs.ID}) || b.Friends == nil || len(b.Friends) > 0 {
			t.Errorf("%+v", b)
		}
		bob.Want(http.StatusNoContent, "", "PUT", "/api/people/"+adaIs.ID+"/follow", "")
		for _, v := range []*apitest.Visitor{ada, bob} {
			if got := names(t, v, "friends"); len(got) != 1 {
				t.Errorf("friends: %v", got)
			}
		}
		if b := bonds(t, bob); !slices.Equal(b.Friends, []string{adaIs.ID}) {
			t.Errorf("%+v", b)
		}

		// Bob lets her follow him no more, and she may again.
		bob.Want(http.StatusNoContent, "", "DELETE", "/api/me/followers/"+adaIs.ID, "")
		if got := names(t, ada, "following"); len(got) != 0 {
			t.Errorf("Ada follows %v", got)
		}
		ada.Want(http.StatusNoContent, "", "PUT", "/api/people/"+bobIs.ID+"/follow", "")
		for range 2 {
			bob.Want(http.StatusNoContent, "", "DELETE", "/api/people/"+adaIs.ID+"/follow", "")
		}
		if got := names(t, ada, "friends"); len(got) != 0 {
			t.Errorf("friends: %v", got)
		}
		ada.Want(http.StatusUnprocessableEntity, "page.cursor_wrong", "GET", "/api/me/followers?before=x", "")
		h.Visitor(t).Want(http.StatusUnauthorized, "session.none", "PUT", "/api/people/"+bobIs.ID+"/follow", "")
	})
}

func TestAFollowDoesNotTellWhoHasBlockedAndWhoIsNobody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		ada, adaIs := h.Member(t, "Ada")
		bob, bobIs := h.Member(t, "Bob")
		ada.Want(http.StatusNoContent, "", "PUT", "/api/people/"+bobIs.ID+"/follow", "")
		bob.Want(http.StatusNoContent, "", "PUT", "/api/people/"+adaIs.ID+"/follow", "")
		bob.Want(http.StatusNoContent, "", "PUT", "/api/people/"+adaIs.ID+"/block", "")
		for _, list := range []string{"following", "followers", "friends"} {
			for _, v := range []*apitest.Visitor{ada, bob} {
				if got := names(t, v, list); len(got) != 0 {
					t.Errorf("%s after a block: %v", list, got)
				}
			}
		}
		at := func(who string) map[string]string {
			return map[string]string{"PUT": "/api/people/" + who + "/follow", "DELETE": "/api/people/" + who + "/follow", "GONE": "/api/me/followers/" + who}
		}
		for verb, path := range at(bobIs.ID) {
			method := verb
			if verb == "GONE" {
				method = "DELETE"
			}
			blocked := ada.Want(http.StatusNotFound, "person.unknown", method, path, "")
			nobody := ada.Want(http.StatusNotFound, "person.unknown", method, at(id.New())[verb], "")
			if apitest.WithoutID(blocked.Body) != apitest.WithoutID(nobody.Body) {
				t.Errorf("%s: %s of who blocked, %s of nobody", path, blocked.Body, nobody.Body)
			}
			ada.Want(http.StatusUnprocessableEntity, "follow.self", method, at(adaIs.ID)[verb], "")
			ada.Want(http.StatusUnprocessableEntity, "request.invalid", method, at("x")[verb], "")
		}
	})
}

func TestAThousandFollowsAtOnceAreBounded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		ada, _ := h.Member(t, "Ada")
		others := make([]string, 1000)
		if err := d.Tx(t.Context(), func(tx *sql.Tx) error {
			for i := range others {
				others[i] = id.New()
				if _, err := tx.ExecContext(context.WithoutCancel(t.Context()), `INSERT INTO accounts (id, kind, created_at) VALUES ($1, 'member', 0)`, others[i]); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		var done, refused atomic.Int64
		for _, who := range others {
			all.Go(func() {
				switch r := ada.Ask("PUT", "/api/people/"+who+"/follow", ""); r.Status {
				case http.StatusNoContent:
					done.Add(1)
				case http.StatusTooManyRequests:
					if r.Header.Get("Retry-After") == "" {
						t.Error("refused, and not for how long")
					}
					refused.Add(1)
				default:
					t.Errorf("%d %s", r.Status, r.Body)
				}
			})
		}
		all.Wait()
		if n := done.Load(); n != 100 || n+refused.Load() != 1000 {
			t.Errorf("%d follows, %d refused", n, refused.Load())
		}
		if b := bonds(t, ada); len(b.Following) != int(done.Load()) {
			t.Errorf("%d are followed", len(b.Following))
		}
	})
}
