package arch

import (
	"fmt"
	"go/ast"
	"regexp"
	"slices"
	"strings"
)

var unracedList = regexp.MustCompile(`(?s)\nunraced='\n(.*?)\n'`)

// racedWhereGoroutinesAre: the packages that scripts/gotests.sh tests without the
// race detector start no goroutine and guard nothing, in their code and tests.
func racedWhereGoroutinesAre(h *codeBase) (bad []string) {
	var unraced []string
	for _, f := range h.files {
		if f.path == "scripts/gotests.sh" {
			if m := unracedList.FindStringSubmatch(f.text); m != nil {
				unraced = strings.Fields(m[1])
			}
		}
	}
	for _, dir := range unraced {
		if !h.dirs[dir] {
			bad = append(bad, fmt.Sprintf("scripts/gotests.sh: there is no folder %s", dir))
		}
	}
	h.goFiles(func(f *file) {
		if f.dir() == "e2e" || !slices.Contains(unraced, f.dir()) {
			return // e2e drives the program from outside
		}
		importsOf(f, func(name, where string) {
			if name == "sync" || name == "sync/atomic" {
				bad = append(bad, fmt.Sprintf("%s: %s imports %s, and scripts/gotests.sh tests it without the race detector", where, f.dir(), name))
			}
		}, h)
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if g, ok := n.(*ast.GoStmt); ok {
				bad = append(bad, fmt.Sprintf("%s: %s starts a goroutine, and scripts/gotests.sh tests it without the race detector", h.at(g), f.dir()))
			}
			return true
		})
	})
	return bad
}
