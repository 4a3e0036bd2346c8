package clubs_test

import (
	"net/http"
	"strings"
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/edge/httpapi/clubs"
)

const jazz = `{"name":"Jazz at night","about":"Listening.","rules":"Be kind.","category":"music","language":"en","entry":"invite"}`

// founded founds a club of links, and makes one.
func founded(t *testing.T, by *apitest.Visitor) (c clubs.Club, at, token string) {
	t.Helper()
	by.Want(http.StatusCreated, "", "POST", "/api/clubs", jazz).Into(t, &c)
	at = "/api/clubs/" + c.ID
	var link clubs.ClubLink
	by.Want(http.StatusCreated, "", "POST", at+"/links", `{"hours":24,"most":10}`).Into(t, &link)
	if link.Token == "" || link.By == nil {
		t.Fatalf("the link: %+v", link)
	}
	return c, at, link.Token
}

func TestAStrangerComesInByALinkAndIsBanned(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		founder, _ := h.Member(t, "Founder")
		guest, me := h.Member(t, "Guest")
		c, at, token := founded(t, founder)

		guest.Want(http.StatusNotFound, "club.not_found", "GET", at, "")
		guest.Want(http.StatusGone, "club.invite_gone", "GET", at+"?invite=nonsense", "")
		var seen clubs.Club
		guest.Want(http.StatusOK, "", "GET", at+"?invite="+token, "").Into(t, &seen)
		if seen.Name != c.Name || seen.Role != "" || seen.Rules != "Be kind." || len(seen.Leaders) != 1 || seen.Leaders[0].Person.Name != "Founder" {
			t.Errorf("by the link: %+v", seen)
		}
		guest.Want(http.StatusConflict, "club.rules", "POST", at+"/join", `{"invite":"`+token+`"}`)
		guest.Want(http.StatusOK, "", "POST", at+"/join", `{"invite":"`+token+`","rules_version":1}`).Into(t, &seen)
		if seen.Role != "member" || seen.MustRead || seen.Members != 2 || seen.CanInvite {
			t.Errorf("joined: %+v", seen)
		}
		var mine clubs.ClubCards
		guest.Want(http.StatusOK, "", "GET", "/api/me/clubs", "").Into(t, &mine)
		if len(mine.Clubs) != 1 || mine.Clubs[0].ID != c.ID {
			t.Errorf("mine: %+v", mine)
		}
		if links := founder.Want(http.StatusOK, "", "GET", at+"/links", ""); strings.Contains(links.Body, token) || !strings.Contains(links.Body, `"uses":1`) {
			t.Errorf("links: %s", links.Body)
		}

		guest.Publish(0)
		var wall clubs.ClubVoices
		founder.Want(http.StatusOK, "", "GET", at+"/voices", "").Into(t, &wall)
		if len(wall.Voices) != 1 || wall.Voices[0].Person.ID != me.ID {
			t.Fatalf("voices: %+v", wall)
		}
		founder.Want(http.StatusOK, "", "GET", wall.Voices[0].Clip.URL, "")

		var room apitypes.Room
		founder.Want(http.StatusCreated, "", "POST", "/api/rooms", `{"title":"Tonight","category":"music","language":"en","club":"`+c.ID+`"}`).Into(t, &room)
		if room.Club != nil {
			t.Errorf("the room tells of a club of links: %+v", room.Club)
		}
		guest.Want(http.StatusOK, "", "GET", at+"/rooms", "")
		guest.Want(http.StatusOK, "", "POST", "/api/rooms/"+room.ID+"/join", "")

		founder.Want(http.StatusNoContent, "", "PUT", at+"/bans/"+me.ID, "")
		guest.Want(http.StatusForbidden, "room.removed", "POST", "/api/rooms/"+room.ID+"/join", "")
		guest.Want(http.StatusNotFound, "club.not_found", "GET", at, "")
		guest.Want(http.StatusForbidden, "club.banned", "POST", at+"/join", `{"invite":"`+token+`","rules_version":1}`)
		guest.Want(http.StatusNotFound, "club.not_found", "GET", at+"/bans", "")
	})
}

func TestRequestsAreForAdmins(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		founder, _ := h.Member(t, "Founder")
		guest, me := h.Member(t, "Guest")
		var c clubs.Club
		founder.Want(http.StatusCreated, "", "POST", "/api/clubs", strings.Replace(jazz, `"invite"`, `"request"`, 1)).Into(t, &c)
		at := "/api/clubs/" + c.ID
		var found clubs.ClubCards
		guest.Want(http.StatusOK, "", "GET", "/api/clubs?q=jazz+ni&category=music&language=en", "").Into(t, &found)
		if len(found.Clubs) != 1 {
			t.Errorf("found: %+v", found)
		}
		guest.Want(http.StatusForbidden, "club.ask_first", "POST", at+"/join", `{"rules_version":1}`)
		guest.Want(http.StatusNoContent, "", "PUT", at+"/request", `{"rules_version":1,"note":"Let me listen"}`)
		guest.Want(http.StatusForbidden, "club.admins_only", "GET", at+"/requests", "")
		guest.Want(http.StatusForbidden, "club.members_only", "GET", at+"/members", "")
		var asking clubs.ClubRequests
		founder.Want(http.StatusOK, "", "GET", at+"/requests", "").Into(t, &asking)
		if len(asking.Requests) != 1 || asking.Requests[0].Note != "Let me listen" {
			t.Errorf("requests: %+v", asking)
		}
		founder.Want(http.StatusNoContent, "", "POST", at+"/requests/"+me.ID, `{"accept":true}`)
		var members clubs.ClubMembers
		guest.Want(http.StatusOK, "", "GET", at+"/members", "").Into(t, &members)
		if len(members.Members) != 1 || members.Members[0].Person.ID != me.ID {
			t.Errorf("members: %+v", members)
		}
		founder.Want(http.StatusOK, "", "PUT", at, strings.Replace(jazz, "Be kind.", "Be kinder.", 1))
		guest.Want(http.StatusConflict, "club.rules", "POST", "/api/rooms", `{"title":"Tonight","category":"music","language":"en","club":"`+c.ID+`"}`)
		guest.Want(http.StatusNoContent, "", "PUT", at+"/rules", `{"rules_version":2}`)
		founder.Want(http.StatusOK, "", "PUT", at, strings.NewReplacer("Be kind.", "Be kinder.", `"invite"`, `"open"`).Replace(jazz))
		var room apitypes.Room
		guest.Want(http.StatusCreated, "", "POST", "/api/rooms", `{"title":"Tonight","category":"music","language":"en","club":"`+c.ID+`"}`).Into(t, &room)
		if room.Club == nil || room.Club.Name != c.Name {
			t.Errorf("the room: %+v", room.Club)
		}
		founder.Want(http.StatusNoContent, "", "PUT", at+"/founder/"+me.ID, "")
		founder.Want(http.StatusForbidden, "club.founder_only", "POST", at+"/close", "")
		guest.Want(http.StatusNoContent, "", "POST", at+"/close", "")
		founder.Want(http.StatusGone, "club.closed", "GET", at, "")
	})
}
