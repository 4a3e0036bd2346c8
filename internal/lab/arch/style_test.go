package arch

import (
	"fmt"
	"go/ast"
	"path"
	"regexp"
	"slices"
	"sort"
	"strings"
)

const (
	fileLines    = 600
	packageLines = 4000
)

// emptyNames promise nothing, so everything ends up in them.
var emptyNames = []string{"util", "utils", "common", "helper", "helpers", "misc", "shared", "lib", "core", "manager", "types", "models"}

func namesSaySomething(h *codeBase) (bad []string) {
	for _, dir := range sortedKeys(h.dirs) {
		if slices.Contains(emptyNames, path.Base(dir)) {
			bad = append(bad, fmt.Sprintf("%s: %q says nothing; name it after what is in it, or put it where it is used", dir, path.Base(dir)))
		}
	}
	h.goFiles(func(f *file) {
		if slices.Contains(emptyNames, f.ast.Name.Name) {
			bad = append(bad, fmt.Sprintf("%s: package %s says nothing; name it after what is in it", f.path, f.ast.Name.Name))
		}
	})
	return bad
}

// sizes: over the limit wants a reason in an ADR, which then names the path.
// Tests may be as long as what they tell.
func sizes(h *codeBase) (bad []string) {
	excused := func(p string) bool {
		for _, f := range h.files {
			if strings.HasPrefix(f.path, "docs/adr/") && f.has("`"+p+"`") {
				return true
			}
		}
		return false
	}
	packages := map[string]int{}
	for _, f := range h.files {
		n := strings.Count(f.text, "\n")
		test := f.isTest() || strings.Contains(f.path, ".test.") || strings.Contains(f.path, ".spec.")
		code := slices.Contains([]string{".go", ".ts", ".tsx", ".css", ".mjs", ".sh"}, path.Ext(f.path))
		if code && !test && n > fileLines && !excused(f.path) {
			bad = append(bad, fmt.Sprintf("%s: %d lines; over %d wants another file, or a reason in an ADR", f.path, n, fileLines))
		}
		if f.isGo() && !f.isTest() {
			packages[f.dir()] += n
		}
	}
	for _, dir := range sortedKeys(packages) {
		if packages[dir] > packageLines && !excused(dir) {
			bad = append(bad, fmt.Sprintf("%s: %d lines; over %d wants another package, or a reason in an ADR", dir, packages[dir], packageLines))
		}
	}
	return bad
}

func packagesAreDescribed(h *codeBase) (bad []string) {
	described := map[string]bool{}
	h.goFiles(func(f *file) {
		if f.isTest() {
			return
		}
		doc := f.ast.Doc.Text()
		want := "Package " + f.ast.Name.Name + " "
		if f.ast.Name.Name == "main" {
			want = "Command " + path.Base(f.dir()) + " "
		}
		described[f.dir()] = described[f.dir()] || strings.HasPrefix(doc, want)
	})
	for _, dir := range sortedKeys(described) {
		if !described[dir] {
			bad = append(bad, fmt.Sprintf("%s: no comment says what this package is, what it never does and who owns its state; begin it with \"Package %s ...\" (\"Command %s ...\" for a main)", dir, path.Base(dir), path.Base(dir)))
		}
	}
	return bad
}

// nothingEndsTheProcess: only func main may, after everything was put away.
func nothingEndsTheProcess(h *codeBase) (bad []string) {
	h.goFiles(func(f *file) {
		for _, d := range f.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if ok && f.ast.Name.Name == "main" && fn.Name.Name == "main" || ok && fn.Name.Name == "TestMain" {
				continue
			}
			ast.Inspect(d, func(n ast.Node) bool {
				s, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				x, ok := s.X.(*ast.Ident)
				if !ok {
					return true
				}
				if x.Name == "os" && s.Sel.Name == "Exit" || x.Name == "log" && (strings.HasPrefix(s.Sel.Name, "Fatal") || strings.HasPrefix(s.Sel.Name, "Panic")) {
					bad = append(bad, fmt.Sprintf("%s: %s.%s ends the process; return an error, main decides", h.at(n), x.Name, s.Sel.Name))
				}
				return true
			})
		}
	})
	return bad
}

func nothingBeforeMain(h *codeBase) (bad []string) {
	h.goFiles(func(f *file) {
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				bad = append(bad, fmt.Sprintf("%s: init runs before anybody asked; make a constructor", h.at(fn)))
			}
		}
	})
	return bad
}

var later = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X|HA` + `CK)\b`)

func nothingLeftForLater(h *codeBase) (bad []string) {
	for _, f := range h.files {
		for _, m := range later.FindAllStringIndex(f.text, -1) {
			bad = append(bad, fmt.Sprintf("%s:%d: %s; do it, or open an issue", f.path, f.line(m[0]), f.text[m[0]:m[1]]))
		}
	}
	return bad
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
