package replay_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"heyy/internal/base/blob"
	"heyy/internal/base/blobref"
	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/id"
	"heyy/internal/base/page"
	"heyy/internal/lab/testkit"
	"heyy/internal/media/audio"
	"heyy/internal/meet/follow"
	"heyy/internal/people/account"
	"heyy/internal/people/safety"
	"heyy/internal/rooms/replay"
	"heyy/internal/rooms/room"
	"heyy/internal/rooms/roomchat"
	"heyy/internal/talk/search"
)

var must, refused = testkit.Must, testkit.WantCode

var ctx = context.Background()

// microphones is a media server: what a test says is heard by whoever records.
type microphones struct {
	mu    sync.Mutex
	rooms map[string]func(voice uint32, sequence uint16, timestamp uint32, payload []byte)
}

func (m *microphones) Record(ctx context.Context, room string, frame func(uint32, uint16, uint32, []byte), _ func(uint32)) error {
	m.mu.Lock()
	m.rooms[room] = frame
	m.mu.Unlock()
	<-ctx.Done()
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.rooms, room)
	return nil
}

// recorder returns what records a room, once it does.
func (m *microphones) recorder(t *testing.T, r room.ID) func(uint32, uint16, uint32, []byte) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		m.mu.Lock()
		frame := m.rooms[string(r)]
		m.mu.Unlock()
		if frame != nil {
			return frame
		}
	}
	t.Fatal("nobody records")
	return nil
}

type fixture struct {
	*replay.Service
	t        *testing.T
	db       *db.DB
	blobs    *blob.Store
	refs     *blobref.Store
	rooms    *room.Service
	chat     *roomchat.Service
	safety   *safety.Service
	follows  *follow.Service
	clock    *testkit.Clock
	mics     *microphones
	recorder *replay.Recorder
	host     account.ID
	room     room.ID
}

func each(t *testing.T, test func(t *testing.T, f *fixture)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := &fixture{t: t, db: d, clock: testkit.NewClock(time.Date(2026, 12, 1, 20, 0, 0, 0, time.UTC)), mics: &microphones{rooms: map[string]func(uint32, uint16, uint32, []byte){}}}
		var err error
		f.blobs, err = blob.Open(t.TempDir())
		must(t, err)
		t.Cleanup(func() { _ = f.blobs.Close() })
		f.refs = blobref.New(d, f.blobs, f.clock.Now)
		f.follows = follow.New(d, f.clock.Now, func() {})
		f.rooms = room.New(d, slog.New(slog.DiscardHandler), room.Config{SFU: testkit.NewSFU(), Now: f.clock.Now, Follows: f.follows.Follows, Key: []byte("k")})
		f.safety = safety.New(d, func(ctx context.Context, tx *sql.Tx, by, other account.ID) error {
			return errors.Join(f.rooms.Separate(ctx, tx, by, other), f.Separate(ctx, tx, by, other))
		}, f.clock.Now, func() {})
		f.chat = roomchat.New(d, roomchat.Config{Rooms: f.rooms, Matcher: search.Matcher, Now: f.clock.Now})
		f.Service = replay.New(d, f.refs, f.rooms, f.clock.Now)
		f.record()
		f.host = f.person()
		test(t, f)
	})
}

// record makes a recorder, as a process that starts does.
func (f *fixture) record() {
	recorder := replay.NewRecorder(f.Service, f.mics, slog.New(slog.DiscardHandler))
	f.recorder = recorder
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- recorder.Run(ctx) }()
	f.t.Cleanup(func() { stop(); <-ended })
}

func (f *fixture) open(p room.Plan) {
	f.t.Helper()
	p.Title, p.Category, p.Language, p.Recorded = "Late talk", "talk", "en", true
	r, err := f.rooms.Open(ctx, f.host, p)
	must(f.t, err)
	f.room = r.ID
}

func (f *fixture) person() account.ID {
	f.t.Helper()
	who := id.New()
	_, err := f.db.Exec(`INSERT INTO accounts (id, kind, created_at) VALUES ($1, 'member', 0)`, who)
	must(f.t, err)
	return account.ID(who)
}

func (f *fixture) speaker() account.ID {
	f.t.Helper()
	who := f.person()
	_, _, err := f.rooms.Join(ctx, who, f.room)
	must(f.t, err)
	_, err = f.rooms.Sit(ctx, who, f.room, 0)
	must(f.t, err)
	return who
}

func (f *fixture) voice(who account.ID) uint32 {
	f.t.Helper()
	r, err := f.rooms.Get(ctx, f.host, f.room)
	must(f.t, err)
	m, ok := r.Member(who)
	if !ok {
		f.t.Fatalf("%s is not there", who)
	}
	return m.Voice
}

