package arch

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const module = "heyy/"

// floors are the packages from the cellar up: each may import those before it,
// and none after. A new package gets its place here and in
// docs/architecture.md.
var floors = []string{
	// leaves
	"internal/fault", "internal/id", "internal/keyed", "internal/text", "internal/voice", "internal/aura", "internal/picture", "internal/ticket",
	"internal/config", "internal/db", "internal/blob", "internal/shelf", "internal/mail", "internal/event",
	// domains
	"internal/account", "internal/safety", "internal/region", "internal/profile", "internal/photo", "internal/verification", "internal/discovery", "internal/match", "internal/call", "internal/room",
	"internal/activity", "internal/club", "internal/message", "internal/notify",
	// the engines, which know no domain
	"internal/media", "internal/realtime",
	// what clients see
	"web", "internal/wire", "internal/fanout", "internal/httpapi",
	// users of the house
	"internal/bot", "internal/resident", "internal/bench", "internal/doctor",
	"cmd", "tools", "scripts", "e2e",
	"internal/arch",
}

var (
	domains = between("internal/account", "internal/notify")
	engines = []string{"internal/media", "internal/realtime"}
)

func between(first, last string) []string {
	return floors[slices.Index(floors, first) : slices.Index(floors, last)+1]
}

// floor is the place of a folder: that of itself or of the folder it is in.
func floor(dir string) int {
	for d := dir; d != "."; d = path.Dir(d) {
		if i := slices.Index(floors, d); i >= 0 {
			return i
		}
	}
	return -1
}

func importsOf(f *file, visit func(name, where string), h *house) {
	for _, i := range f.ast.Imports {
		name, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			continue // the parser has refused it before
		}
		visit(name, h.at(i))
	}
}

// importsGoDown: leaves, event, domains, the edge, commands. Tests may look
// further up, to try a thing with its real user.
func importsGoDown(h *house) (bad []string) {
	h.goFiles(func(f *file) {
		mine := floor(f.dir())
		if mine < 0 {
			bad = append(bad, fmt.Sprintf("%s: %s has no place in the house; give it one in internal/arch and docs/architecture.md", f.path, f.dir()))
			return
		}
		if f.isTest() {
			return
		}
		importsOf(f, func(name, where string) {
			dir, ours := strings.CutPrefix(name, module)
			if !ours {
				return
			}
			theirs := floor(dir)
			engine := slices.Contains(engines, floors[mine])
			switch {
			case floors[mine] == floors[max(theirs, 0)] && theirs >= 0:
				// within one folder, such as db/dbtest and db
			case theirs > mine:
				bad = append(bad, fmt.Sprintf("%s: %s imports %s, which stands above it; declare an interface of what you need instead", where, f.dir(), dir))
			case engine && slices.Contains(domains, floors[max(theirs, 0)]):
				bad = append(bad, fmt.Sprintf("%s: %s imports %s; an engine knows no domain", where, f.dir(), dir))
			case dir == "internal/db/dbtest":
				bad = append(bad, fmt.Sprintf("%s: %s imports %s, which is for tests", where, f.dir(), dir))
			}
		}, h)
	})
	return bad
}

// doors are the packages through which alone an engine is reached, so that it
// can be exchanged there. Tests may use an engine's client as a user would.
var doors = []struct {
	engine string
	tests  bool // whether tests must keep out, too
	only   []string
}{
	{"github.com/livekit/livekit-server", true, []string{"internal/media"}},
	{"github.com/livekit/server-sdk-go", false, []string{"internal/media", "internal/bot", "internal/resident", "internal/bench"}},
	{"github.com/livekit/protocol", false, []string{"internal/media", "internal/bot", "internal/resident", "internal/bench"}},
	{"github.com/centrifugal/centrifuge", true, []string{"internal/realtime"}},
	{"github.com/danielgtaylor/huma", true, []string{"internal/httpapi"}},
	{"gocloud.dev", true, []string{"internal/blob"}},
	{"modernc.org/sqlite", false, []string{"internal/db"}},
	{"github.com/jackc/pgx", false, []string{"internal/db"}},
	{"github.com/pressly/goose", true, []string{"internal/db"}},
	{"github.com/go-webauthn/webauthn", false, []string{"internal/account"}},
	{"github.com/wneessen/go-mail", false, []string{"internal/mail"}},
	{"github.com/goccy/go-yaml", false, []string{"internal/config", "tools/voices"}},
	{"github.com/alecthomas/kong", false, []string{"internal/config", "cmd/heyy"}},
	{"github.com/caddyserver/certmagic", true, []string{"cmd/heyy"}},
}

func enginesHaveOneDoor(h *house) (bad []string) {
	h.goFiles(func(f *file) {
		importsOf(f, func(name, where string) {
			for _, d := range doors {
				if name != d.engine && !strings.HasPrefix(name, d.engine+"/") || f.isTest() && !d.tests {
					continue
				}
				if !slices.Contains(d.only, f.dir()) && !slices.ContainsFunc(d.only, func(o string) bool { return strings.HasPrefix(f.dir(), o+"/") }) {
					bad = append(bad, fmt.Sprintf("%s: %s imports %s; only %s may", where, f.dir(), name, strings.Join(d.only, ", ")))
				}
			}
		}, h)
	})
	return bad
}

// clientFloors are the folders of web/src from the ground up. Features stand
// beside each other and never import one another.
var clientFloors = map[string]int{"i18n": 0, "ui": 1, "api": 1, "realtime": 2, "voice": 2, "people": 3, "features": 4, "app": 5}

var tsImport = regexp.MustCompile(`(?m)(?:^\s*(?:import|export)\b[^'"\n]*?|\bfrom\s+|\bimport\()\s*['"](\.[^'"]+)['"]`)

func clientImportsGoDown(h *house) (bad []string) {
	for _, f := range h.files {
		inside, ok := strings.CutPrefix(f.path, "web/src/")
		if !ok || !strings.HasSuffix(f.path, ".ts") && !strings.HasSuffix(f.path, ".tsx") {
			continue
		}
		from, feature := clientPlace(inside)
		if from == "" {
			continue // beside the folders, such as the set-up of tests
		}
		mine, known := clientFloors[from]
		if !known {
			bad = append(bad, fmt.Sprintf("%s: web/src/%s has no place; give it one in internal/arch", f.path, from))
			continue
		}
		for _, m := range tsImport.FindAllStringSubmatchIndex(f.text, -1) {
			name := f.text[m[2]:m[3]]
			target := path.Join(path.Dir(inside), name)
			to, other := clientPlace(target + "/")
			where := fmt.Sprintf("%s:%d", f.path, f.line(m[2]))
			switch theirs, known := clientFloors[to]; {
			case !known:
			case theirs > mine:
				bad = append(bad, fmt.Sprintf("%s: %s imports %s, which stands above it", where, from, to))
			case to == from && to == "features" && other != feature:
				bad = append(bad, fmt.Sprintf("%s: the feature %s imports the feature %s; move what both need below, or join them in app", where, feature, other))
			}
		}
	}
	return bad
}

// clientPlace is the folder of a path below web/src, and which feature.
func clientPlace(inside string) (folder, feature string) {
	parts := strings.Split(inside, "/")
	if len(parts) < 2 {
		return "", ""
	}
	return parts[0], parts[1]
}
