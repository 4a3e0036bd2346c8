package photo_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"io/fs"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
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
	"heyy/internal/people/photo"
)

var ctx = context.Background()

// album is a photo service on a real database and a real shelf.
type album struct {
	*photo.Service
	db    *db.DB
	shelf *blobref.Store
	blobs *blob.Store
	dir   string
	clock atomic.Int64 // ms; every look at it lets one pass
	mu    sync.Mutex
	apart map[[2]account.ID]bool // everybody else has matched
}

func (a *album) now() time.Time { return time.UnixMilli(a.clock.Add(1)) }

func (a *album) Matched(_ context.Context, x, y account.ID) (bool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return !a.apart[[2]account.ID{min(x, y), max(x, y)}], nil
}

func (a *album) part(x, y account.ID, apart bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.apart[[2]account.ID{min(x, y), max(x, y)}] = apart
}

func each(t *testing.T, f func(t *testing.T, a *album)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := &album{db: d, dir: t.TempDir(), apart: map[[2]account.ID]bool{}}
		a.clock.Store(1_800_000_000_000)
		var err error
		if a.blobs, err = blob.Open(a.dir); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = a.blobs.Close() })
		a.shelf = blobref.New(d, a.blobs, a.now)
		a.Service = photo.New(d, a.shelf, a, a.now, func() {})
		f(t, a)
	})
}

