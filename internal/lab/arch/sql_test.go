package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
)

var (
	sqlStart   = regexp.MustCompile(`(?s)^\s*(SELECT\s|INSERT\s|UPDATE\s.+\sSET\s|DELETE\s+FROM\s|WITH\s.+\sAS\s*\(|select\s.+\sfrom\s|insert\s+into\s|update\s.+\sset\s|delete\s+from\s)`)
	sqlQuoted  = regexp.MustCompile(`'(?:[^']|'')*'`)
	sqlComment = regexp.MustCompile(`--[^\n]*`)
	sqlNumber  = regexp.MustCompile(`\$(\d+)`)
	sqlNever   = []forbidden{
		{regexp.MustCompile(`(?i)=\s*ANY\b`), "= ANY is PostgreSQL's alone; use IN with db.Placeholders"},
		{regexp.MustCompile(`(?i)\bFOR\s+(UPDATE|SHARE|NO\s+KEY)\b`), "FOR UPDATE is PostgreSQL's alone; guard the row in the outer WHERE of an UPDATE"},
		{regexp.MustCompile(`\?`), "? is no placeholder on PostgreSQL; use $1"},
	}
	sqlOneEngine = []forbidden{
		{regexp.MustCompile(`(?i)\b(now|datetime|strftime|julianday|unixepoch|date_trunc|date_part|to_char|to_timestamp|extract|age|clock_timestamp)\s*\(|\bCURRENT_(TIMESTAMP|DATE|TIME)\b`), "times come from Go, as Unix milliseconds"},
		{regexp.MustCompile(`(?i)\b(ifnull|nvl|iif|group_concat|string_agg|array_agg|total|printf|format|instr|strpos|position|hex|unhex|encode|decode|generate_series|unnest|greatest|least|typeof|changes|last_insert_rowid|sqlite_\w+|pg_\w+|regexp_\w+)\s*\(`), "this function is one engine's alone"},
		{regexp.MustCompile(`(?i)\b(json|jsonb)_\w+\s*\(|->`), "JSON is text to the database; read it in Go"},
		{regexp.MustCompile(`(?i)\b(random|gen_random_uuid|randomblob|uuid_generate_v\d)\s*\(`), "chance and ids come from Go"},
		{regexp.MustCompile(`::|(?i)\bILIKE\b|\bSIMILAR\s+TO\b|\bGLOB\b|\bREGEXP\b|\bDISTINCT\s+ON\b|\bLATERAL\b|\bTABLESAMPLE\b`), "only one engine understands this"},
		{regexp.MustCompile(`(?i)\bINSERT\s+OR\b|\bROWID\b|\bPRAGMA\b|\bVACUUM\b|\bATTACH\b|\bNOTIFY\b|\bLISTEN\b|\bADVISORY\b`), "only one engine understands this"},
	}
	sqlSchema = []forbidden{
		{regexp.MustCompile(`(?i)\b(SERIAL|BIGSERIAL|AUTOINCREMENT|IDENTITY)\b`), "ids come from Go; use TEXT or BIGINT"},
		{regexp.MustCompile(`(?i)\b(TIMESTAMPTZ?|DATETIME|JSONB?|UUID|BLOB|INTEGER|INT|VARCHAR|REAL|DATE)\b`), "columns are TEXT, BIGINT, BOOLEAN or DOUBLE PRECISION, which both engines keep alike, or BYTEA for []byte"},
	}
)

type forbidden struct {
	what *regexp.Regexp
	why  string
}

// sqlForBoth checks every statement in Go and every migration. Only package db may use the
// dialect of one engine.
func sqlForBoth(h *codeBase) (bad []string) {
	for _, f := range h.files {
		switch {
		case f.isGo() && f.dir() != "internal/lab/arch":
			for _, s := range statements(f) {
				where := h.at(s.at)
				for _, why := range wrongSQL(s.text, !strings.HasPrefix(f.dir()+"/", "internal/base/db/")) {
					bad = append(bad, where+": "+why)
				}
			}
		case strings.HasSuffix(f.path, ".sql"):
			text := blank(f.text, sqlComment)
			for _, rule := range append(append([]forbidden{}, sqlSchema...), sqlOneEngine...) {
				for _, m := range rule.what.FindAllStringIndex(blank(text, sqlQuoted), -1) {
					bad = append(bad, fmt.Sprintf("%s:%d: %q: %s", f.path, f.line(m[0]), strings.TrimSpace(text[m[0]:m[1]]), rule.why))
				}
			}
		}
	}
	return bad
}

// blank replaces matches of re by as many spaces, to keep offsets.
func blank(s string, re *regexp.Regexp) string {
	return re.ReplaceAllStringFunc(s, func(m string) string { return strings.Repeat(" ", len(m)) })
}

type statement struct {
	text string
	at   ast.Node
}

// hole stands for what is put into a statement at run time.
const hole = "\x00"

// statements are the SQL texts of a file: string literals, and sums of them.
func statements(f *file) (all []statement) {
	ast.Inspect(f.ast, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		text, ok := stringOf(e)
		if !ok {
			return true
		}
		if sqlStart.MatchString(text) {
			all = append(all, statement{text, n})
		}
		return false // its parts are not statements of their own
	})
	return all
}

// stringOf is the text of a literal or a sum with at least one.
func stringOf(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		s, err := strconv.Unquote(e.Value)
		return s, err == nil
	case *ast.ParenExpr:
		return stringOf(e.X)
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return "", false
		}
		a, okA := stringOf(e.X)
		b, okB := stringOf(e.Y)
		if !okA && !okB {
			return "", false
		}
		if !okA {
			a = hole
		}
		if !okB {
			b = hole
		}
		return a + b, true
	}
	return "", false
}

func wrongSQL(text string, portable bool) (bad []string) {
	plain := sqlQuoted.ReplaceAllString(sqlComment.ReplaceAllString(text, ""), "''")
	rules := sqlNever
	if portable {
		rules = append(append([]forbidden{}, sqlNever...), sqlOneEngine...)
	}
	for _, rule := range rules {
		if m := rule.what.FindString(plain); m != "" {
			bad = append(bad, fmt.Sprintf("%q: %s", strings.TrimSpace(m), rule.why))
		}
	}
	// A hole may hold numbers of its own, so only what stands before the first
	// one is counted.
	counted, _, _ := strings.Cut(plain, hole)
	next := 1
	for _, m := range sqlNumber.FindAllStringSubmatch(counted, -1) {
		n, err := strconv.Atoi(m[1])
		switch {
		case err != nil || n > next:
			bad = append(bad, fmt.Sprintf("$%s is used before $%d; SQLite numbers parameters in order of first use", m[1], next))
			return bad
		case n == next:
			next++
		}
	}
	return bad
}
