package arch

import (
	"cmp"
	"fmt"
	"go/ast"
	"maps"
	"regexp"
	"slices"
	"strings"
)

const migrations = "internal/base/db/migrations"

// testPackages are for tests alone: no product code imports them, and no rule of the tables
// holds for them.
var testPackages = []string{"internal/base/db/dbtest", "internal/edge/httpapi/apitest"}

// catalog says whose each table is, and who may use tables of others. It is read from the
// migrations and from the comments of the packages:
//
//	It owns the tables rooms and room_members. Of other packages it reads:
//	  - accounts: whether the host still exists
//
// A view is a table that everybody may read.
type catalog struct {
	tables map[string]bool   // made by the migrations; true: a view
	owner  map[string]string // of a table
	may    map[use]bool      // true: used
	common map[common]bool   // what statements name by WITH
	bad    []string
}

// use is the access of one package to one table.
type use struct {
	dir, table string
	write      bool
}

// common is a name that a package gives by WITH.
type common struct{ dir, name string }

func (u use) verb() string {
	if u.write {
		return "writes"
	}
	return "reads"
}

var (
	schemaStep  = regexp.MustCompile(`(?i)\b(CREATE|DROP)\s+(TABLE|VIEW)\s+([a-z_]+)|\bALTER\s+TABLE\s+([a-z_]+)\s+RENAME\s+TO\s+([a-z_]+)`)
	ownsTables  = regexp.MustCompile(`\bowns the tables?\s([^.;:]*)`)
	remark      = regexp.MustCompile(`\s\([^)]*\)`)
	enumerated  = regexp.MustCompile(`,\s(?:and\s)?|\sand\s`)
	ofOthers    = regexp.MustCompile(`\bOf other packages it (reads|writes)\b[^.:]*:\n((?:(?: .*)?\n)*)`)
	listed      = regexp.MustCompile(`(?m)^\s+- ([a-z_]+):\s+\S`)
	tableOf     = regexp.MustCompile(`\b(DELETE\s+FROM|FROM|JOIN|INTO|UPDATE)\s+(\x00|%|[a-z_]+)`)
	anyTableOf  = regexp.MustCompile(`(?i)` + tableOf.String())
	andMore     = regexp.MustCompile(`^(\s+([Aa][Ss]\s+)?[a-z]\w*)?\s*,`) // behind a table
	commonTable = regexp.MustCompile(`(?i)\b([a-z_]+)\s*(?:\([a-z_, ]*\)\s*)?AS\s+(?:(?:NOT\s+)?MATERIALIZED\s*)?\(`)
	keyword     = regexp.MustCompile(`(?i)^(select|set|where|of|on|and|as)$`)
)

// tablesHaveOneOwner enforces that a package writes only its own tables, and reads those
// of others only as its comment says.
func tablesHaveOneOwner(h *codeBase) []string {
	c := readCatalog(h)
	// A statement may be put together of several strings: what one of a package names by WITH, others read.
	texts(h, func(f *file, _ ast.Node, text string) {
		for _, m := range commonTable.FindAllStringSubmatch(plainSQL(text), -1) {
			c.common[common{f.dir(), m[1]}] = true
		}
	})
	texts(h, func(f *file, n ast.Node, text string) { c.check(f.dir(), h.at(n), text) })
	for _, u := range slices.SortedFunc(maps.Keys(c.may), func(a, b use) int {
		return cmp.Or(strings.Compare(a.dir, b.dir), strings.Compare(a.table, b.table))
	}) {
		if !c.may[u] {
			c.complain("%s: its comment says that it %s %s, and it does not", u.dir, u.verb(), u.table)
		}
	}
	return c.bad
}

// texts calls do for the strings of the code that runs.
func texts(h *codeBase, do func(f *file, n ast.Node, text string)) {
	h.goFiles(func(f *file) {
		if f.isTest() || slices.Contains(testPackages, f.dir()) || f.dir() == "internal/lab/arch" {
			return
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			if !ok {
				return true
			}
			text, ok := stringOf(e)
			if ok {
				do(f, n, text)
			}
			return !ok
		})
	})
}

