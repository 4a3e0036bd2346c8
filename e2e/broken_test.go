package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestBrokenConfigurations runs every script of testdata/broken: the binary
// has to exit with one line that says what to change.
func TestBrokenConfigurations(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/broken",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", filepath.Dir(binary)+string(os.PathListSeparator)+e.Getenv("PATH"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"refuses": refuses},
	})
}

// refuses [ARGUMENT...] runs heyy, which has to exit with status 1 and one line of output.
func refuses(ts *testscript.TestScript, neg bool, args []string) {
	err := ts.Exec("heyy", args...)
	exit, ok := err.(*exec.ExitError) //nolint:errorlint // as testscript gives it
	if !ok || exit.ExitCode() != 1 {
		ts.Fatalf("it ended with %v", err)
	}
	said := ts.ReadFile("stderr")
	if len(said) == 0 || said[len(said)-1] != '\n' || count(said, '\n') != 1 {
		ts.Fatalf("it said more or less than one line:\n%s", said)
	}
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("it printed:\n%s", out)
	}
}

func count(s string, b byte) (n int) {
	for i := range len(s) {
		if s[i] == b {
			n++
		}
	}
	return n
}
