package arch

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

// file is one source text of the house.
type file struct {
	path string // from the root, with slashes
	text string
	ast  *ast.File // Go only
}

func (f *file) dir() string       { return path.Dir(f.path) }
func (f *file) isGo() bool        { return f.ast != nil }
func (f *file) isTest() bool      { return strings.HasSuffix(f.path, "_test.go") }
func (f *file) line(at int) int   { return 1 + strings.Count(f.text[:at], "\n") }
func (f *file) has(s string) bool { return strings.Contains(f.text, s) }

// house is everything the rules look at.
type house struct {
	fset  *token.FileSet
	files []*file
	dirs  map[string]bool // every folder, with "" for the root
	paths map[string]bool // every file, also those that are not read
}

// at is where a node stands, such as "internal/room/sql.go:12".
func (h *house) at(n ast.Node) string {
	p := h.fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", p.Filename, p.Line)
}

// goFiles are the files of Go packages, tests included.
func (h *house) goFiles(visit func(*file)) {
	for _, f := range h.files {
		if f.isGo() {
			visit(f)
		}
	}
}

// elsewhere are folders whose content is made by machines, or data of people.
var elsewhere = []string{".git", "node_modules", "dist", "bin", "build", "data", "screens", ".screens", "coverage", "test-results", "playwright-report"}

// read are the endings of what the rules look into; generated files are named.
var read = []string{".go", ".md", ".sql", ".ts", ".tsx", ".mjs", ".css", ".sh", ".yaml", ".txtar", "Makefile", ".ci/run", "api/openapi.json"}

var generated = []string{"web/src/api/schema.d.ts"}

// load reads a house.
func load(root fs.FS) (*house, error) {
	h := &house{fset: token.NewFileSet(), dirs: map[string]bool{}, paths: map[string]bool{}}
	err := fs.WalkDir(root, ".", func(p string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // somebody else's temporary file
		}
		if err != nil {
			return err
		}
		if e.IsDir() {
			if slices.Contains(elsewhere, e.Name()) {
				return fs.SkipDir
			}
			h.dirs[strings.TrimPrefix(p, ".")] = true
			return nil
		}
		h.paths[p] = true
		if slices.Contains(generated, p) || !slices.ContainsFunc(read, func(end string) bool { return strings.HasSuffix(p, end) }) {
			return nil
		}
		text, err := fs.ReadFile(root, p)
		if err != nil {
			return err
		}
		f := &file{path: p, text: string(text)}
		if strings.HasSuffix(p, ".go") {
			if f.ast, err = parser.ParseFile(h.fset, p, text, parser.ParseComments|parser.SkipObjectResolution); err != nil {
				return err
			}
		}
		h.files = append(h.files, f)
		return nil
	})
	return h, err
}

// rules are all rules, by what they promise.
var rules = map[string]func(*house) []string{
	"imports go down":                       importsGoDown,
	"engines have one door":                 enginesHaveOneDoor,
	"the client's imports go down":          clientImportsGoDown,
	"SQL is for both engines":               sqlForBoth,
	"names say something":                   namesSaySomething,
	"files and packages are short":          sizes,
	"packages say what they are":            packagesAreDescribed,
	"nothing ends the process but main":     nothingEndsTheProcess,
	"nothing happens before main":           nothingBeforeMain,
	"nothing is left for later":             nothingLeftForLater,
	"links lead somewhere":                  linksLeadSomewhere,
	"the architecture names what there is":  architectureIsTrue,
	"the protocol names what there is":      protocolIsTrue,
	"decisions are numbered and have a why": decisions,
	"settings are explained":                settingsAreExplained,
}

func TestTheHouseKeepsItsRules(t *testing.T) {
	h, err := load(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	if len(h.files) < 50 || !h.paths["go.mod"] {
		t.Fatalf("this is not the house: %d files", len(h.files))
	}
	for promise, rule := range rules {
		t.Run(promise, func(t *testing.T) {
			for _, complaint := range rule(h) {
				t.Error(complaint)
			}
		})
	}
}