var packets = sync.OnceValue(func() [][]byte {
	data, err := os.ReadFile("../../media/audio/testdata/browser.opus")
	if err != nil {
		panic(err)
	}
	r, err := audio.Parse(data)
	if err != nil {
		panic(err)
	}
	return r.Packets
})

// talk lets a voice be heard for a while, from now on.
func (f *fixture) talk(voice uint32, length time.Duration) {
	f.t.Helper()
	frame := f.mics.recorder(f.t, f.room)
	for n := range int(length / (20 * time.Millisecond)) {
		frame(voice, uint16(n), uint32(n)*960, packets()[n%len(packets())])
		f.clock.Advance(20 * time.Millisecond)
	}
}

func (f *fixture) tick() {
	f.t.Helper()
	must(f.t, f.recorder.Tick(ctx))
}

// end ends the room, and waits until its replay is a draft or gone.
func (f *fixture) end() {
	f.t.Helper()
	must(f.t, f.rooms.End(ctx, f.host, f.room))
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		f.tick()
		var n int
		must(f.t, f.db.QueryRow(`SELECT COUNT(*) FROM replays WHERE state = 'recording'`).Scan(&n))
		if n == 0 {
			return
		}
	}
	f.t.Fatal("it is still recorded")
}

func (f *fixture) listed(who account.ID, filter replay.Filter) (ids []room.ID) {
	f.t.Helper()
	all, _, err := f.List(ctx, who, filter, page.Request{})
	must(f.t, err)
	for _, r := range all {
		ids = append(ids, r.ID)
	}
	return ids
}

func TestOnlyVoicesOfThoseWhoAgreeAreKept(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.open(room.Plan{})
		ada, bob, eve := f.speaker(), f.speaker(), f.speaker()
		refused(t, f.Keep(ctx, f.person(), f.room, true), "room.not_here")
		keeps, answered, err := f.Answer(ctx, ada, f.room)
		if must(t, err); keeps || answered {
			t.Error("Ada has answered before she was asked")
		}
		must(t, f.Keep(ctx, ada, f.room, true))
		must(t, f.Keep(ctx, bob, f.room, false))
		must(t, f.Keep(ctx, eve, f.room, true))
		f.tick()
		f.clock.Advance(5 * time.Second)
		f.talk(f.voice(ada), 3*time.Second)
		f.talk(f.voice(bob), 3*time.Second)
		f.talk(f.voice(f.host), 3*time.Second) // was not asked
		f.talk(f.voice(eve), time.Second)
		must(t, f.Keep(ctx, eve, f.room, false)) // while she speaks
		f.talk(f.voice(eve), 100*time.Millisecond)
		f.tick()
		if _, _, _, err := f.Get(ctx, f.host, f.room); err == nil {
			t.Error("a replay is there while the room is open")
		}
		_, err = f.chat.Send(ctx, bob, f.room, roomchat.Draft{ID: roomchat.ID(id.New()), Text: "Well said"})
		must(t, err)
		f.end()

		r, parts, lines, err := f.Get(ctx, ada, f.room)
		must(t, err)
		if r.State != replay.Draft || !slices.Equal(r.Speakers, []account.ID{ada}) || !r.Keeps {
			t.Errorf("the draft: %+v", r)
		}
		if len(parts) != 1 || parts[0].Start != 5*time.Second || parts[0].Length < 2900*time.Millisecond || parts[0].Length > 3300*time.Millisecond {
			t.Errorf("the parts: %+v", parts)
		}
		if len(lines) != 2 || lines[0].Kind != replay.Chapter || lines[0].Text != "Late talk" || lines[1].Kind != replay.Chat || lines[1].Text != "Well said" || lines[1].Account != bob {
			t.Errorf("the lines: %+v", lines)
		}
		for _, who := range []account.ID{bob, eve, f.person()} {
			_, _, _, err := f.Get(ctx, who, f.room)
			refused(t, err, "replay.not_found")
		}
	})
}

