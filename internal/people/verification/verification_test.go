package verification_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"image"
	"image/jpeg"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"heyy/internal/base/blob"
	"heyy/internal/base/blobref"
	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/media/audio"
	"heyy/internal/media/imaging"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
	"heyy/internal/people/verification"
)

var ctx = context.Background()

// desk is a verification service with real profiles and blobs.
type desk struct {
	evidence verification.Evidence
	*verification.Service
	db       *db.DB
	profiles *profile.Service
	shelf    *blobref.Store
	blobs    *blob.Store
	dir      string
	clock    atomic.Int64 // ms
}

func (d *desk) now() time.Time       { return time.UnixMilli(d.clock.Load()) }
func (d *desk) wait(t time.Duration) { d.clock.Add(t.Milliseconds()) }

func each(t *testing.T, f func(t *testing.T, d *desk)) {
	t.Helper()
	e := evidence(t)
	dbtest.Each(t, func(t *testing.T, x *db.DB) {
		d := &desk{evidence: e, db: x, dir: t.TempDir()}
		d.clock.Store(1_800_000_000_000)
		var err error
		if d.blobs, err = blob.Open(d.dir); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = d.blobs.Close() })
		d.shelf = blobref.New(x, d.blobs, d.now)
		d.profiles = profile.New(x, d.shelf, d.now)
		d.Service = verification.New(x, d.shelf, d.profiles, d.now, func() {})
		f(t, d)
	})
}