func plainSQL(text string) string { return blank(blank(text, sqlComment), sqlQuoted) }

func (c *catalog) complain(format string, args ...any) {
	c.bad = append(c.bad, fmt.Sprintf(format, args...))
}

func readCatalog(h *codeBase) *catalog {
	c := &catalog{tables: map[string]bool{}, owner: map[string]string{}, may: map[use]bool{}, common: map[common]bool{}}
	for _, f := range h.files { // in the order of their names
		if within(f.path, migrations) {
			c.migrate(f.text)
		}
	}
	h.goFiles(func(f *file) {
		if !f.isTest() && f.ast.Doc != nil {
			c.declare(f.dir(), f.ast.Doc.Text())
		}
	})
	for _, t := range slices.Sorted(maps.Keys(c.tables)) {
		if c.owner[t] == "" {
			c.complain(`%s: %s has no owner; write "It owns the table %s." into the comment of its package`, migrations, t, t)
		}
	}
	return c
}

// migrate applies the first half of a migration to the set of tables.
func (c *catalog) migrate(text string) {
	up, _, _ := strings.Cut(text, "-- +goose Down")
	for _, m := range schemaStep.FindAllStringSubmatch(blank(up, sqlComment), -1) {
		switch {
		case m[5] != "":
			c.tables[m[5]] = c.tables[m[4]]
			delete(c.tables, m[4])
		case strings.EqualFold(m[1], "create"):
			c.tables[m[3]] = strings.EqualFold(m[2], "view")
		default:
			delete(c.tables, m[3])
		}
	}
}

// declare reads what the comment of a package says about tables.
func (c *catalog) declare(dir, doc string) {
	for _, m := range ownsTables.FindAllStringSubmatch(doc, -1) {
		for _, t := range enumerated.Split(remark.ReplaceAllString(m[1], ""), -1) {
			t = strings.TrimPrefix(strings.TrimSpace(t), "the view ")
			if _, ok := c.tables[t]; !ok {
				break // it goes on about something else
			}
			if other := c.owner[t]; other != "" {
				c.complain("%s: %s is a table of %s already", dir, t, other)
			}
			c.owner[t] = dir
		}
	}
	for _, list := range ofOthers.FindAllStringSubmatch(doc, -1) {
		for _, m := range listed.FindAllStringSubmatch(list[2], -1) {
			c.may[use{dir, m[1], list[1] == "writes"}] = false
		}
	}
}

// check looks for tables in a string of the code.
func (c *catalog) check(dir, where, text string) {
	re := tableOf
	if sqlStart.MatchString(text) {
		re = anyTableOf
	}
	plain := plainSQL(text)
	for _, at := range re.FindAllStringSubmatchIndex(plain, -1) {
		verb, t := strings.ToUpper(plain[at[2]:at[3]]), plain[at[4]:at[5]]
		write := verb != "FROM" && verb != "JOIN"
		isView, known := c.tables[t]
		u := use{dir, t, write}
		_, may := c.may[u]
		switch {
		case keyword.MatchString(t), !write && !known && c.common[common{dir, t}]:
		case t == hole, t == "%":
			c.complain("%s: the name of a table is put together at run time; write it out", where)
		case verb == "FROM" && andMore.MatchString(plain[at[1]:]):
			c.complain("%s: a comma after %s; write JOIN", where, t)
		case !known:
			c.complain("%s: no migration makes %s", where, t)
		case may:
			c.may[u] = true
		case c.owner[t] == dir, isView && !write:
		case write:
			c.complain("%s: %s writes %s, a table of %s; call a function of that package, with the transaction", where, dir, t, c.owner[t])
		default:
			c.complain(`%s: %s reads %s, a table of %s; ask that package, or list it under "Of other packages it reads:" in the comment of the package, with the reason`, where, dir, t, c.owner[t])
		}
	}
}
