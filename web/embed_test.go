package web

import (
	"bytes"
	"io/fs"
	"regexp"
	"testing"
)

// TestTheServiceWorkerKeepsNothingThatFewNeed: pictures of the manifest and the emoji of the picker
// are fetched by those who look at them, and not by each phone in advance.
func TestTheServiceWorkerKeepsNothingThatFewNeed(t *testing.T) {
	dist := Dist()
	worker, err := fs.ReadFile(dist, "sw.js")
	if err != nil {
		t.Fatalf("the client has not been built: %v", err)
	}
	if !bytes.Contains(worker, []byte("index.html")) {
		t.Fatal("the service worker keeps nothing at all")
	}
	lazy := regexp.MustCompile(`^(screens/.*\.webp|assets/(emoji|EmojiPicker)[^/]*\.(js|css))$`)
	seen := 0
	err = fs.WalkDir(dist, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !lazy.MatchString(name) {
			return err
		}
		seen++
		if bytes.Contains(worker, []byte(name)) {
			t.Errorf("%s is kept in advance", name)
		}
		return nil
	})
	if err != nil || seen < 8 {
		t.Fatalf("only %d such files: %v", seen, err)
	}
}
