package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTellsWhatHappened(t *testing.T) {
	const passed = `{"Action":"run","Package":"heyy/internal/base/id","Test":"TestA"}
{"Action":"output","Package":"heyy/internal/base/id","Test":"TestA","Output":"=== RUN   TestA\n"}
{"Action":"pass","Package":"heyy/internal/base/id","Test":"TestA","Elapsed":0}
{"Action":"pass","Package":"heyy/internal/base/id","Elapsed":0.5}
`
	const skipped = `{"Action":"output","Package":"heyy/internal/base/id","Test":"TestB","Output":"=== RUN   TestB\n"}
{"Action":"output","Package":"heyy/internal/base/id","Test":"TestB","Output":"    x_test.go:3: no server here\n"}
{"Action":"skip","Package":"heyy/internal/base/id","Test":"TestB","Elapsed":0}
`
	const failed = `{"Action":"output","Package":"heyy/internal/base/id","Test":"TestC/deep","Output":"    x_test.go:9: got 1\n"}
{"Action":"fail","Package":"heyy/internal/base/id","Test":"TestC/deep","Elapsed":0}
{"Action":"fail","Package":"heyy/internal/base/id","Test":"TestC","Elapsed":0}
{"Action":"output","Package":"heyy/internal/base/id","Output":"FAIL\n"}
{"Action":"fail","Package":"heyy/internal/base/id","Elapsed":0.5}
`
	const untested = `{"Action":"skip","Package":"heyy/internal/edge/apitypes","Elapsed":0}
`
	const broken = `{"ImportPath":"heyy/internal/x","Action":"build-output","Output":"x.go:1: undefined: y\n"}
{"ImportPath":"heyy/internal/x","Action":"build-fail"}
`
	for _, x := range []struct {
		name, in string
		noSkips  bool
		err      string
		says     []string
	}{
		{"all passed", passed + untested, true, "", []string{"ok   internal/base/id", "1 tests in 1 packages passed, 0 failed, 0 not run"}},
		{"skips are told", skipped + passed, false, "", []string{"not run: internal/base/id TestB: x_test.go:3: no server here"}},
		{"skips fail where each must run", skipped + passed, true, "1 tests did not run, and here each must", nil},
		{"failures with their story", failed, false, "failed: internal/base/id TestC/deep, internal/base/id TestC", []string{"FAILED internal/base/id TestC/deep", "x_test.go:9: got 1"}},
		{"what does not build", broken, false, "failed: internal/x", []string{"x.go:1: undefined: y"}},
		{"nothing at all", "", false, "no package was tested", nil},
		{"other lines pass", "go: downloading x\n" + passed, false, "", []string{"go: downloading x\n"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			var out strings.Builder
			file := filepath.Join(t.TempDir(), "go.json")
			err := run(strings.NewReader(x.in), &out, x.noSkips, []string{file})
			if x.err == "" && err != nil || x.err != "" && (err == nil || err.Error() != x.err) {
				t.Errorf("error %v, want %q", err, x.err)
			}
			for _, s := range x.says {
				if !strings.Contains(out.String(), s) {
					t.Errorf("does not say %q:\n%s", s, out.String())
				}
			}
			var f figures
			if text, err := os.ReadFile(file); err != nil || json.Unmarshal(text, &f) != nil || f.Runner != "Go" {
				t.Errorf("figures: %+v, %v", f, err)
			}
		})
	}
}