// member is somebody with so many photos.
func (a *album) member(t testing.TB, photos int) account.ID {
	t.Helper()
	who := account.ID(id.New())
	if err := a.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO accounts (id, kind, created_at) VALUES ($1, 'member', 0)`, string(who))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for range photos {
		a.add(t, who)
	}
	return who
}

func (a *album) add(t testing.TB, who account.ID) photo.Photo {
	t.Helper()
	p, err := a.Add(ctx, who, snapshot(t))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func snapshot(t testing.TB) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 80, 64))
	for x := range 80 {
		for y := range 64 {
			m.Set(x, y, color.RGBA{uint8(x * 3), uint8(y * 3), 90, 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (a *album) offer(t testing.TB, by, other account.ID) photo.Reveal {
	t.Helper()
	r, err := a.Offer(ctx, by, other)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// sees is what viewer and other show each other, to the viewer.
func (a *album) sees(t testing.TB, viewer, other account.ID) photo.Reveal {
	t.Helper()
	all, err := a.Between(ctx, viewer, other)
	if err != nil {
		t.Fatal(err)
	}
	return all[other]
}

// wantClosed says that neither sees the other, nor gets a picture of theirs.
func (a *album) wantClosed(t testing.TB, x, y account.ID) {
	t.Helper()
	for _, p := range [][2]account.ID{{x, y}, {y, x}} {
		if r := a.sees(t, p[0], p[1]); !r.OpenedAt.IsZero() || len(r.Photos) != 0 {
			t.Errorf("it is open: %+v", r)
		}
		theirs, err := a.List(ctx, p[1])
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range theirs {
			_, err := a.BlobKey(ctx, p[0], q.ID)
			wantFault(t, err, "", "photo.unknown")
		}
	}
}

// files is how many blobs lie in the folder.
func (a *album) files(t testing.TB) (n int) {
	t.Helper()
	if err := filepath.WalkDir(a.dir, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			n++
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// facts are the facts of the outbox that are about x and y, in order.
func (a *album) facts(t testing.TB, x, y account.ID) []photo.RevealChanged {
	t.Helper()
	all, err := db.Select(ctx, a.db, func(row interface{ Scan(...any) error }) (f photo.RevealChanged, err error) {
		var data string
		if err := row.Scan(&data); err != nil {
			return f, err
		}
		return f, json.Unmarshal([]byte(data), &f)
	}, `SELECT data FROM outbox WHERE kind = $1 AND scope = $2 ORDER BY seq`, "photo.reveal", "reveal:"+string(min(x, y))+":"+string(max(x, y)))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func wantFault(t testing.TB, err error, field, code string) {
	t.Helper()
	if f := fault.As(err); f == nil || f.Code != code || f.Field != field {
		t.Fatalf("got %v, want %s at %q", err, code, field)
	}
}

func TestPhotosComeAndGo(t *testing.T) {
	each(t, func(t *testing.T, a *album) {
		anna, bob := a.member(t, 0), a.member(t, 1)
		first, second := a.add(t, anna), a.add(t, anna)
		if first.Width != 80 || first.Height != 64 || first.Blurhash == "" || first.Key == "photos/"+string(first.ID)+".jpg" {
			t.Errorf("%+v", first)
		}
		if v := uuid.MustParse(string(first.ID)).Version(); v != 4 {
			t.Errorf("the id %s is of version %d, which may tell when it was added", first.ID, v)
		}
		mine, err := a.List(ctx, anna)
		if err != nil || !slices.Equal(mine, []photo.Photo{first, second}) {
			t.Fatalf("%+v, %v", mine, err)
		}
		key, err := a.BlobKey(ctx, anna, first.ID)
		if err != nil || key != first.Key {
			t.Fatalf("%q, %v", key, err)
		}
		r, err := a.blobs.Open(ctx, key)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := jpeg.DecodeConfig(r); err != nil || c.Width != 80 || r.Close() != nil {
			t.Errorf("%+v, %v", c, err)
		}
		wantFault(t, a.Remove(ctx, bob, first.ID), "", "photo.unknown")
		wantFault(t, a.Remove(ctx, anna, photo.ID(id.New())), "", "photo.unknown")
		if err := a.Remove(ctx, anna, first.ID); err != nil {
			t.Fatal(err)
		}
		wantFault(t, a.Remove(ctx, anna, first.ID), "", "photo.unknown")
		_, err = a.BlobKey(ctx, anna, first.ID)
		wantFault(t, err, "", "photo.unknown")
		if mine, err := a.List(ctx, anna); err != nil || !slices.Equal(mine, []photo.Photo{second}) {
			t.Errorf("%+v, %v", mine, err)
		}
		if err := a.shelf.Sweep(ctx, a.now().Add(time.Hour)); err != nil || a.files(t) != 2 {
			t.Errorf("%d files, %v", a.files(t), err)
		}
	})
}

func TestAPhotoThatIsNoneChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, a *album) {
		anna := a.member(t, 1)
		before := a.files(t)
		one := &bytes.Buffer{}
		if err := jpeg.Encode(one, image.NewGray(image.Rect(0, 0, 5, 5)), nil); err != nil {
			t.Fatal(err)
		}
		for _, x := range []struct {
			name, data, code string
		}{
			{"text", "hello", "photo.format"},
			{"gif", "GIF89a and so on", "photo.format"},
			{"heic", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "photo.heic"},
			{"cut off", string(snapshot(t)[:300]), "photo.damaged"},
			{"nothing", "", "photo.damaged"},
			{"small", one.String(), "photo.too_small"},
			{"heavy", string(make([]byte, 21<<20)), "photo.too_big"},
		} {
			_, err := a.Add(ctx, anna, []byte(x.data))
			wantFault(t, err, "body", x.code)
		}
		_, err := a.Add(ctx, account.ID(id.New()), snapshot(t))
		wantFault(t, err, "", "person.unknown")
		if err := a.shelf.Sweep(ctx, a.now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if mine, err := a.List(ctx, anna); err != nil || len(mine) != 1 || a.files(t) != before {
			t.Errorf("%d photos, %d files, %v", len(mine), a.files(t), err)
		}
	})
}

func TestTwentyAtOnceAreFour(t *testing.T) {
	each(t, func(t *testing.T, a *album) {
		anna := a.member(t, 0)
		data := snapshot(t)
		var all sync.WaitGroup
		var added atomic.Int64
		for range 20 {
			all.Go(func() {
				_, err := a.Add(ctx, anna, data)
				switch {
				case err == nil:
					added.Add(1)
				case !fault.Is(err, "photo.full") || fault.KindOf(err) != fault.Conflict:
					t.Error(err)
				}
			})
		}
		all.Wait()
		mine, err := a.List(ctx, anna)
		if err != nil || len(mine) != photo.MaxPhotos || added.Load() != photo.MaxPhotos {
			t.Errorf("%d photos, %d added, %v", len(mine), added.Load(), err)
		}
		if err := a.shelf.Sweep(ctx, a.now().Add(time.Hour)); err != nil || a.files(t) != photo.MaxPhotos {
			t.Errorf("%d files are left, %v", a.files(t), err)
		}
	})
}

func TestBothOpenInTheSameMoment(t *testing.T) {
	each(t, func(t *testing.T, a *album) {
		anna, bob := a.member(t, 2), a.member(t, 1)
		a.wantClosed(t, anna, bob)
		if r := a.offer(t, anna, bob); !r.Mine || r.Theirs || !r.OpenedAt.IsZero() || r.Photos != nil {
			t.Errorf("%+v", r)
		}
		if r := a.sees(t, bob, anna); r.Mine || !r.Theirs || r.Photos != nil {
			t.Errorf("%+v", r)
		}
		a.wantClosed(t, anna, bob)
		r := a.offer(t, bob, anna)
		annas, _ := a.List(ctx, anna)
		bobs, _ := a.List(ctx, bob)
		if r.OpenedAt.IsZero() || !slices.Equal(r.Photos, annas) {
			t.Errorf("Bob sees %+v", r)
		}
		if s := a.sees(t, anna, bob); !s.OpenedAt.Equal(r.OpenedAt) || !slices.Equal(s.Photos, bobs) || !s.Mine || !s.Theirs {
			t.Errorf("Anna sees %+v", s)
		}
		if key, err := a.BlobKey(ctx, anna, bobs[0].ID); err != nil || key != bobs[0].Key {
			t.Errorf("%q, %v", key, err)
		}
		cleo := a.member(t, 1)
		_, err := a.BlobKey(ctx, cleo, bobs[0].ID)
		wantFault(t, err, "", "photo.unknown")
		if f := a.facts(t, anna, bob); len(f) != 2 || f[0].Seq != 1 || f[1].Seq != 2 {
			t.Errorf("told %+v", f)
		}
		all, err := a.Between(ctx, anna, bob, cleo)
		if err != nil || len(all) != 2 || all[bob].OpenedAt.IsZero() || all[cleo].Theirs {
			t.Errorf("%+v, %v", all, err)
		}
	})
}

func TestOnlyWhatWasThereIsShown(t *testing.T) {
	each(t, func(t *testing.T, a *album) {
		anna, bob := a.member(t, 1), a.member(t, 1)
		a.offer(t, anna, bob)
		early, _ := a.List(ctx, anna)
		late := a.add(t, anna) // after her offer, before it opens
		opened := a.offer(t, bob, anna)
		if !slices.Equal(opened.Photos, early) {
			t.Errorf("Bob sees %+v", opened.Photos)
		}
		_, err := a.BlobKey(ctx, bob, late.ID)
		wantFault(t, err, "", "photo.unknown")
		a.offer(t, anna, bob)
		if r := a.sees(t, bob, anna); !slices.Equal(r.Photos, append(early, late)) || !r.OpenedAt.Equal(opened.OpenedAt) {
			t.Errorf("Bob sees %+v", r)
		}
		if _, err := a.BlobKey(ctx, bob, late.ID); err != nil {
			t.Error(err)
		}
		// A new photo in place of the last one is still a new one.
		if err := a.Remove(ctx, anna, late.ID); err != nil {
			t.Fatal(err)
		}
		again := a.add(t, anna)
		if r := a.sees(t, bob, anna); !slices.Equal(r.Photos, early) {
			t.Errorf("Bob sees %+v", r)
		}
		_, err = a.BlobKey(ctx, bob, again.ID)
		wantFault(t, err, "", "photo.unknown")
	})
}

func TestNobodyOffersForNothing(t *testing.T) {
	each(t, func(t *testing.T, a *album) {
		anna, bob, cleo := a.member(t, 1), a.member(t, 0), a.member(t, 1)
		_, err := a.Offer(ctx, bob, anna)
		wantFault(t, err, "", "photo.none")
		a.part(anna, cleo, true)
		_, err = a.Offer(ctx, anna, cleo)
		wantFault(t, err, "", "match.none")
		_, err = a.Offer(ctx, anna, anna)
		wantFault(t, err, "", "match.none")
		if r := a.sees(t, anna, bob); r.Theirs || r.Mine {
			t.Errorf("%+v", r)
		}
	})
}

func TestWithdrawnIsWithdrawnForBoth(t *testing.T) {
	each(t, func(t *testing.T, a *album) {
		anna, bob := a.member(t, 1), a.member(t, 1)
		for _, by := range []account.ID{anna, bob} {
			a.offer(t, anna, bob)
			a.offer(t, bob, anna)
			other := anna
			if by == anna {
				other = bob
			}
			if err := a.Withdraw(ctx, by, other); err != nil {
				t.Fatal(err)
			}
			a.wantClosed(t, anna, bob)
			told := len(a.facts(t, anna, bob))
			if err := a.Withdraw(ctx, by, other); err != nil || len(a.facts(t, anna, bob)) != told {
				t.Errorf("twice: %v", err)
			}
			a.offer(t, by, other) // alone it opens nothing
			a.wantClosed(t, anna, bob)
			if err := a.Withdraw(ctx, other, by); err != nil { // not theirs to take back
				t.Fatal(err)
			}
			if r := a.sees(t, other, by); !r.Theirs {
				t.Errorf("%+v", r)
			}
			if err := a.Withdraw(ctx, by, other); err != nil {
				t.Fatal(err)
			}
			if r := a.sees(t, other, by); r.Theirs {
				t.Errorf("%+v", r)
			}
		}
	})
}

func TestTheEndOfAMatchClosesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, a *album) {
		anna, bob := a.member(t, 1), a.member(t, 1)
		a.offer(t, anna, bob)
		a.offer(t, bob, anna)
		undone := errors.New("undone")
		forget := func(end error) error {
			return a.db.Tx(ctx, func(tx *sql.Tx) error { return errors.Join(a.CloseReveal(ctx, tx, bob, anna), end) })
		}
		if err := forget(undone); !errors.Is(err, undone) {
			t.Fatal(err)
		}
		if r := a.sees(t, anna, bob); r.OpenedAt.IsZero() {
			t.Error("it closed with a transaction that never was")
		}
		a.part(anna, bob, true) // the rows of the match are gone, before anybody forgot
		a.wantClosed(t, anna, bob)
		a.part(anna, bob, false)
		if err := forget(nil); err != nil {
			t.Fatal(err)
		}
		a.wantClosed(t, anna, bob)
		if f := a.facts(t, anna, bob); len(f) != 3 || f[2].Seq != 3 {
			t.Errorf("told %+v", f)
		}
		if err := forget(nil); err != nil || len(a.facts(t, anna, bob)) != 3 {
			t.Errorf("twice: %v", err)
		}
		cleo, dan := a.member(t, 1), a.member(t, 1)
		if err := a.db.Tx(ctx, func(tx *sql.Tx) error { return a.CloseReveal(ctx, tx, cleo, dan) }); err != nil {
			t.Error(err)
		}
	})
}

func TestWhoRemovesTheLastShownPhotoClosesTheReveal(t *testing.T) {
	each(t, func(t *testing.T, a *album) {
		anna, bob, cleo := a.member(t, 1), a.member(t, 1), a.member(t, 1)
		shown, _ := a.List(ctx, anna)
		a.offer(t, anna, bob)
		a.offer(t, anna, cleo)
		a.add(t, anna) // kept for herself
		a.offer(t, bob, anna)
		if err := a.Remove(ctx, anna, shown[0].ID); err != nil {
			t.Fatal(err)
		}
		a.wantClosed(t, anna, bob)
		for _, other := range []account.ID{bob, cleo} {
			if r := a.sees(t, other, anna); r.Theirs || r.Mine {
				t.Errorf("%+v", r)
			}
		}
		a.offer(t, cleo, anna) // her offer was void, so nothing opens
		a.wantClosed(t, anna, cleo)
	})
}