func (d *desk) member(t testing.TB) account.ID {
	t.Helper()
	who := account.ID(id.New())
	if err := d.db.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO accounts (id, kind, born, created_at) VALUES ($1, 'member', '1990-01-01', 0)`, string(who)); err != nil {
			return err
		}
		return d.profiles.Create(ctx, tx, who, "Anna", "it")
	}); err != nil {
		t.Fatal(err)
	}
	return who
}

// evidence is what one of the residents would send in.
func evidence(t testing.TB) verification.Evidence {
	t.Helper()
	voices, err := filepath.Glob("../../lab/resident/voices/intro/*.opus")
	if err != nil || len(voices) == 0 {
		t.Fatal("no resident speaks", err)
	}
	data, err := os.ReadFile(voices[0])
	if err != nil {
		t.Fatal(err)
	}
	clip, err := audio.NewClip(data, audio.Limits{Least: time.Second, Most: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 100, 80)), nil); err != nil {
		t.Fatal(err)
	}
	selfie, err := imaging.Convert(b.Bytes(), 1280)
	if err != nil {
		t.Fatal(err)
	}
	return verification.Evidence{Voice: &clip, Selfie: &selfie}
}

func (d *desk) start(t testing.TB, who account.ID) verification.Task {
	t.Helper()
	task, err := d.Start(ctx, who)
	if err != nil {
		t.Fatal(err)
	}
	return task
}

func (d *desk) submit(t testing.TB, who account.ID, task verification.ID) {
	t.Helper()
	if s, err := d.Submit(ctx, who, task, d.evidence); err != nil || s.Status != verification.Waiting {
		t.Fatalf("%+v, %v", s, err)
	}
}

// sent is why a submission was refused, if it was.
func (d *desk) sent(ctx context.Context, who account.ID, task verification.ID, e verification.Evidence) error {
	_, err := d.Submit(ctx, who, task, e)
	return err
}

func (d *desk) state(t testing.TB, who account.ID) verification.State {
	t.Helper()
	s, err := d.State(ctx, who)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (d *desk) verified(t testing.TB, who account.ID) bool {
	t.Helper()
	p, err := d.profiles.Get(ctx, who)
	if err != nil {
		t.Fatal(err)
	}
	return p.Verified
}

// files is how many blobs are left once what is loose was swept.
func (d *desk) files(t testing.TB) (n int) {
	t.Helper()
	if err := d.shelf.Sweep(ctx, d.now().Add(11*time.Minute)); err != nil {
		t.Fatal(err)
	}
	if err := filepath.WalkDir(d.dir, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			n++
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func (d *desk) facts(t testing.TB) []verification.Decided {
	t.Helper()
	all, err := db.Select(ctx, d.db, func(row interface{ Scan(...any) error }) (f verification.Decided, err error) {
		var data string
		if err := row.Scan(&data); err != nil {
			return f, err
		}
		return f, json.Unmarshal([]byte(data), &f)
	}, `SELECT data FROM outbox WHERE kind = 'verification.decided' ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// open is how many tasks of who are not over.
func (d *desk) open(t testing.TB, who account.ID) (n int) {
	t.Helper()
	if err := d.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM verifications WHERE account_id = $1 AND state IN ('started', 'waiting')`, string(who)).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func wantFault(t testing.TB, err error, kind fault.Kind, code string) {
	t.Helper()
	if f := fault.As(err); f == nil || f.Code != code || f.Kind != kind {
		t.Fatalf("got %v, want %s", err, code)
	}
}

func TestFromTheFirstWordToTheBadge(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		anna, bob := d.member(t), d.member(t)
		if s := d.state(t, anna); s.Status != verification.None {
			t.Errorf("%+v", s)
		}
		task := d.start(t, anna)
		if len(task.Phrase) != 4 || !slices.Contains(verification.Poses, task.Pose) || !task.ExpiresAt.Equal(d.now().Add(15*time.Minute)) {
			t.Errorf("%+v", task)
		}
		for i, w := range task.Phrase {
			if !slices.Contains(verification.Words, w) || slices.Index(task.Phrase, w) != i {
				t.Errorf("%v", task.Phrase)
			}
		}
		if s := d.state(t, anna); s.Status != verification.Started || !slices.Equal(s.Task.Phrase, task.Phrase) || s.Task.Pose != task.Pose || !s.Task.ExpiresAt.Equal(task.ExpiresAt) {
			t.Errorf("%+v", s)
		}
		wantFault(t, d.Decide(ctx, task.ID, verification.Verdict{By: "mod", Approve: true}), fault.NotFound, "verification.none")
		wantFault(t, d.sent(ctx, bob, task.ID, d.evidence), fault.NotFound, "verification.none")
		d.wait(time.Minute)
		d.submit(t, anna, task.ID)
		sent := d.now()
		if s := d.state(t, anna); s.Status != verification.Waiting || s.Task != nil || !s.At.Equal(sent) {
			t.Errorf("%+v", s)
		}
		wantFault(t, d.sent(ctx, anna, task.ID, d.evidence), fault.Conflict, "verification.waiting")
		_, err := d.Start(ctx, anna)
		wantFault(t, err, fault.Conflict, "verification.waiting")

		all, err := d.ListWaiting(ctx, 10)
		if err != nil || len(all) != 1 || all[0].ID != task.ID || all[0].By != anna || !slices.Equal(all[0].Phrase, task.Phrase) || !all[0].SubmittedAt.Equal(sent) {
			t.Fatalf("%+v, %v", all, err)
		}
		for _, key := range []string{all[0].VoiceKey, all[0].SelfieKey} {
			r, err := d.blobs.Open(ctx, key)
			if err != nil || r.Size() == 0 || r.Close() != nil {
				t.Errorf("%s: %v", key, err)
			}
		}
		d.wait(time.Hour)
		if d.verified(t, anna) {
			t.Error("verified by nobody")
		}
		if err := d.Decide(ctx, task.ID, verification.Verdict{By: "mod", Approve: true}); err != nil {
			t.Fatal(err)
		}
		if !d.verified(t, anna) || d.verified(t, bob) {
			t.Error("the badge is not where it belongs")
		}
		if s := d.state(t, anna); s.Status != verification.Approved || !s.At.Equal(d.now()) {
			t.Errorf("%+v", s)
		}
		if f := d.facts(t); len(f) != 1 || f[0] != (verification.Decided{Account: anna, ID: task.ID, Approved: true}) {
			t.Errorf("%+v", f)
		}
		if all, err := d.ListWaiting(ctx, 10); err != nil || len(all) != 0 {
			t.Errorf("%+v, %v", all, err)
		}
		wantFault(t, d.Decide(ctx, task.ID, verification.Verdict{By: "other", Why: "pose"}), fault.Conflict, "verification.done")
		wantFault(t, d.sent(ctx, anna, task.ID, d.evidence), fault.Conflict, "verification.done")
		_, err = d.Start(ctx, anna)
		wantFault(t, err, fault.Conflict, "verification.done")
	})
}

func TestPartsComeOneByOneAndMayBeTakenAnew(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		anna := d.member(t)
		voiceOnly, selfieOnly := verification.Evidence{Voice: d.evidence.Voice}, verification.Evidence{Selfie: d.evidence.Selfie}
		task := d.start(t, anna)
		for range 2 { // the second one replaces the first
			s, err := d.Submit(ctx, anna, task.ID, voiceOnly)
			if err != nil || s.Status != verification.Started || !s.Said || s.Posed || s.Task.ID != task.ID {
				t.Fatalf("%+v, %v", s, err)
			}
		}
		if n := d.files(t); n != 1 {
			t.Errorf("%d files", n)
		}
		if all, err := d.ListWaiting(ctx, 10); err != nil || len(all) != 0 {
			t.Errorf("%+v, %v", all, err)
		}
		next := d.start(t, anna) // what was said belongs to the old words
		if s := d.state(t, anna); s.Said || s.Posed || s.Task.ID != next.ID || d.files(t) != 0 {
			t.Errorf("%+v, %d files", s, d.files(t))
		}
		if s, err := d.Submit(ctx, anna, next.ID, selfieOnly); err != nil || s.Status != verification.Started || s.Said || !s.Posed {
			t.Errorf("%+v, %v", s, err)
		}
		if s, err := d.Submit(ctx, anna, next.ID, voiceOnly); err != nil || s.Status != verification.Waiting || d.files(t) != 2 {
			t.Errorf("%+v, %v", s, err)
		}

		bob := d.member(t)
		if _, err := d.Submit(ctx, bob, d.start(t, bob).ID, selfieOnly); err != nil {
			t.Fatal(err)
		}
		d.wait(15 * time.Minute)
		for range 2 {
			if err := d.Sweep(ctx, d.now()); err != nil {
				t.Fatal(err)
			}
		}
		if s := d.state(t, bob); s.Status != verification.None || d.files(t) != 2 {
			t.Errorf("%+v, %d files", s, d.files(t))
		}
	})
}

func TestBothPartsAtOnceAreEnough(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		for range 10 {
			anna := d.member(t)
			task := d.start(t, anna)
			parts := []verification.Evidence{{Voice: d.evidence.Voice}, {Selfie: d.evidence.Selfie}}
			codes := atOnce(2, func(i int) error { return d.sent(ctx, anna, task.ID, parts[i]) })
			if codes["ok"] != 2 || d.state(t, anna).Status != verification.Waiting {
				t.Fatalf("%v, %+v", codes, d.state(t, anna))
			}
		}
		if n := d.files(t); n != 20 {
			t.Errorf("%d files", n)
		}
	})
}

func TestWhoIsDeclinedLearnsWhyAndMayTryAgain(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		anna := d.member(t)
		task := d.start(t, anna)
		d.submit(t, anna, task.ID)
		for _, v := range []verification.Verdict{{By: "mod"}, {By: "mod", Why: "ugly"}, {By: "mod", Approve: true, Why: "pose"}} {
			wantFault(t, d.Decide(ctx, task.ID, v), fault.Invalid, "verification.why")
		}
		if err := d.Decide(ctx, task.ID, verification.Verdict{By: "mod", Why: "pose"}); err != nil {
			t.Fatal(err)
		}
		if s := d.state(t, anna); s.Status != verification.Declined || s.Why != "pose" || d.verified(t, anna) {
			t.Errorf("%+v", s)
		}
		d.wait(time.Second)
		again := d.start(t, anna)
		if s := d.state(t, anna); s.Status != verification.Started || s.Why != "" || s.Task.ID != again.ID {
			t.Errorf("%+v", s)
		}
	})
}

func TestATaskIsGoodForAQuarterOfAnHour(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		anna := d.member(t)
		old := d.start(t, anna)
		d.wait(time.Second)
		task := d.start(t, anna)
		wantFault(t, d.sent(ctx, anna, old.ID, d.evidence), fault.Gone, "verification.expired")
		d.wait(15*time.Minute - time.Millisecond)
		if s := d.state(t, anna); s.Status != verification.Started || s.Task.ID != task.ID {
			t.Errorf("%+v", s)
		}
		d.wait(time.Millisecond)
		if s := d.state(t, anna); s.Status != verification.None || s.Task != nil {
			t.Errorf("%+v", s)
		}
		wantFault(t, d.sent(ctx, anna, task.ID, d.evidence), fault.Gone, "verification.expired")
		if n := d.files(t); n != 0 {
			t.Errorf("%d files of nobody", n)
		}
		d.submit(t, anna, d.start(t, anna).ID)
		wantFault(t, d.sent(ctx, anna, verification.ID(id.New()), d.evidence), fault.NotFound, "verification.none")
		if n := d.files(t); n != 2 {
			t.Errorf("%d files", n)
		}
	})
}

func TestFiveTriesADay(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		anna := d.member(t)
		for range 5 {
			d.start(t, anna)
			d.wait(time.Hour)
			if err := d.Sweep(ctx, d.now()); err != nil { // which forgets no try of today
				t.Fatal(err)
			}
		}
		_, err := d.Start(ctx, anna)
		wantFault(t, err, fault.TooMany, "verification.tries")
		d.start(t, d.member(t)) // others may
		d.wait(19 * time.Hour)
		d.start(t, anna)
		_, err = d.Start(ctx, anna)
		wantFault(t, err, fault.TooMany, "verification.tries")
		_, err = d.Start(ctx, account.ID(id.New()))
		wantFault(t, err, fault.NotFound, "person.unknown")
	})
}

func TestWhatWasSentInGoesWithTheDecision(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		anna, bob, cleo := d.member(t), d.member(t), d.member(t)
		for _, who := range []account.ID{anna, bob, cleo} {
			task := d.start(t, who)
			d.submit(t, who, task.ID)
			v := verification.Verdict{By: "mod", Approve: true}
			if who == bob {
				v = verification.Verdict{By: "mod", Why: "unclear"}
			}
			if who == cleo {
				continue // nobody has looked yet
			}
			if err := d.Decide(ctx, task.ID, v); err != nil {
				t.Fatal(err)
			}
		}
		if n := d.files(t); n != 2 {
			t.Errorf("%d files, want Cleo's", n)
		}
		var kept int
		if err := d.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM verifications WHERE decided_at IS NOT NULL AND (phrase <> '[]' OR pose <> '' OR voice_key IS NOT NULL OR selfie_key IS NOT NULL)`).Scan(&kept); err != nil || kept != 0 {
			t.Errorf("%d decided ones still say what was asked and sent: %v", kept, err)
		}
		// An older version kept it after the decision.
		if _, err := d.db.ExecContext(ctx, `UPDATE verifications SET state = 'declined', why = 'other', decided_by = 'mod', decided_at = $1 WHERE state = 'waiting'`, db.Millis(d.now())); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := d.Sweep(ctx, d.now()); err != nil || d.files(t) != 0 {
				t.Fatalf("%d files, %v", d.files(t), err)
			}
		}
		if !d.verified(t, anna) || d.state(t, anna).Status != verification.Approved || d.state(t, bob).Why != "unclear" || d.state(t, cleo).Why != "other" {
			t.Error("the outcome went, too")
		}
	})
}

