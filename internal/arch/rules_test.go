package arch

import (
	"strings"
	"testing"
	"testing/fstest"
)

// tree makes a house of a few files.
func tree(t *testing.T, files map[string]string) *house {
	t.Helper()
	root := fstest.MapFS{}
	for name, text := range files {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	h, err := load(root)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// inFunc is a Go file of package room with a body that uses a string.
func inFunc(body string) map[string]string {
	return map[string]string{"internal/room/room.go": "package room\n\nfunc f() {\n\t" + body + "\n}\n"}
}

func sql(s string) map[string]string { return inFunc("use(ctx, `" + s + "`)") }

func goFile(at, pkg string, imports ...string) map[string]string {
	var b strings.Builder
	b.WriteString("package " + pkg + "\n\n")
	for _, i := range imports {
		b.WriteString("import _ \"" + i + "\"\n")
	}
	return map[string]string{at: b.String()}
}

// For each rule: what it must find, and what it must leave alone (no complaint).
func TestEachRuleFindsItsBadExample(t *testing.T) {
	long := strings.Repeat("//\n", fileLines+1)
	const contract = `{"paths":{"/api/me":{"get":{},"parameters":[]}}}`
	adr := "# 1\n\n## Context\n\n## Decision\n\n## Consequences\n"
	for _, x := range []struct {
		name  string
		rule  func(*house) []string
		files map[string]string
		want  string // part of the one complaint; "" for none
	}{
		{"a leaf imports a domain", importsGoDown, goFile("internal/text/a.go", "text", "heyy/internal/room"), "internal/text/a.go:3: internal/text imports internal/room, which stands above it"},
		{"a domain imports one below it in the list", importsGoDown, goFile("internal/account/a.go", "account", "heyy/internal/room"), "which stands above it"},
		{"a domain imports one above it in the list", importsGoDown, goFile("internal/room/a.go", "room", "heyy/internal/account"), ""},
		{"a domain imports the edge", importsGoDown, goFile("internal/room/a.go", "room", "heyy/internal/httpapi"), "which stands above it"},
		{"a domain's test imports the edge", importsGoDown, goFile("internal/room/a_test.go", "room_test", "heyy/internal/httpapi"), ""},
		{"an engine imports a domain", importsGoDown, goFile("internal/media/a.go", "media", "heyy/internal/room"), "an engine knows no domain"},
		{"an engine imports a leaf", importsGoDown, goFile("internal/media/a.go", "media", "heyy/internal/fault"), ""},
		{"a domain imports an engine", importsGoDown, goFile("internal/room/a.go", "room", "heyy/internal/media"), "which stands above it"},
		{"the edge imports a command's part", importsGoDown, goFile("internal/httpapi/a.go", "httpapi", "heyy/internal/doctor"), "which stands above it"},
		{"code imports what is for tests", importsGoDown, goFile("internal/room/a.go", "room", "heyy/internal/db/dbtest"), "which is for tests"},
		{"a subfolder imports its parent", importsGoDown, goFile("internal/db/dbtest/a.go", "dbtest", "heyy/internal/db"), ""},
		{"a package without a place", importsGoDown, goFile("internal/stuff/a.go", "stuff"), "internal/stuff has no place"},

		{"livekit through the window", enginesHaveOneDoor, goFile("internal/room/a.go", "room", "github.com/livekit/livekit-server/pkg/service"), "only internal/media may"},
		{"livekit through the window, in a test", enginesHaveOneDoor, goFile("internal/room/a_test.go", "room", "github.com/livekit/livekit-server/pkg/service"), "only internal/media may"},
		{"livekit's client in a bot", enginesHaveOneDoor, goFile("internal/bot/a.go", "bot", "github.com/livekit/server-sdk-go/v2"), ""},
		{"livekit's client in the edge", enginesHaveOneDoor, goFile("internal/httpapi/a.go", "httpapi", "github.com/livekit/server-sdk-go/v2"), "may"},
		{"centrifuge through the window", enginesHaveOneDoor, goFile("internal/fanout/a.go", "fanout", "github.com/centrifugal/centrifuge"), "only internal/realtime may"},
		{"centrifuge's client is another library", enginesHaveOneDoor, goFile("internal/bot/a.go", "bot", "github.com/centrifugal/centrifuge-go"), ""},
		{"huma through the window", enginesHaveOneDoor, goFile("internal/account/a.go", "account", "github.com/danielgtaylor/huma/v2"), "only internal/httpapi may"},
		{"engines at their doors", enginesHaveOneDoor, goFile("internal/media/a.go", "media", "github.com/livekit/livekit-server/pkg/config"), ""},

		{"ui imports a feature", clientImportsGoDown, map[string]string{"web/src/ui/a.tsx": "import { x } from '../features/room'\n"}, "web/src/ui/a.tsx:1: ui imports features"},
		{"a feature imports another", clientImportsGoDown, map[string]string{"web/src/features/room/a.tsx": "import type { X } from '../me'\n"}, "the feature room imports the feature me"},
		{"a feature imports another, lazily", clientImportsGoDown, map[string]string{"web/src/features/room/a.tsx": "const x = import('../me/Page')\n"}, "the feature room imports the feature me"},
		{"a feature imports another, over lines", clientImportsGoDown, map[string]string{"web/src/features/room/a.tsx": "import {\n  x,\n  y,\n} from '../me'\n"}, "the feature room imports the feature me"},
		{"a feature imports itself and what is below", clientImportsGoDown, map[string]string{"web/src/features/room/a.tsx": "import './b'\nimport { x } from '../../voice/line'\nimport React from 'react'\n"}, ""},
		{"voice imports the app", clientImportsGoDown, map[string]string{"web/src/voice/a.ts": "export { x } from '../app/routes'\n"}, "voice imports app"},
		{"a folder without a place", clientImportsGoDown, map[string]string{"web/src/stuff/a.ts": "export {}\n"}, "web/src/stuff has no place"},

		{"= ANY", sqlForBoth, sql("SELECT id FROM rooms WHERE id = ANY($1)"), "= ANY"},
		{"FOR UPDATE", sqlForBoth, sql("SELECT id FROM rooms WHERE id = $1 FOR UPDATE"), "FOR UPDATE"},
		{"question marks", sqlForBoth, sql("SELECT id FROM rooms WHERE id = ?"), "no placeholder"},
		{"a question in a text", sqlForBoth, sql("SELECT id FROM rooms WHERE title = 'why?'"), ""},
		{"numbers out of order", sqlForBoth, sql("UPDATE rooms SET title = $2 WHERE id = $1"), "$2 is used before $1"},
		{"a number left out", sqlForBoth, sql("UPDATE rooms SET title = $1 WHERE id = $3"), "$3 is used before $2"},
		{"a number used again", sqlForBoth, sql("UPDATE rooms SET title = $1, topic = $1 WHERE id = $2 AND $1 <> ''"), ""},
		{"a sum", sqlForBoth, inFunc("use(`SELECT ` + columns + ` FROM rooms WHERE id = ` + `$2`)"), ""},
		{"a sum, wrong before the hole", sqlForBoth, inFunc("use(`DELETE FROM rooms ` + `WHERE id = $2 AND x IN (` + marks + `)`)"), "$2 is used before $1"},
		{"now()", sqlForBoth, sql("SELECT id FROM rooms WHERE created_at < now()"), "times come from Go"},
		{"ILIKE", sqlForBoth, sql("SELECT id FROM rooms WHERE title ILIKE $1"), "only one engine"},
		{"a cast", sqlForBoth, sql("SELECT id::text FROM rooms"), "only one engine"},
		{"json", sqlForBoth, sql("SELECT data->>'x' FROM rooms"), "JSON is text"},
		{"INSERT OR", sqlForBoth, sql("INSERT OR IGNORE INTO rooms (id) VALUES ($1)"), "only one engine"},
		{"plain functions", sqlForBoth, sql("SELECT count(*), max(seq), coalesce(x, '') FROM rooms"), ""},
		{"words that only begin alike", sqlForBoth, inFunc("use(`Select a seat? Update your browser.`)"), ""},
		{"package db may", sqlForBoth, map[string]string{"internal/db/a.go": "package db\n\nvar q = `SELECT sqlite_version()`\n"}, ""},
		{"a serial in a migration", sqlForBoth, map[string]string{"internal/db/migrations/1.sql": "-- an INT in words\nCREATE TABLE a (\n  id SERIAL\n);\n"}, "internal/db/migrations/1.sql:3: \"SERIAL\""},
		{"a plain migration", sqlForBoth, map[string]string{"internal/db/migrations/1.sql": "CREATE TABLE a (id TEXT PRIMARY KEY, at BIGINT NOT NULL, kind TEXT CHECK (kind IN ('date', 'real')));\n"}, ""},

		{"a folder of utilities", namesSaySomething, map[string]string{"web/src/utils/a.ts": "export {}\n"}, `"utils" says nothing`},
		{"a package of helpers", namesSaySomething, goFile("internal/room/a.go", "helpers"), "package helpers says nothing"},

		{"a long file", sizes, map[string]string{"internal/room/a.go": "package room\n" + long}, "internal/room/a.go: 602 lines"},
		{"a long file of the client", sizes, map[string]string{"web/src/app/a.tsx": long}, "web/src/app/a.tsx: 601 lines"},
		{"a long test", sizes, map[string]string{"internal/room/a_test.go": "package room\n" + long}, ""},
		{"a long file with a reason", sizes, map[string]string{"internal/room/a.go": "package room\n" + long, "docs/adr/0009-long.md": adr + "`internal/room/a.go` is a table.\n"}, ""},
		{"a large package", sizes, largePackage(), "internal/room: 4"},

		{"a package without a word", packagesAreDescribed, goFile("internal/room/a.go", "room"), "internal/room: no comment"},
		{"a command without a word", packagesAreDescribed, goFile("cmd/heyy/a.go", "main"), "cmd/heyy: no comment"},
		{"a described package", packagesAreDescribed, map[string]string{"internal/room/a.go": "package room\n", "internal/room/doc.go": "// Package room is rooms.\npackage room\n"}, ""},

		{"os.Exit", nothingEndsTheProcess, inFunc("os.Exit(1)"), "internal/room/room.go:4: os.Exit ends the process"},
		{"log.Fatal", nothingEndsTheProcess, inFunc("log.Fatalf(`x`)"), "log.Fatalf ends the process"},
		{"os.Exit beside main", nothingEndsTheProcess, map[string]string{"cmd/x/a.go": "package main\n\nfunc run() { os.Exit(1) }\n"}, "os.Exit"},
		{"os.Exit in main", nothingEndsTheProcess, map[string]string{"cmd/x/a.go": "package main\n\nfunc main() { os.Exit(1) }\n"}, ""},

		{"init", nothingBeforeMain, map[string]string{"internal/room/a.go": "package room\n\nfunc init() {}\n"}, "init runs before anybody asked"},
		{"a method called init", nothingBeforeMain, map[string]string{"internal/room/a.go": "package room\n\nfunc (r room) init() {}\n"}, ""},

		{"something for later", nothingLeftForLater, map[string]string{"web/src/app/a.ts": "let x // TO" + "DO more\n"}, "web/src/app/a.ts:1: TO" + "DO"},
		{"Spanish", nothingLeftForLater, map[string]string{"web/src/app/a.ts": "const todos = 'todo'\n"}, ""},

		{"a link to nowhere", linksLeadSomewhere, map[string]string{"docs/a.md": "see [b](b.md)\n"}, "docs/a.md:1: the link b.md leads nowhere"},
		{"a picture of nothing", linksLeadSomewhere, map[string]string{"README.md": "![p](docs/p.png)\n"}, "docs/p.png leads nowhere"},
		{"a link to no heading", linksLeadSomewhere, map[string]string{"docs/a.md": "[x](#what-else)\n\n## What is\n"}, "has no heading #what-else"},
		{"good links", linksLeadSomewhere, map[string]string{"docs/a.md": "[x](#what-is-it) [y](../api/) [z](https://example.org) [w](b.md#b)\n```\n[n](none)\n```\n## What is it?\n", "docs/b.md": "# B\n", "api/x.json": "{}"}, ""},

		{"an architecture with ghosts", architectureIsTrue, map[string]string{architecture: "In `internal/ghost/` dwells.\n"}, "docs/architecture.md:1: there is no internal/ghost"},
		{"a package nobody told of", architectureIsTrue, map[string]string{architecture: "", "internal/room/a.go": "package room\n"}, "internal/room is not told of"},
		{"a true architecture", architectureIsTrue, map[string]string{architecture: "`internal/room`, `go test ./...`", "internal/room/a.go": "package room\n"}, ""},

		{"an operation that is none", protocolIsTrue, map[string]string{"docs/protocol.md": "| `GET /api/me` | | |\n| `GET /api/ghost` | | |\n", "api/openapi.json": contract}, "GET /api/ghost is not in"},
		{"an operation nobody told of", protocolIsTrue, map[string]string{"docs/protocol.md": "", "api/openapi.json": contract}, "GET /api/me of api/openapi.json is not told of"},
		{"a true protocol", protocolIsTrue, map[string]string{"docs/protocol.md": "| `GET /api/me?x=` | | |\n", "api/openapi.json": contract}, ""},
		{"no contract", protocolIsTrue, map[string]string{"docs/protocol.md": ""}, "make openapi"},

		{"a number twice", decisions, map[string]string{"docs/adr/0001-a.md": adr, "docs/adr/0001-b.md": adr}, "the number 0001 is taken by docs/adr/0001-a.md"},
		{"a decision without consequences", decisions, map[string]string{"docs/adr/0001-a.md": "# 1\n\n## Context\n\n## Decision\n"}, "Consequences"},
		{"a decision without number", decisions, map[string]string{"docs/adr/sql.md": adr}, "is named like"},
		{"a good decision", decisions, map[string]string{"docs/adr/0001-a.md": adr}, ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			got := x.rule(tree(t, x.files))
			switch {
			case x.want == "" && len(got) > 0:
				t.Errorf("complains: %q", got)
			case x.want != "" && (len(got) != 1 || !strings.Contains(got[0], x.want)):
				t.Errorf("says %q, want one with %q", got, x.want)
			}
		})
	}
}

func largePackage() map[string]string {
	files := map[string]string{}
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		files["internal/room/"+name+".go"] = "package room\n" + strings.Repeat("//\n", fileLines-2)
	}
	return files
}

func TestSettingsWithoutALineAreFound(t *testing.T) {
	if got := settingsAreExplained(tree(t, map[string]string{"docs/self-hosting.md": "`listen`"})); len(got) < 15 || strings.Contains(strings.Join(got, "\n"), "setting listen") {
		t.Errorf("says %q", got)
	}
	if got := settingsAreExplained(tree(t, nil)); len(got) != 1 {
		t.Errorf("without a page: %q", got)
	}
}