func TestADraftIsPublishedWithdrawnAndDeleted(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.open(room.Plan{})
		ada, bob := f.speaker(), f.speaker()
		for _, who := range []account.ID{f.host, ada, bob} {
			must(t, f.Keep(ctx, who, f.room, true))
		}
		f.tick()
		f.talk(f.voice(ada), time.Second)
		f.talk(f.voice(bob), time.Second)
		must(t, f.rooms.Edit(ctx, f.host, f.room, room.Edit{Title: new("Later talk")}))
		f.tick()
		f.talk(f.voice(f.host), 45*time.Second)
		refused(t, f.Publish(ctx, f.host, f.room, 30), "replay.recording")
		f.end()
		stranger, blocked := f.person(), f.person()
		must(t, f.safety.Block(ctx, bob, blocked))
		refused(t, f.Publish(ctx, ada, f.room, 30), "replay.host_only")
		refused(t, f.Publish(ctx, stranger, f.room, 30), "replay.not_found")
		refused(t, f.Publish(ctx, f.host, f.room, 31), "replay.days")
		if got := f.listed(ada, replay.Filter{Mine: true}); len(got) != 1 {
			t.Errorf("Ada's: %v", got)
		}
		if got := append(f.listed(ada, replay.Filter{}), f.listed(stranger, replay.Filter{})...); len(got) != 0 {
			t.Errorf("a draft is listed: %v", got)
		}
		must(t, f.Publish(ctx, f.host, f.room, 7))
		for who, want := range map[account.ID]int{stranger: 1, ada: 1, f.host: 1, blocked: 0} {
			if got := f.listed(who, replay.Filter{}); len(got) != want {
				t.Errorf("%v are listed, not %d", got, want)
			}
		}
		r, parts, lines, err := f.Get(ctx, stranger, f.room)
		must(t, err)
		if r.Title != "Later talk" || len(r.Speakers) != 3 || r.Speakers[0] != f.host || r.ExpiresAt.Sub(r.PublishedAt) != 7*24*time.Hour {
			t.Errorf("published: %+v", r)
		}
		// 45 s in one go are three parts that follow each other to the millisecond.
		var own []replay.Part
		for _, p := range parts {
			if p.Account == f.host {
				own = append(own, p)
			}
		}
		for i, p := range own {
			if i > 0 && p.Start != own[i-1].Start+own[i-1].Length {
				t.Errorf("part %d begins at %v after %v", i, p.Start, own[i-1].Start+own[i-1].Length)
			}
		}
		if len(own) < 3 {
			t.Errorf("%d parts of 45 seconds", len(own))
		}
		if len(lines) != 2 || lines[1].Text != "Later talk" || lines[1].At < 2*time.Second {
			t.Errorf("the chapters: %+v", lines)
		}
		_, _, _, err = f.Get(ctx, blocked, f.room)
		refused(t, err, "replay.not_found")
		_, err = f.PartKey(ctx, blocked, f.room, parts[0].ID)
		refused(t, err, "replay.not_found")

		must(t, f.SetMark(ctx, stranger, f.room, 40*time.Second))
		if r, _, _, err = f.Get(ctx, stranger, f.room); err != nil || r.Mark != 40*time.Second {
			t.Errorf("the mark: %v, %v", r.Mark, err)
		}
		_, err = f.AddChapter(ctx, f.host, f.room, time.Hour, "Far")
		refused(t, err, "replay.after_end")
		_, err = f.AddChapter(ctx, ada, f.room, time.Second, "Mine")
		refused(t, err, "replay.host_only")
		c, err := f.AddChapter(ctx, f.host, f.room, time.Second, " The\n beginning ")
		if must(t, err); c.Text != "The beginning" {
			t.Errorf("the chapter: %q", c.Text)
		}
		refused(t, f.RemoveLine(ctx, stranger, f.room, c.ID), "replay.host_only")
		must(t, f.RemoveLine(ctx, f.host, f.room, c.ID))
		refused(t, f.RemoveLine(ctx, f.host, f.room, c.ID), "replay.line_not_found")

		key, err := f.PartKey(ctx, stranger, f.room, own[0].ID)
		must(t, err)
		ogg, err := f.blobs.Open(ctx, key)
		must(t, err)
		_ = ogg.Close()
		must(t, f.Withdraw(ctx, bob, f.room))
		refused(t, f.Withdraw(ctx, stranger, f.room), "replay.not_found")
		if r, _, _, err = f.Get(ctx, blocked, f.room); err != nil || len(r.Speakers) != 2 {
			t.Errorf("without Bob it is there for whom he has blocked: %+v, %v", r.Speakers, err)
		}
		must(t, f.Withdraw(ctx, ada, f.room))
		must(t, f.Withdraw(ctx, f.host, f.room)) // the last voice
		_, _, _, err = f.Get(ctx, f.host, f.room)
		refused(t, err, "replay.not_found")
		must(t, f.Sweep(ctx, f.clock.Now()))
		must(t, f.refs.Sweep(ctx, f.clock.Now().Add(time.Hour)))
		if _, err := f.blobs.Open(ctx, key); err == nil {
			t.Error("a recording is left")
		}
	})
}