func TestModeratorsGetTheOldestFirst(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		var want []account.ID
		for range 4 {
			who := d.member(t)
			d.submit(t, who, d.start(t, who).ID)
			d.wait(time.Second)
			want = append(want, who)
		}
		all, err := d.ListWaiting(ctx, 3)
		if err != nil || len(all) != 3 || all[0].By != want[0] || all[1].By != want[1] || all[2].By != want[2] {
			t.Errorf("%+v, %v", all, err)
		}
	})
}

// atOnce runs f n times in the same moment and counts the codes of its errors.
func atOnce(n int, f func(i int) error) map[string]int {
	codes := map[string]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			code := "ok"
			if err := f(i); err != nil {
				if code = err.Error(); fault.As(err) != nil {
					code = fault.As(err).Code
				}
			}
			mu.Lock()
			defer mu.Unlock()
			codes[code]++
		})
	}
	close(start)
	all.Wait()
	return codes
}

func TestManyStartsAtOnceAreFiveTriesAndOneTask(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		anna := d.member(t)
		codes := atOnce(20, func(int) error { _, err := d.Start(ctx, anna); return err })
		if codes["ok"] != 5 || codes["verification.tries"] != 15 || d.open(t, anna) != 1 {
			t.Errorf("%v, %d open", codes, d.open(t, anna))
		}
	})
}

