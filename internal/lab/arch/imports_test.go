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

// layers are the folders of internal in import order. A package imports packages of its own
// layer and of earlier ones, never of a later one, but for packages for tests. Go itself
// refuses cycles within a layer.
var layers = []string{
	"internal/base", "internal/media",
	"internal/people", "internal/meet", "internal/rooms", "internal/talk",
	"internal/live",
	"web", "internal/edge",
	"internal/lab",
	"cmd", "tools", "scripts", "e2e",
}

var (
	domains = []string{"internal/people", "internal/meet", "internal/rooms", "internal/talk"}
	engines = []string{"internal/live"}
)

// layer is the index of the layer that a folder belongs to; -1: none.
func layer(dir string) int {
	return slices.IndexFunc(layers, func(l string) bool { return within(dir, l) })
}

// within reports whether dir is folder or lies in it.
func within(dir, folder string) bool { return dir == folder || strings.HasPrefix(dir, folder+"/") }

func importsOf(f *file, visit func(name, where string), h *codeBase) {
	for _, i := range f.ast.Imports {
		name, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			continue // the parser has refused it before
		}
		visit(name, h.at(i))
	}
}

// importsGoDown enforces the order of layers. Tests may import later ones.
func importsGoDown(h *codeBase) (bad []string) {
	h.goFiles(func(f *file) {
		mine := layer(f.dir())
		if mine < 0 {
			bad = append(bad, fmt.Sprintf("%s: %s is in no layer; see internal/lab/arch and docs/architecture.md", f.path, f.dir()))
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
			theirs := layer(dir)
			switch {
			case slices.Contains(testPackages, dir) && !slices.Contains(testPackages, f.dir()):
				bad = append(bad, fmt.Sprintf("%s: %s imports %s, which is for tests", where, f.dir(), dir))
			case betweenOperations(f.dir(), dir):
				bad = append(bad, fmt.Sprintf("%s: %s imports %s; operations of two domains share only the views in %s/people", where, f.dir(), dir, httpAPI))
			case theirs > mine && !slices.Contains(testPackages, f.dir()):
				bad = append(bad, fmt.Sprintf("%s: %s imports %s, of a later layer; declare an interface of what you need instead", where, f.dir(), dir))
			case slices.Contains(engines, layers[mine]) && slices.Contains(domains, layers[max(theirs, 0)]):
				bad = append(bad, fmt.Sprintf("%s: %s imports %s; an engine knows no domain", where, f.dir(), dir))
			}
		}, h)
	})
	return bad
}

// httpAPI is the core of the HTTP API; the packages below it have the operations of one
// domain each, and contract puts them together.
const httpAPI = "internal/edge/httpapi"

// betweenOperations reports whether operations of one domain would import those of another.
func betweenOperations(from, to string) bool {
	below := func(dir string) bool { return strings.HasPrefix(dir, httpAPI+"/") }
	return below(from) && below(to) && from != httpAPI+"/contract" && !slices.Contains(testPackages, from) && to != httpAPI+"/people"
}

// gateways are the only packages that may import an engine, so that it can be replaced there.
// Tests may use an engine's client library.
var gateways = []struct {
	engine string
	tests  bool // whether tests must keep out, too
	only   []string
}{
	{"github.com/livekit/livekit-server", true, []string{"internal/live/sfu"}},
	{"github.com/livekit/server-sdk-go", false, []string{"internal/live/sfu", "internal/lab/bot", "internal/lab/resident", "internal/lab/bench"}},
	{"github.com/livekit/protocol", false, []string{"internal/live/sfu", "internal/lab/bot", "internal/lab/resident", "internal/lab/bench"}},
	{"github.com/centrifugal/centrifuge", true, []string{"internal/live/realtime"}},
	{"github.com/danielgtaylor/huma", true, []string{"internal/edge/httpapi"}},
	{"gocloud.dev", true, []string{"internal/base/blob"}},
	{"modernc.org/sqlite", false, []string{"internal/base/db"}},
	{"github.com/jackc/pgx", false, []string{"internal/base/db"}},
	{"github.com/pressly/goose", true, []string{"internal/base/db"}},
	{"github.com/go-webauthn/webauthn", false, []string{"internal/people/account"}},
	{"github.com/wneessen/go-mail", false, []string{"internal/base/mail"}},
	{"github.com/goccy/go-yaml", false, []string{"internal/base/config", "tools/voices"}},
	{"github.com/SherClockHolmes/webpush-go", true, []string{"internal/talk/notify"}},
	{"github.com/alecthomas/kong", false, []string{"internal/base/config", "cmd/heyy"}},
	{"github.com/caddyserver/certmagic", true, []string{"cmd/heyy"}},
}

func enginesHaveOneGateway(h *codeBase) (bad []string) {
	h.goFiles(func(f *file) {
		importsOf(f, func(name, where string) {
			for _, d := range gateways {
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

// clientLayers are the folders of web/src in import order: a folder imports those with the
// same or a lower number. Features never import each other. Only tests import testing.
var clientLayers = map[string]int{"worker": 0, "i18n": 0, "ui": 1, "api": 1, "realtime": 2, "voice": 2, "people": 3, "features": 4, "app": 5, "testing": 6}

var tsImport = regexp.MustCompile(`(?m)(?:^\s*(?:import|export)\b[^'"\n]*?|\bfrom\s+|\bimport\()\s*['"](\.[^'"]+)['"]`)

func clientImportsGoDown(h *codeBase) (bad []string) {
	for _, f := range h.files {
		inside, ok := strings.CutPrefix(f.path, "web/src/")
		if !ok || !strings.HasSuffix(f.path, ".ts") && !strings.HasSuffix(f.path, ".tsx") {
			continue
		}
		from, feature := clientPlace(inside)
		if from == "" {
			continue // beside the folders, such as the set-up of tests
		}
		mine, known := clientLayers[from]
		if !known {
			bad = append(bad, fmt.Sprintf("%s: web/src/%s is in no layer; add it in internal/lab/arch", f.path, from))
			continue
		}
		for _, m := range tsImport.FindAllStringSubmatchIndex(f.text, -1) {
			name := f.text[m[2]:m[3]]
			target := path.Join(path.Dir(inside), name)
			to, other := clientPlace(target + "/")
			where := fmt.Sprintf("%s:%d", f.path, f.line(m[2]))
			switch theirs, known := clientLayers[to]; {
			case !known, to == "testing" && strings.Contains(f.path, ".test."):
			case theirs > mine && !slices.Contains(testPackages, f.dir()):
				bad = append(bad, fmt.Sprintf("%s: %s imports %s, of a later layer", where, from, to))
			case to == from && to == "features" && other != feature:
				bad = append(bad, fmt.Sprintf("%s: the feature %s imports the feature %s; move what both need below, or join them in app", where, feature, other))
			}
		}
	}
	return bad
}

// clientPlace returns the folder of a path below web/src, and the feature.
func clientPlace(inside string) (folder, feature string) {
	parts := strings.Split(inside, "/")
	if len(parts) < 2 {
		return "", ""
	}
	return parts[0], parts[1]
}
