package e2e

import (
	"testing"
	"time"
)

func TestARoomSurvivesTheServersDeath(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.people(t, "restart", "Host", "Speaker", "Gone")
	host, speaker, gone := p[0], p[1], p[2]
	over := gone.open("Over before")
	gone.end(over)
	room := host.open("Still there")
	host.join(room)
	before := speaker.voice(room, 440)
	seat := speaker.look(room).You.Seat
	away := gone.voice(room, 0)
	db := openRows(t, s)
	eventually(t, 5*time.Second, "the rows know that everybody with audio has arrived", func() bool {
		var n int
		db.one(t, []any{&n}, `SELECT COUNT(*) FROM room_members WHERE room_id = $1 AND deadline_at IS NULL AND join_id IS NOT NULL`, room)
		return n == 2
	})

	// They go while the server cannot see it, and it dies before it can.
	s.freeze(t)
	before.hangUp()
	away.hangUp()
	time.Sleep(200 * time.Millisecond)
	s.kill()
	s.run(t)
	died := time.Now()

	r := speaker.join(room).Room
	told := eventually(t, 3*time.Second, "live events are told again", func() bool {
		var n int
		db.one(t, []any{&n}, `SELECT COUNT(*) FROM outbox WHERE n IS NULL OR n > (SELECT MIN(n) FROM outbox_cursors)`)
		return n == 0
	})
	t.Logf("live events told %s after the command", told.Round(time.Millisecond))
	if r.You == nil || r.You.Seat != seat || !r.You.Muted {
		t.Errorf("the speaker comes back as %+v, not muted in seat %d", r.You, seat)
	}
	ears := host.voice(room, 0)
	defer ears.hangUp()
	again := speaker.voice(room, 440)
	defer again.hangUp()
	ears.mustHear(440)
	t.Logf("heard again %s after the server was back", time.Since(died).Round(time.Millisecond))
	if r := host.look(room); r.EndedAt != 0 || r.Host.ID != host.id {
		t.Errorf("the room is now %+v", r)
	}

	// Who does not come back has left, and nobody else.
	eventually(t, 30*time.Second, "who stayed away has left", func() bool {
		for _, m := range host.look(room).Members {
			if m.Person.ID == gone.id {
				return false
			}
		}
		return true
	})
	if n := len(host.look(room).Members); n != 2 {
		t.Errorf("%d are in the room, not 2", n)
	}

	if r := gone.try("POST", "/api/rooms/"+over+"/join", nil); r.problem().Code != "room.ended" {
		t.Errorf("the room that had ended: %d %s", r.status, r.text)
	}
}

func TestStoppingLetsPeopleFinish(t *testing.T) {
	t.Parallel()
	t.Run("until the deadline", func(t *testing.T) {
		const deadline = 3 * time.Second
		s := start(t, "--drain-timeout", deadline.String())
		p := s.people(t, "drain", "Ada", "Ben")
		room := p[0].open("Last words")
		ada := p[0].voice(room, 440)
		defer ada.hangUp()
		ben := p[1].voice(room, 0)
		defer ben.hangUp()
		ben.mustHear(440)

		asked := time.Now()
		s.terminate(t)
		eventually(t, time.Second, "it says that it is stopping", func() bool {
			r, err := p[0].send("GET", "/readyz", "", "")
			return err == nil && r.status == 503
		})
		<-s.gone
		took := time.Since(asked)
		heard := ben.lastFrom(p[0]).Sub(asked)
		t.Logf("heard for %s, ended after %s", heard.Round(time.Millisecond), took.Round(time.Millisecond))
		if heard < deadline-500*time.Millisecond {
			t.Errorf("Ben was cut off after %s", heard)
		}
		if took > deadline+6*time.Second {
			t.Errorf("it took %s", took)
		}
		ended(t, s)
	})
	t.Run("or until they have left", func(t *testing.T) {
		s := start(t, "--drain-timeout", "60s")
		p := s.people(t, "drain", "Ada")
		room := p[0].open("Short")
		ada := p[0].voice(room, 440)
		asked := time.Now()
		s.terminate(t)
		time.Sleep(500 * time.Millisecond)
		p[0].leave(room)
		ada.hangUp()
		<-s.gone
		if took := time.Since(asked); took > 20*time.Second {
			t.Errorf("nobody was left, and it took %s", took)
		} else {
			t.Logf("ended after %s", took.Round(time.Millisecond))
		}
		ended(t, s)
	})
	t.Run("at once with nobody there", func(t *testing.T) {
		s := start(t, "--drain-timeout", "60s")
		asked := time.Now()
		s.terminate(t)
		<-s.gone
		if took := time.Since(asked); took > 5*time.Second {
			t.Errorf("it took %s", took)
		}
		ended(t, s)
	})
}

// ended checks that the process exited cleanly.
func ended(t *testing.T, s *server) {
	t.Helper()
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("it exited with %d:\n%s", code, s.log)
	}
}
