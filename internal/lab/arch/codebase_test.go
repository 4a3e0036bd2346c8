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

// file is one source file.
type file struct {
	path string // from the root, with slashes
	text string
	ast  *ast.File // of Go files only
}

func (f *file) dir() string       { return path.Dir(f.path) }
func (f *file) isGo() bool        { return f.ast != nil }
func (f *file) isTest() bool      { return strings.HasSuffix(f.path, "_test.go") }
func (f *file) line(at int) int   { return 1 + strings.Count(f.text[:at], "\n") }
func (f *file) has(s string) bool { return strings.Contains(f.text, s) }

// codeBase is the parsed source tree that the rules read.
type codeBase struct {
	fset  *token.FileSet
	files []*file
	dirs  map[string]bool // every folder, with "" for the root
	paths map[string]bool // every file, also those whose text is not read
}

// at returns the position of a node, such as "internal/rooms/room/sql.go:12".
func (h *codeBase) at(n ast.Node) string {
	p := h.fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", p.Filename, p.Line)
}

// goFiles visits all Go files, tests included.
func (h *codeBase) goFiles(visit func(*file)) {
	for _, f := range h.files {
		if f.isGo() {
			visit(f)
		}
	}
}

// skipped are folders of generated files, dependencies or user data.
var skipped = []string{".git", "node_modules", "dist", "bin", "build", "data", "screens", ".screens", "coverage", "test-results", "playwright-report"}

// read are the name endings of files that the rules read.
var read = []string{".go", ".md", ".sql", ".ts", ".tsx", ".mjs", ".css", ".sh", ".yaml", ".txtar", "Makefile", ".ci/run", "api/openapi.json", "web/src/i18n/en.json"}

var generated = []string{"web/src/api/schema.d.ts"}

// load reads the code base.
func load(root fs.FS) (*codeBase, error) {
	h := &codeBase{fset: token.NewFileSet(), dirs: map[string]bool{}, paths: map[string]bool{}}
	err := fs.WalkDir(root, ".", func(p string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a temporary file of another process
		}
		if err != nil {
			return err
		}
		if e.IsDir() {
			if slices.Contains(skipped, e.Name()) {
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

// rules are all rules, by name.
var rules = map[string]func(*codeBase) []string{
	"imports go down":                       importsGoDown,
	"engines have one gateway":              enginesHaveOneGateway,
	"the client's imports go down":          clientImportsGoDown,
	"SQL is for both engines":               sqlForBoth,
	"tables have one owner":                 tablesHaveOneOwner,
	"names say something":                   namesSaySomething,
	"files and packages are short":          sizes,
	"packages say what they are":            packagesAreDescribed,
	"nothing ends the process but main":     nothingEndsTheProcess,
	"nothing happens before main":           nothingBeforeMain,
	"nothing is left for later":             nothingLeftForLater,
	"goroutines are raced":                  racedWhereGoroutinesAre,
	"links lead somewhere":                  linksLeadSomewhere,
	"the architecture names what there is":  architectureIsTrue,
	"the protocol names what there is":      protocolIsTrue,
	"decisions are numbered and have a why": decisions,
	"settings are explained":                settingsAreExplained,
	"faults have words":                     faultsHaveWords,
	"faults blame fields of the API":        faultsBlameFieldsOfTheAPI,
}

func TestTheCodeBaseKeepsItsRules(t *testing.T) {
	h, err := load(os.DirFS("../../.."))
	if err != nil {
		t.Fatal(err)
	}
	if len(h.files) < 50 || !h.paths["go.mod"] {
		t.Fatalf("this is not the root of the code base: %d files", len(h.files))
	}
	for promise, rule := range rules {
		t.Run(promise, func(t *testing.T) {
			for _, complaint := range rule(h) {
				t.Error(complaint)
			}
		})
	}
}
