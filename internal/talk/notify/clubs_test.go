package notify_test

import (
	"strings"
	"testing"

	"heyy/internal/rooms/club"
	"heyy/internal/talk/notify"
)

func TestARequestToAClubAndItsAnswerAreNews(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob, cleo := w.person("Ann"), w.person("Bob"), w.person("Cleo")
		w.device(ann)
		w.device(bob)
		w.set(ann, func(s *notify.Settings) { s.PrivateContent = true })
		c, err := w.clubs.Found(ctx, ann, club.Plan{Name: "Jazz", Category: "music", Language: "en", Entry: club.Request})
		must(t, err)
		w.hear(club.Requested{Club: c.ID, Account: bob})
		if p := w.one(); p.Kind != notify.ClubRequest || p.Body != "Bob wants to join Jazz" || p.URL != "/clubs/"+string(c.ID) {
			t.Errorf("the push is %+v", p.Payload)
		}
		if l := w.list(ann); len(l) != 1 || l[0].About != bob || l[0].Club != c.ID || l[0].Detail != "Jazz" {
			t.Errorf("the centre has %+v", l)
		}
		w.hear(club.Requested{Club: c.ID, Account: bob})
		if l := w.list(ann); len(l) != 1 {
			t.Errorf("asked twice in a day, told of: %+v", l)
		}
		_, err = w.db.Exec(`INSERT INTO blocks (by_id, on_id, at) VALUES ($1, $2, 0)`, string(cleo), string(ann))
		must(t, err)
		w.hear(club.Requested{Club: c.ID, Account: cleo})
		if l := w.list(ann); len(l) != 1 {
			t.Errorf("somebody who blocked them is told of: %+v", l)
		}
		for _, x := range []struct {
			accepted bool
			body     string
		}{{false, "The club said no this time: Jazz"}, {true, "Welcome to the club: Jazz"}} {
			w.hear(club.Answered{Club: c.ID, Account: bob, Accepted: x.accepted})
			if p := w.one(); p.Kind != notify.ClubAnswer || p.Body != x.body || !strings.HasSuffix(p.URL, string(c.ID)) {
				t.Errorf("the push is %+v", p.Payload)
			}
		}
	})
}
