package arch

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var sent = regexp.MustCompile(`(POST|PUT|PATCH|DELETE)\(\s*'(/api/[^']+)'`)

// Each command of the client needs a line that names its effect, so a control without one
// is noticed.
func TestEveryCommandOfTheClientStandsAmongTheControls(t *testing.T) {
	said, err := os.ReadFile("../../../docs/controls.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	err = filepath.WalkDir("../../../web/src", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(strings.TrimSuffix(path, "x"), ".ts") || strings.Contains(path, ".test.") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range sent.FindAllStringSubmatch(string(text), -1) {
			found++
			if !strings.Contains(string(said), "`"+m[1]+" "+m[2]+"`") {
				t.Errorf("%s sends %s %s, and docs/controls.md does not say what hears it", path, m[1], m[2])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 40 {
		t.Errorf("only %d commands found: is the client called otherwise now?", found)
	}
	tests := map[string]bool{}
	for _, under := range []string{"../../../internal", "../../../e2e"} {
		err := filepath.WalkDir(under, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && d.Name() == "node_modules":
				return fs.SkipDir
			case strings.HasSuffix(path, ".spec.ts"):
				tests[filepath.Base(path)] = true
			case strings.HasSuffix(path, "_test.go"):
				text, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllStringSubmatch(string(text), -1) {
					tests[m[1]] = true
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range regexp.MustCompile("`(Test\\w+|\\w+\\.spec\\.ts)`").FindAllStringSubmatch(string(said), -1) {
		if !tests[name[1]] {
			t.Errorf("docs/controls.md names %s, and there is no such test", name[1])
		}
	}
}
