// Command gotest reads what `go test -json` says and tells people: a line for
// each package, the whole story of each failure, and every test that did not
// run, with its reason. With HEYY_NO_SKIPS set, a skipped test is a failed one.
//
//	go test -json ./... | gotest [FILE]
//
// FILE gets the figures as JSON.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
	"time"
)

func main() {
	if err := run(os.Stdin, os.Stdout, os.Getenv("HEYY_NO_SKIPS") != "", os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gotest:", err)
		os.Exit(1)
	}
}

// event is a line of test2json.
type event struct {
	Action     string
	Package    string
	ImportPath string // of what does not build
	Test       string
	Output     string
	Elapsed    float64
}

// figures is what is written to FILE.
type figures struct {
	Runner   string   `json:"runner"`
	Packages int      `json:"packages"`
	Passed   int      `json:"passed"`
	Failed   []string `json:"failed"`
	Skipped  []string `json:"skipped"`
	Seconds  float64  `json:"seconds"`
}

func run(in io.Reader, out io.Writer, noSkips bool, args []string) error {
	began := time.Now()
	f := read(in, out)
	f.Seconds = time.Since(began).Seconds()
	if len(args) > 0 {
		text, err := json.Marshal(f)
		if err != nil {
			return err
		}
		if err := os.WriteFile(args[0], text, 0o600); err != nil {
			return err
		}
	}
	for _, s := range f.Skipped {
		_, _ = fmt.Fprintln(out, "not run:", s)
	}
	_, _ = fmt.Fprintf(out, "%d tests in %d packages passed, %d failed, %d not run (%s)\n",
		f.Passed, f.Packages, len(f.Failed), len(f.Skipped), time.Since(began).Round(time.Second))
	switch {
	case len(f.Failed) > 0:
		return fmt.Errorf("failed: %s", strings.Join(f.Failed, ", "))
	case noSkips && len(f.Skipped) > 0:
		return fmt.Errorf("%d tests did not run, and here each must", len(f.Skipped))
	case f.Packages == 0:
		return fmt.Errorf("no package was tested")
	}
	return nil
}

func read(in io.Reader, out io.Writer) figures {
	f := figures{Runner: "Go", Failed: []string{}, Skipped: []string{}}
	said := map[string][]string{} // by package and test, until it has an end
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 1<<16), 1<<26)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil || e.Action == "" {
			_, _ = fmt.Fprintln(out, lines.Text())
			continue
		}
		name := strings.TrimPrefix(e.Package+e.ImportPath, "heyy/")
		if e.Test != "" {
			name += " " + e.Test
		}
		switch e.Action {
		case "output", "build-output":
			said[name] = append(said[name], e.Output)
		case "fail", "build-fail":
			// A parent fails with its child, and has nothing to add.
			if e.Test == "" || !strings.Contains(strings.Join(f.Failed, "\n")+"\n", name+"/") {
				_, _ = fmt.Fprint(out, "\nFAILED ", name, "\n", strings.Join(said[name], ""))
			}
			if e.Test != "" || e.Action == "build-fail" || !failedWithin(f.Failed, name) {
				f.Failed = append(f.Failed, name)
			}
			delete(said, name)
		case "pass":
			if e.Test != "" {
				f.Passed++
			} else {
				f.Packages++
				_, _ = fmt.Fprintf(out, "ok   %-28s %6.1f s\n", name, e.Elapsed)
			}
			delete(said, name)
		case "skip":
			if e.Test != "" { // without: a package with no tests
				f.Skipped = append(f.Skipped, name+": "+reason(said[name]))
			}
			delete(said, name)
		}
	}
	if err := lines.Err(); err != nil {
		f.Failed = append(f.Failed, "reading what go test says: "+err.Error())
	}
	sort.Strings(f.Skipped)
	return f
}

func failedWithin(failed []string, name string) bool {
	for _, f := range failed {
		if strings.HasPrefix(f, name+" ") {
			return true
		}
	}
	return false
}

// reason is what t.Skip was given.
func reason(said []string) string {
	for _, s := range said {
		s = strings.TrimSpace(s)
		if s != "" && !strings.HasPrefix(s, "===") && !strings.HasPrefix(s, "---") {
			return s
		}
	}
	return "no reason given"
}
