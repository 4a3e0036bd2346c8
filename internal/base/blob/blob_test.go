package blob_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"heyy/internal/base/blob"
)

func open(t *testing.T) (*blob.Store, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "blobs")
	s, err := blob.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, dir
}

func put(t *testing.T, s *blob.Store, key, text string) {
	t.Helper()
	n, err := s.Put(t.Context(), key, strings.NewReader(text), 1000)
	if err != nil || n != int64(len(text)) {
		t.Fatalf("put %d bytes, %v", n, err)
	}
}

func read(t *testing.T, s *blob.Store, key string) string {
	t.Helper()
	r, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// files are the paths of all files below dir.
func files(t *testing.T, dir string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			all = append(all, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestWhatIsPutComesBack(t *testing.T) {
	s, dir := open(t)
	put(t, s, "intro/0190/voice.ogg", "hello there")
	if got := read(t, s, "intro/0190/voice.ogg"); got != "hello there" {
		t.Errorf("read %q", got)
	}
	r, err := s.Range(t.Context(), "intro/0190/voice.ogg", 6, 3)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(r)
	if string(b) != "the" || r.Size() != 11 || r.ContentType() != "audio/ogg" || r.Close() != nil {
		t.Errorf("range %q of %d, %s", b, r.Size(), r.ContentType())
	}
	put(t, s, "intro/0190/voice.ogg", "again")
	if got := read(t, s, "intro/0190/voice.ogg"); got != "again" {
		t.Errorf("read %q after it was replaced", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := blob.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close() }()
	if got := read(t, again, "intro/0190/voice.ogg"); got != "again" {
		t.Errorf("read %q after opening again", got)
	}
	if i, err := os.Stat(dir); err != nil || i.Mode().Perm() != 0o700 {
		t.Errorf("the folder is open to others: %v, %v", i.Mode(), err)
	}
}

func TestServesRangesOverHTTP(t *testing.T) {
	s, _ := open(t)
	put(t, s, "a.ogg", "0123456789")
	r, err := s.Open(t.Context(), "a.ogg")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	req := httptest.NewRequest(http.MethodGet, "/", nil)
	req.Header.Set("Range", "bytes=4-6")
	w := httptest.NewRecorder()
	http.ServeContent(w, req, "a.ogg", r.ModTime(), r)
	if w.Code != http.StatusPartialContent || w.Body.String() != "456" {
		t.Errorf("%d %q", w.Code, w.Body)
	}
}

func TestForgets(t *testing.T) {
	s, dir := open(t)
	put(t, s, "a/b.ogg", "x")
	for range 2 { // the second time there is nothing, which is fine
		if err := s.Delete(t.Context(), "a/b.ogg"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Open(t.Context(), "a/b.ogg"); !errors.Is(err, blob.ErrNone) {
		t.Errorf("open after delete: %v", err)
	}
	if all := files(t, dir); len(all) != 0 {
		t.Errorf("left: %v", all)
	}
}

func TestAFailedPutLeavesNothing(t *testing.T) {
	broken := errors.New("the line broke")
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, x := range []struct {
		name string
		ctx  context.Context
		from io.Reader
		want error
	}{
		{"the source breaks", context.Background(), io.MultiReader(strings.NewReader("new, b"), &failing{broken}), broken},
		{"too large", context.Background(), bytes.NewReader(make([]byte, 1001)), blob.ErrTooLarge},
		{"given up", cancelled, strings.NewReader("new"), context.Canceled},
	} {
		t.Run(x.name, func(t *testing.T) {
			s, dir := open(t)
			put(t, s, "a/old.ogg", "old")
			for _, key := range []string{"a/old.ogg", "a/new.ogg"} {
				if _, err := s.Put(x.ctx, key, x.from, 1000); err == nil {
					t.Errorf("%s: accepted", key)
				} else if key == "a/old.ogg" && !errors.Is(err, x.want) {
					t.Errorf("%v, want %v", err, x.want)
				}
				if seek, ok := x.from.(io.Seeker); ok {
					_, _ = seek.Seek(0, io.SeekStart)
				}
			}
			if all := files(t, dir); len(all) != 1 || read(t, s, "a/old.ogg") != "old" {
				t.Errorf("files %v, old says %q", all, read(t, s, "a/old.ogg"))
			}
		})
	}
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

func TestExactlyTheLimitFits(t *testing.T) {
	s, _ := open(t)
	if n, err := s.Put(t.Context(), "a", bytes.NewReader(make([]byte, 1000)), 1000); err != nil || n != 1000 {
		t.Errorf("%d, %v", n, err)
	}
}

func TestNoKeyLeavesTheFolder(t *testing.T) {
	s, dir := open(t)
	secret := filepath.Join(filepath.Dir(dir), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{
		"", "/", ".", "..", "../secret", "a/../../secret", "/etc/passwd", "a//b", "a/", "a/./b", `..\secret`, `a\b`,
		"a\x00b", "a b", "A", "ä", "a.attrs", "a.tmp", "a.ogg.attrs", ".hidden", "-a", "%2e%2e/secret", strings.Repeat("a", 201),
	} {
		if _, err := s.Put(t.Context(), key, strings.NewReader("x"), 10); !errors.Is(err, blob.ErrKey) {
			t.Errorf("put %q: %v", key, err)
		}
		if _, err := s.Open(t.Context(), key); !errors.Is(err, blob.ErrKey) {
			t.Errorf("open %q: %v", key, err)
		}
		if err := s.Delete(t.Context(), key); !errors.Is(err, blob.ErrKey) {
			t.Errorf("delete %q: %v", key, err)
		}
	}
	if b, err := os.ReadFile(secret); err != nil || string(b) != "secret" {
		t.Errorf("outside: %q, %v", b, err)
	}
	if all := files(t, dir); len(all) != 0 {
		t.Errorf("made: %v", all)
	}
}

func TestReadersNeverSeeHalf(t *testing.T) {
	s, _ := open(t)
	texts := map[string]bool{strings.Repeat("a", 900): true, strings.Repeat("b", 700): true}
	for x := range texts {
		put(t, s, "a.ogg", x)
	}
	var writers sync.WaitGroup
	for x := range texts {
		writers.Go(func() {
			for range 50 {
				if _, err := s.Put(context.Background(), "a.ogg", strings.NewReader(x), 1000); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { writers.Wait(); close(done) }()
	for writing := true; writing; {
		select {
		case <-done:
			writing = false
		default:
		}
		r, err := s.Open(t.Context(), "a.ogg")
		if err != nil {
			t.Error(err)
			continue
		}
		b, err := io.ReadAll(r)
		if _ = r.Close(); err != nil || !texts[string(b)] {
			t.Errorf("half of it: %d bytes, %v", len(b), err)
		}
	}
}

func TestOpenSweepsWhatACrashLeft(t *testing.T) {
	s, dir := open(t)
	put(t, s, "a/b.ogg", "x")
	old, young := filepath.Join(dir, "a", "b.ogg.17f.tmp"), filepath.Join(dir, "a", "b.ogg.180.tmp")
	for _, f := range []string{old, young} {
		if err := os.WriteFile(f, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	long := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(old, long, long); err != nil {
		t.Fatal(err)
	}
	again, err := blob.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close() }()
	if all := files(t, dir); len(all) != 2 { // the blob, and what may still be written
		t.Errorf("left: %v", all)
	}
}

func TestAFileIsNoFolder(t *testing.T) {
	f := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(f, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := blob.Open(f); err == nil {
		t.Error("opened")
	}
}
