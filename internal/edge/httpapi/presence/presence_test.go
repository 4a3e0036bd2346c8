package presence_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/edge/httpapi/people"
	presenceapi "heyy/internal/edge/httpapi/presence"
	"heyy/internal/people/account"
	"heyy/internal/talk/presence"
)

// sees waits until v reads that the states of friends are want, by id.
func sees(t *testing.T, v *apitest.Visitor, want map[string]string) {
	t.Helper()
	var got map[string]string
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		var all presenceapi.Presences
		v.Want(http.StatusOK, "", "GET", "/api/presence", "").Into(t, &all)
		got = map[string]string{}
		for _, p := range all.People {
			got[p.PersonID] = p.State
		}
		if fmt.Sprint(got) == fmt.Sprint(want) {
			return
		}
	}
	t.Errorf("friends are %v, want %v", got, want)
}

func TestFriendsAreRead(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		ada, adaIs := h.Member(t, "Ada")
		bob, bobIs := h.Member(t, "Bob")
		stranger, _ := h.Member(t, "Stranger")
		if _, err := d.Exec(`INSERT INTO pairs (a_id, b_id, a_choice, b_choice, matched_at) VALUES ($1, $2, 'like', 'like', 1)`,
			min(adaIs.ID, bobIs.ID), max(adaIs.ID, bobIs.ID)); err != nil {
			t.Fatal(err)
		}
		nobody := map[string]string{}
		sees(t, ada, nobody)
		h.Presence.Connected(account.ID(bobIs.ID))
		sees(t, ada, map[string]string{bobIs.ID: "online"})
		sees(t, stranger, nobody)

		set := func(body string) (me people.Me) {
			t.Helper()
			bob.Want(http.StatusOK, "", "PUT", "/api/me/presence", body).Into(t, &me)
			return me
		}
		until := time.Now().Add(time.Hour).UnixMilli()
		if me := set(fmt.Sprintf(`{"mode":"do_not_disturb","until":%d,"show_rooms":true}`, until)); me.Presence != (people.PresenceSettings{Mode: "do_not_disturb", Until: until, ShowRooms: true}) {
			t.Errorf("he has %+v", me.Presence)
		}
		sees(t, ada, map[string]string{bobIs.ID: "do_not_disturb"})
		set(`{"mode":"invisible","show_rooms":true}`)
		var all presenceapi.Presences
		ada.Want(http.StatusOK, "", "GET", "/api/presence", "").Into(t, &all)
		if len(all.People) != 0 {
			t.Errorf("invisible, and yet %+v", all)
		}
		set(`{"mode":"visible","show_rooms":false}`)
		sees(t, ada, map[string]string{bobIs.ID: "online"})
		ada.Want(http.StatusNoContent, "", "PUT", "/api/people/"+bobIs.ID+"/block", "")
		ada.Want(http.StatusOK, "", "GET", "/api/presence", "").Into(t, &all)
		if len(all.People) != 0 {
			t.Errorf("blocked, and yet %+v", all)
		}
	})
}

func TestPresenceSettingsAreChecked(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		bob, _ := h.Member(t, "Bob")
		var me people.Me
		bob.Want(http.StatusOK, "", "GET", "/api/me", "").Into(t, &me)
		if me.Presence != (people.PresenceSettings{Mode: people.PresenceMode(presence.Visible)}) {
			t.Errorf("by default it is %+v", me.Presence)
		}
		const put, path = "PUT", "/api/me/presence"
		for body, code := range map[string]string{
			`{"mode":"away","show_rooms":true}`:                                                                            "request.invalid",
			`{"mode":"visible"}`:                                                                                           "request.invalid",
			`{"mode":"do_not_disturb","show_rooms":true,"until":1}`:                                                        "presence.until",
			`{"mode":"do_not_disturb","show_rooms":true,"until":9223372036854775807}`:                                      "presence.until",
			`{"mode":"do_not_disturb","show_rooms":true,"until":-9223372036854775808}`:                                     "presence.until",
			fmt.Sprintf(`{"mode":"invisible","show_rooms":true,"until":%d}`, time.Now().Add(time.Hour).UnixMilli()):        "presence.until",
			fmt.Sprintf(`{"mode":"do_not_disturb","show_rooms":true,"until":%d}`, time.Now().AddDate(0, 0, 8).UnixMilli()): "presence.until",
		} {
			bob.Want(http.StatusUnprocessableEntity, code, put, path, body)
		}
	})
}