func TestAReplayIsForWhoeverCouldComeIn(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		follower, knower, other := f.person(), f.person(), f.person()
		err := f.follows.Follow(ctx, follower, f.host)
		must(t, err)
		for access, want := range map[room.Access][]account.ID{room.AccessOpen: {follower, knower, other}, room.AccessFollowers: {follower}, room.AccessPIN: {knower}, room.AccessLink: {}} {
			p := room.Plan{Entry: room.Entry{Access: access}}
			if access == room.AccessPIN {
				p.PIN = "1234"
			}
			f.open(p)
			if access == room.AccessPIN {
				must(t, f.rooms.EnterPIN(ctx, knower, f.room, "1234", "n"))
			}
			must(t, f.Keep(ctx, f.host, f.room, true))
			f.tick()
			f.talk(f.voice(f.host), time.Second)
			f.end()
			must(t, f.Publish(ctx, f.host, f.room, 30))
			for _, who := range []account.ID{follower, knower, other} {
				if got := slices.Contains(f.listed(who, replay.Filter{}), f.room); got != slices.Contains(want, who) {
					t.Errorf("%s: listed is %t", access, got)
				}
				_, _, _, err := f.Get(ctx, who, f.room)
				if got := err == nil; got != (slices.Contains(want, who) || access == room.AccessLink) {
					t.Errorf("%s: read: %v", access, err)
				}
			}
			f.clock.Advance(time.Hour)
		}
	})
}

func TestNothingIsKeptOfARoomThatIsNotRecordedOrInWhichNobodyAgrees(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		r, err := f.rooms.Open(ctx, f.host, room.Plan{Title: "Off", Category: "talk", Language: "en"})
		must(t, err)
		refused(t, f.Keep(ctx, f.host, r.ID, true), "room.not_recorded")
		f.open(room.Plan{})
		f.tick()
		f.end()
		var n int
		must(t, f.db.QueryRow(`SELECT COUNT(*) FROM replays`).Scan(&n))
		if n != 0 {
			t.Errorf("%d replays", n)
		}
	})
}

func TestAProcessThatDiesLosesWhatWasNotStoredAndNoMore(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.open(room.Plan{})
		must(t, f.Keep(ctx, f.host, f.room, true))
		f.tick()
		f.talk(f.voice(f.host), 2*time.Second)
		f.clock.Advance(2 * time.Second)
		for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			var n int
			must(t, f.db.QueryRow(`SELECT COUNT(*) FROM replay_parts`).Scan(&n))
			if n == 1 {
				break
			}
			if time.Now().After(end) {
				t.Fatal("a pause stores nothing")
			}
		}
		f.record() // another process; the one before does not tick any more
		must(t, f.rooms.End(ctx, f.host, f.room))
		f.tick()
		r, parts, _, err := f.Get(ctx, f.host, f.room)
		if must(t, err); r.State != replay.Draft || len(parts) != 1 {
			t.Errorf("after the restart: %+v, %d parts", r, len(parts))
		}
		// Nobody publishes it.
		must(t, f.Sweep(ctx, f.clock.Now().Add(7*24*time.Hour)))
		_, _, _, err = f.Get(ctx, f.host, f.room)
		refused(t, err, "replay.not_found")
	})
}

func TestNoPartComesAfterItsSpeakerHasWithdrawn(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.open(room.Plan{})
		ada := f.speaker()
		must(t, f.Keep(ctx, ada, f.room, true))
		f.tick()
		voice := f.voice(ada)
		var all sync.WaitGroup
		all.Go(func() {
			for range 20 {
				f.talk(voice, 200*time.Millisecond)
				f.clock.Advance(2 * time.Second)
				time.Sleep(5 * time.Millisecond)
			}
		})
		time.Sleep(30 * time.Millisecond)
		must(t, f.Keep(ctx, ada, f.room, false))
		left := func() (n int) {
			must(t, f.db.QueryRow(`SELECT COUNT(*) FROM replay_parts`).Scan(&n))
			return n
		}
		if n := left(); n != 0 {
			t.Errorf("%d parts are left", n)
		}
		all.Wait()
		f.end()
		if n := left(); n != 0 {
			t.Errorf("%d parts came later", n)
		}
	})
}

func TestADraftAndItsPublicationAreNewsOnce(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.open(room.Plan{})
		must(t, f.Keep(ctx, f.host, f.room, true))
		f.tick()
		f.talk(f.voice(f.host), 2*time.Second)
		f.end()
		news := func() (all []replay.What) {
			all, err := db.Select(ctx, f.db, func(row interface{ Scan(...any) error }) (w replay.What, err error) {
				var data string
				if err = row.Scan(&data); err != nil {
					return "", err
				}
				var n replay.News
				err = json.Unmarshal([]byte(data), &n)
				return n.What, err
			}, `SELECT data FROM outbox WHERE kind = $1 ORDER BY id`, replay.KindNews)
			must(t, err)
			return all
		}
		if all := news(); !slices.Equal(all, []replay.What{replay.Drafted}) {
			t.Errorf("after the end: %v", all)
		}
		must(t, f.Publish(ctx, f.host, f.room, 30))
		must(t, f.Publish(ctx, f.host, f.room, 90))
		if all := news(); !slices.Equal(all, []replay.What{replay.Drafted, replay.Opened}) {
			t.Errorf("after it was published: %v", all)
		}
	})
}