func TestOneSubmissionOfManyCounts(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		anna := d.member(t)
		task := d.start(t, anna)
		codes := atOnce(10, func(int) error { return d.sent(ctx, anna, task.ID, d.evidence) })
		if codes["ok"] != 1 || codes["verification.waiting"] != 9 || d.files(t) != 2 {
			t.Errorf("%v, %d files", codes, d.files(t))
		}
		all, err := d.ListWaiting(ctx, 10)
		if err != nil || len(all) != 1 {
			t.Fatalf("%+v, %v", all, err)
		}
		if r, err := d.blobs.Open(ctx, all[0].VoiceKey); err != nil || r.Close() != nil {
			t.Errorf("the one that counts is gone: %v", err)
		}
	})
}

func TestASubmissionMeetsANewStart(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		for range 20 {
			anna := d.member(t)
			task := d.start(t, anna)
			codes := atOnce(2, func(i int) error {
				if i == 0 {
					return d.sent(ctx, anna, task.ID, d.evidence)
				}
				_, err := d.Start(ctx, anna)
				return err
			})
			s := d.state(t, anna)
			sent := codes["ok"] == 1 && codes["verification.waiting"] == 1 && s.Status == verification.Waiting
			replaced := codes["ok"] == 1 && codes["verification.expired"] == 1 && s.Status == verification.Started && s.Task.ID != task.ID
			if d.open(t, anna) != 1 || !sent && !replaced {
				t.Fatalf("%v, %+v", codes, s)
			}
		}
	})
}

