package profile_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"heyy/internal/base/blob"
	"heyy/internal/base/blobref"
	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
)

// stage is a service with real blobs.
type stage struct {
	*profile.Service
	db    *db.DB
	blobs *blob.Store
	dir   string
	shelf *blobref.Store
	now   time.Time
}

func onStage(t *testing.T, f func(t *testing.T, s *stage)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := &stage{db: d, dir: t.TempDir(), now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
		var err error
		if s.blobs, err = blob.Open(s.dir); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.blobs.Close() })
		clock := func() time.Time { return s.now }
		s.shelf = blobref.New(d, s.blobs, clock)
		s.Service = profile.New(d, s.shelf, clock)
		f(t, s)
	})
}

func (s *stage) files(t *testing.T) (n int) {
	t.Helper()
	err := filepath.WalkDir(s.dir, func(_ string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func spoken(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("../../lab/resident/voices/intro/" + name + ".opus")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestAnIntroBringsAVoiceAndReplacesTheOneBefore(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		anna := move(t, s.db, s.Service, "member", "Anna")
		first, err := s.Publish(ctx, anna, 0, "best_sound", spoken(t, "maya"))
		if err != nil {
			t.Fatal(err)
		}
		if v := uuid.MustParse(first.ID).Version(); v != 4 {
			t.Errorf("the id %s is of version %d, which may tell when it was recorded", first.ID, v)
		}
		p, err := s.Get(ctx, anna)
		if err != nil || p.Voice == nil || p.Voice.PitchHz < 100 || p.Voice.PitchHz > 300 {
			t.Fatalf("%+v, %v", p, err)
		}
		second, err := s.Publish(ctx, anna, 0, "small_joy", spoken(t, "maya"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Publish(ctx, anna, 3, "green_flag", spoken(t, "maya")); err != nil {
			t.Fatal(err)
		}
		all, err := s.Clips(ctx, anna)
		if err != nil || len(all[anna]) != 2 || all[anna][0].ID != second.ID || all[anna][0].Prompt != "small_joy" || all[anna][1].Place != 3 || len(all[anna][0].Peaks) != 64 {
			t.Fatalf("%+v, %v", all, err)
		}
		if s.files(t) != 3 {
			t.Errorf("%d files: the first can still be heard for some minutes", s.files(t))
		}
		if err := s.shelf.Sweep(ctx, s.now.Add(11*time.Minute)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.blobs.Open(ctx, first.Key); !errors.Is(err, blob.ErrNone) || s.files(t) != 2 {
			t.Errorf("%d files, %v", s.files(t), err)
		}
		if _, err := s.PlayClip(ctx, anna, first.ID); !fault.Is(err, "clip.unknown") {
			t.Errorf("the first: %v", err)
		}
		if err := s.Unpublish(ctx, anna, 0); err != nil {
			t.Fatal(err)
		}
		if all, err = s.Clips(ctx, anna); err != nil || len(all[anna]) != 1 {
			t.Errorf("%+v, %v", all, err)
		}
		if p, err = s.Get(ctx, anna); err != nil || p.Voice == nil {
			t.Errorf("the aura went with the intro: %+v, %v", p, err)
		}
	})
}

func TestARefusedRecordingLeavesTheOneBefore(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		anna, good := move(t, s.db, s.Service, "member", "Anna"), spoken(t, "maya")
		before, err := s.Publish(ctx, anna, 0, "best_sound", good)
		if err != nil {
			t.Fatal(err)
		}
		flipped := append([]byte{}, good...)
		flipped[len(flipped)/2] ^= 1
		for name, c := range map[string]struct {
			place  int
			prompt string
			data   []byte
			code   string
		}{
			"no such place":  {4, "best_sound", good, "clip.place"},
			"no such card":   {0, "worst_sound", good, "list.unknown"},
			"nothing":        {0, "best_sound", nil, "voice.format"},
			"something else": {0, "best_sound", []byte("<svg onload=alert(1)>"), "voice.format"},
			"cut off":        {0, "best_sound", good[:len(good)-100], "voice.damaged"},
			"one bit":        {0, "best_sound", flipped, "voice.damaged"},
		} {
			if _, err := s.Publish(ctx, anna, c.place, c.prompt, c.data); !fault.Is(err, c.code) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := s.Publish(ctx, account.ID(id.New()), 0, "best_sound", good); !fault.Is(err, "person.unknown") {
			t.Errorf("nobody: %v", err)
		}
		if all, err := s.Clips(ctx, anna); err != nil || len(all[anna]) != 1 || all[anna][0].ID != before.ID {
			t.Errorf("%+v, %v", all, err)
		}
		if err := s.shelf.Sweep(ctx, s.now.Add(time.Hour)); err != nil || s.files(t) != 1 {
			t.Errorf("%d files, %v", s.files(t), err)
		}
	})
}

func TestRetakesAtOnceLeaveOneClipAndOneFile(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		anna, data := move(t, s.db, s.Service, "member", "Anna"), spoken(t, "maya")
		var all sync.WaitGroup
		for range 6 {
			all.Go(func() {
				if _, err := s.Publish(ctx, anna, 1, "small_joy", data); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if err := s.shelf.Sweep(ctx, s.now.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		clips, err := s.Clips(ctx, anna)
		if err != nil || len(clips[anna]) != 1 || s.files(t) != 1 {
			t.Errorf("%d clips, %d files, %v", len(clips[anna]), s.files(t), err)
		}
	})
}

func TestNobodyHearsEverybodyInADay(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		anna, bob := move(t, s.db, s.Service, "member", "Anna"), move(t, s.db, s.Service, "member", "Bob")
		own, err := s.Publish(ctx, anna, 0, "best_sound", spoken(t, "maya"))
		if err != nil {
			t.Fatal(err)
		}
		// 299 voices heard earlier today, and 50 of yesterday that no longer count.
		for i := range 349 {
			at := s.now
			if i >= 299 {
				at = s.now.Add(-25 * time.Hour)
			}
			if _, err := s.db.ExecContext(ctx, `INSERT INTO hearings (listener_id, clip_id, first_at) VALUES ($1, $2, $3)`, string(anna), id.New(), db.Millis(at)); err != nil {
				t.Fatal(err)
			}
		}
		var clips []profile.Clip
		for place := range 3 {
			c, err := s.Publish(ctx, bob, place, "small_joy", spoken(t, "maya"))
			if err != nil {
				t.Fatal(err)
			}
			clips = append(clips, c)
		}
		var heard sync.Map
		var all sync.WaitGroup
		for _, c := range clips {
			for range 3 {
				all.Go(func() {
					switch _, err := s.PlayClip(context.Background(), anna, c.ID); {
					case err == nil:
						heard.Store(c.ID, true)
					case !fault.Is(err, "clips.spent"):
						t.Error(err)
					}
				})
			}
		}
		all.Wait()
		n := 0
		heard.Range(func(_, _ any) bool { n++; return true })
		if n != 1 {
			t.Errorf("%d more were heard, one was left", n)
		}
		if _, err := s.PlayClip(ctx, anna, own.ID); err != nil {
			t.Errorf("one's own: %v", err)
		}
		s.now = s.now.Add(25 * time.Hour)
		if _, err := s.PlayClip(ctx, anna, clips[2].ID); err != nil {
			t.Errorf("tomorrow: %v", err)
		}
		if err := s.Sweep(ctx, s.now.Add(31*24*time.Hour)); err != nil {
			t.Fatal(err)
		}
		var rows int
		if err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM hearings`).Scan(&rows); err != nil || rows != 0 {
			t.Errorf("%d rows, %v", rows, err)
		}
	})
}
