package contract_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/id"
	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/edge/httpapi/contract"
	"heyy/internal/edge/httpapi/people"
)

// namesPerson is an operation of the contract with a person in its path.
type namesPerson struct{ id, method, path string }

func namingPersons(t *testing.T) (all []namesPerson) {
	t.Helper()
	raw, err := contract.New(httpapi.Config{}, contract.Services{}).OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]struct {
			ID string `json:"operationId"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			if strings.Contains(path, "{person}") {
				all = append(all, namesPerson{op.ID, strings.ToUpper(method), path})
			}
		}
	}
	slices.SortFunc(all, func(a, b namesPerson) int { return strings.Compare(a.id, b.id) })
	return all
}

// Reports were counted by the rows they left: with the share spent, a second
// report passed if the first had left a row, and so told that somebody is there.
func TestReportsAreCountedByCallsWhoeverTheyAreAbout(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	spam := `{"reason":"spam","note":"","place":"profile"}`
	_, him := h.Fits(t, "Bob", "man")
	for name, of := range map[string]string{"anna": him.ID, "cleo": id.New()} {
		v, _ := h.Fits(t, name, "woman")
		report := "/api/people/" + of + "/report"
		for range 15 {
			v.Want(http.StatusNoContent, "", "POST", report, spam)
		}
		if r := v.Want(http.StatusTooManyRequests, "report.too_many", "POST", report, spam); r.Header.Get("Retry-After") == "" {
			t.Error("not for how long")
		}
		v.Want(http.StatusTooManyRequests, "report.too_many", "POST", "/api/people/"+id.New()+"/report", spam)
	}
}

// Whoever was blocked must not learn of it: with any operation that names a
// person, who has blocked them answers as somebody who does not exist or has
// deleted their account, and mostly as anybody else, too.
func TestWhoBlockedMeAnswersAsNobodyDoes(t *testing.T) {
	bodies := map[string]string{
		"choose": `{"choice":"like","ticket":""}`,
		"heard":  `{"share":1,"ticket":""}`,
		"report": `{"reason":"spam","note":"","place":"profile"}`,

		"answer-club-request": `{"accept":true}`,
		"invite-to-event":     `{"part":"speaker"}`,

		"send-message": `{"text":"Are you there?"}`,
		"edit-message": `{"text":"Are you there?"}`,
		"react":        `{"emoji":"👋"}`,
		"mark-read":    `{"n":1}`,
		"send-voice":   `{}`, // never read: whether there is a chat comes first
	}
	queries := map[string]string{"list-message-changes": "?since=0"}
	// Where somebody whom one never met answers otherwise, and why that is right.
	differ := map[string]string{
		"read-person":     "members may read each other's cards; budgets count how many",
		"follow":          "members may follow each other; budgets count how many",
		"unfollow":        "as following: a card tells as much",
		"remove-follower": "as following: a card tells as much",
		"read-card":       "as following: a card tells as much",
		"offer-card":      "as following: a card tells as much; budgets count how many",
		"withdraw-card":   "as following: a card tells as much",
		"ignore-card":     "as following: a card tells as much",
		"remove-card":     "as following: a card tells as much",
		"invite-to-event": "as following: a card tells as much",
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		anna, me := h.Fits(t, "Anna", "woman")
		var room struct {
			ID string `json:"id"`
		}
		anna.Want(http.StatusCreated, "", "POST", "/api/rooms", `{"title":"Late talk","category":"talk","language":"en"}`).Into(t, &room)
		var club struct {
			ID string `json:"id"`
		}
		anna.Want(http.StatusCreated, "", "POST", "/api/clubs", `{"name":"Late talkers","category":"talk","language":"en","entry":"request"}`).Into(t, &club)
		var event struct {
			ID string `json:"id"`
		}
		anna.Want(http.StatusCreated, "", "POST", "/api/events", fmt.Sprintf(`{"title":"Late talk","category":"talk","language":"en","zone":"UTC","starts_at":%d,"minutes":60}`,
			time.Now().Add(time.Hour).UnixMilli())).Into(t, &event)
		ops := namingPersons(t)
		if len(ops) < 10 {
			t.Fatalf("only %d operations name a person: the test looks in the wrong place", len(ops))
		}
		for n, op := range ops {
			// People of its own for each: blocking and reporting change what follows.
			member := func(name string) (*apitest.Visitor, string) {
				v := h.Visitor(t)
				v.SignIn(fmt.Sprintf("%s%d@example.org", strings.ToLower(name), n))
				return v, v.Begin(name).ID
			}
			dan, blocker := member("Dan")
			dan.Want(http.StatusNoContent, "", "PUT", "/api/people/"+me.ID+"/block", "")
			_, stranger := member("Sten")
			_, gone := member("Gail")
			if _, err := d.Exec(`DELETE FROM accounts WHERE id = $1`, gone); err != nil {
				t.Fatal(err)
			}
			ask := func(person string) string {
				path := strings.NewReplacer("{person}", person, "{room}", room.ID, "{club}", club.ID, "{event}", event.ID, "{message}", id.Opaque()).Replace(op.path) + queries[op.id]
				r := anna.Ask(op.method, path, bodies[op.id])
				if r.Status == http.StatusUnprocessableEntity || r.Status >= 500 {
					t.Fatalf("%s: %d %s; what it is sent is wrong", op.id, r.Status, r.Body)
				}
				if media := r.Header.Get("Content-Type"); strings.HasPrefix(media, "image/") {
					return fmt.Sprint(r.Status, media) // no two look alike
				}
				return fmt.Sprint(r.Status, apitest.WithoutID(r.Body))
			}
			nobody := ask(id.New())
			for who, person := range map[string]string{"who blocked me": blocker, "who is deleted": gone} {
				if said := ask(person); said != nobody {
					t.Errorf("%s of %s: %q, of nobody %q", op.id, who, said, nobody)
				}
			}
			if said, why := ask(stranger), differ[op.id]; (said == nobody) == (why != "") {
				t.Errorf("%s of a stranger: %q, of nobody %q, and the reason to differ is %q", op.id, said, nobody, why)
			}
		}
		// Neither does the list of those whom one has blocked tell.
		var list people.People
		anna.Want(http.StatusOK, "", "GET", "/api/me/blocked", "").Into(t, &list)
		for _, p := range list.People {
			if p.Name != "Sten" {
				t.Errorf("%s is listed", p.Name)
			}
		}
		if len(list.People) == 0 {
			t.Error("whom one blocked is not listed")
		}
	})
}