func TestOneModeratorDecides(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		anna := d.member(t)
		task := d.start(t, anna)
		d.submit(t, anna, task.ID)
		codes := atOnce(8, func(i int) error {
			if i%2 == 0 {
				return d.Decide(ctx, task.ID, verification.Verdict{By: "a", Approve: true})
			}
			return d.Decide(ctx, task.ID, verification.Verdict{By: "b", Why: "words"})
		})
		f := d.facts(t)
		if codes["ok"] != 1 || codes["verification.done"] != 7 || len(f) != 1 {
			t.Fatalf("%v, told %+v", codes, f)
		}
		if approved := d.state(t, anna).Status == verification.Approved; approved != f[0].Approved || approved != d.verified(t, anna) {
			t.Errorf("%+v, %+v", d.state(t, anna), f[0])
		}
	})
}

// broken profiles verify nobody.
type broken struct{ why error }

func (b broken) Verify(context.Context, *sql.Tx, account.ID, time.Time) error { return b.why }

func TestNoDecisionWithoutItsBadge(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		anna := d.member(t)
		task := d.start(t, anna)
		d.submit(t, anna, task.ID)
		why := errors.New("no profiles today")
		s := verification.New(d.db, d.shelf, broken{why}, d.now, func() { t.Error("told") })
		if err := s.Decide(ctx, task.ID, verification.Verdict{By: "mod", Approve: true}); !errors.Is(err, why) {
			t.Fatal(err)
		}
		if st := d.state(t, anna); st.Status != verification.Waiting || len(d.facts(t)) != 0 {
			t.Errorf("%+v", st)
		}
	})
}

func TestKeysAreKeysOnce(t *testing.T) {
	for _, list := range [][]string{verification.Words, verification.Poses, verification.Reasons} {
		seen := map[string]bool{}
		for _, key := range list {
			if seen[key] || key == "" {
				t.Errorf("%q stands twice", key)
			}
			seen[key] = true
		}
	}
	if len(verification.Words) < 60 || len(verification.Poses) != 8 {
		t.Error(len(verification.Words), len(verification.Poses))
	}
}
