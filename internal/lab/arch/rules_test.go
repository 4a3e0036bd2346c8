package arch

import (
	"cmp"
	"strings"
	"testing"
	"testing/fstest"
)

// tree makes a code base of a few files.
func tree(t *testing.T, files map[string]string) *codeBase {
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
	return map[string]string{"internal/rooms/room/room.go": "package room\n\nfunc f() {\n\t" + body + "\n}\n"}
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
		rule  func(*codeBase) []string
		files map[string]string
		want  string // part of the one complaint; "" for none
	}{
		{"a leaf imports a domain", importsGoDown, goFile("internal/base/textrule/a.go", "text", "heyy/internal/rooms/room"), "internal/base/textrule/a.go:3: internal/base/textrule imports internal/rooms/room, of a later layer"},
		{"a domain imports one of a later layer", importsGoDown, goFile("internal/people/account/a.go", "account", "heyy/internal/rooms/room"), "of a later layer"},
		{"a domain imports its neighbour", importsGoDown, goFile("internal/people/profile/a.go", "profile", "heyy/internal/people/account"), ""},
		{"a domain imports one of an earlier layer", importsGoDown, goFile("internal/rooms/room/a.go", "room", "heyy/internal/people/account"), ""},
		{"a domain imports the edge", importsGoDown, goFile("internal/rooms/room/a.go", "room", "heyy/internal/edge/httpapi"), "of a later layer"},
		{"a domain's test imports the edge", importsGoDown, goFile("internal/rooms/room/a_test.go", "room_test", "heyy/internal/edge/httpapi"), ""},
		{"an engine imports a domain", importsGoDown, goFile("internal/live/sfu/a.go", "media", "heyy/internal/rooms/room"), "an engine knows no domain"},
		{"an engine imports a leaf", importsGoDown, goFile("internal/live/sfu/a.go", "media", "heyy/internal/base/fault"), ""},
		{"a domain imports an engine", importsGoDown, goFile("internal/rooms/room/a.go", "room", "heyy/internal/live/sfu"), "of a later layer"},
		{"the edge imports a command's part", importsGoDown, goFile("internal/edge/httpapi/a.go", "httpapi", "heyy/internal/lab/doctor"), "of a later layer"},
		{"code imports what is for tests", importsGoDown, goFile("internal/rooms/room/a.go", "room", "heyy/internal/base/db/dbtest"), "which is for tests"},
		{"operations import those of another domain", importsGoDown, goFile("internal/edge/httpapi/rooms/a.go", "rooms", "heyy/internal/edge/httpapi/calls"), "share only the views"},
		{"operations import the views", importsGoDown, goFile("internal/edge/httpapi/rooms/a.go", "rooms", "heyy/internal/edge/httpapi/people"), ""},
		{"the contract imports operations", importsGoDown, goFile("internal/edge/httpapi/contract/a.go", "contract", "heyy/internal/edge/httpapi/rooms"), ""},
		{"a subfolder imports its parent", importsGoDown, goFile("internal/base/db/dbtest/a.go", "dbtest", "heyy/internal/base/db"), ""},
		{"a package in no layer", importsGoDown, goFile("internal/stuff/a.go", "stuff"), "internal/stuff is in no layer"},

		{"livekit through the window", enginesHaveOneGateway, goFile("internal/rooms/room/a.go", "room", "github.com/livekit/livekit-server/pkg/service"), "only internal/live/sfu may"},
		{"livekit through the window, in a test", enginesHaveOneGateway, goFile("internal/rooms/room/a_test.go", "room", "github.com/livekit/livekit-server/pkg/service"), "only internal/live/sfu may"},
		{"livekit's client in a bot", enginesHaveOneGateway, goFile("internal/lab/bot/a.go", "bot", "github.com/livekit/server-sdk-go/v2"), ""},
		{"livekit's client in the edge", enginesHaveOneGateway, goFile("internal/edge/httpapi/a.go", "httpapi", "github.com/livekit/server-sdk-go/v2"), "may"},
		{"centrifuge through the window", enginesHaveOneGateway, goFile("internal/edge/fanout/a.go", "fanout", "github.com/centrifugal/centrifuge"), "only internal/live/realtime may"},
		{"centrifuge's client is another library", enginesHaveOneGateway, goFile("internal/lab/bot/a.go", "bot", "github.com/centrifugal/centrifuge-go"), ""},
		{"huma through the window", enginesHaveOneGateway, goFile("internal/people/account/a.go", "account", "github.com/danielgtaylor/huma/v2"), "only internal/edge/httpapi may"},
		{"engines at their gateways", enginesHaveOneGateway, goFile("internal/live/sfu/a.go", "media", "github.com/livekit/livekit-server/pkg/config"), ""},

		{"a goroutine without the race detector", racedWhereGoroutinesAre, map[string]string{"scripts/gotests.sh": "\nunraced='\ninternal/base/id\n'\n", "internal/base/id/a.go": "package id\n\nfunc f() { go f() }\n"}, "internal/base/id starts a goroutine"},
		{"a goroutine with it", racedWhereGoroutinesAre, map[string]string{"scripts/gotests.sh": "\nunraced='\ninternal/base/id\n'\n", "internal/base/id/a.go": "package id\n", "internal/base/mail/a.go": "package mail\n\nfunc f() { go f() }\n"}, ""},

		{"ui imports a feature", clientImportsGoDown, map[string]string{"web/src/ui/a.tsx": "import { x } from '../features/room'\n"}, "web/src/ui/a.tsx:1: ui imports features"},
		{"a feature imports another", clientImportsGoDown, map[string]string{"web/src/features/room/a.tsx": "import type { X } from '../me'\n"}, "the feature room imports the feature me"},
		{"a test imports helpers of tests", clientImportsGoDown, map[string]string{"web/src/voice/a.test.ts": "import { x } from '../testing/x'\n"}, ""},
		{"a product imports helpers of tests", clientImportsGoDown, map[string]string{"web/src/voice/a.ts": "import { x } from '../testing/x'\n"}, "voice imports testing"},
		{"a feature imports another, lazily", clientImportsGoDown, map[string]string{"web/src/features/room/a.tsx": "const x = import('../me/Page')\n"}, "the feature room imports the feature me"},
		{"a feature imports another, over lines", clientImportsGoDown, map[string]string{"web/src/features/room/a.tsx": "import {\n  x,\n  y,\n} from '../me'\n"}, "the feature room imports the feature me"},
		{"a feature imports itself and what is below", clientImportsGoDown, map[string]string{"web/src/features/room/a.tsx": "import './b'\nimport { x } from '../../voice/line'\nimport React from 'react'\n"}, ""},
		{"voice imports the app", clientImportsGoDown, map[string]string{"web/src/voice/a.ts": "export { x } from '../app/routes'\n"}, "voice imports app"},
		{"a folder without a place", clientImportsGoDown, map[string]string{"web/src/stuff/a.ts": "export {}\n"}, "web/src/stuff is in no layer"},

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
		{"package db may", sqlForBoth, map[string]string{"internal/base/db/a.go": "package db\n\nvar q = `SELECT sqlite_version()`\n"}, ""},
		{"a serial in a migration", sqlForBoth, map[string]string{"internal/base/db/migrations/1.sql": "-- an INT in words\nCREATE TABLE a (\n  id SERIAL\n);\n"}, "internal/base/db/migrations/1.sql:3: \"SERIAL\""},
		{"a plain migration", sqlForBoth, map[string]string{"internal/base/db/migrations/1.sql": "CREATE TABLE a (id TEXT PRIMARY KEY, at BIGINT NOT NULL, kind TEXT CHECK (kind IN ('date', 'real')));\n"}, ""},

		{"a write of one's own", tablesHaveOneOwner, tables("`DELETE FROM rooms WHERE id = $1`"), ""},
		{"a write into another's table", tablesHaveOneOwner, tables("`UPDATE accounts SET kind = $1`"), "internal/rooms/room/room.go:5: internal/rooms/room writes accounts, a table of internal/people/account; call"},
		{"an insert into another's table", tablesHaveOneOwner, tables("`INSERT INTO accounts (id) ` + `VALUES ($1)`"), "writes accounts"},
		{"a delete from another's table", tablesHaveOneOwner, tables("`DELETE FROM accounts`"), "writes accounts"},
		{"another's rows, as declared", tablesHaveOneOwner, tables("`SELECT 1 FROM rooms r JOIN clips c ON c.id = r.id`"), ""},
		{"another's rows", tablesHaveOneOwner, tables("`SELECT 1 FROM rooms JOIN accounts a ON TRUE`"), "reads accounts, a table of internal/people/account; ask"},
		{"another's rows in small letters", tablesHaveOneOwner, tables("`select 1 from accounts`"), "reads accounts"},
		{"another's rows in a part of a statement", tablesHaveOneOwner, tables("` LEFT JOIN accounts a`"), "reads accounts"},
		{"another's rows behind a hole", tablesHaveOneOwner, tables("`SELECT ` + columns + ` FROM accounts`"), "reads accounts"},
		{"another's view", tablesHaveOneOwner, tables("`SELECT 1 FROM apart`"), ""},
		{"a declaration to read that is used to write", tablesHaveOneOwner, tables("`DELETE FROM clips`"), "writes clips"},
		{"a table that is gone", tablesHaveOneOwner, tables("`SELECT 1 FROM old_rooms`"), "no migration makes old_rooms"},
		{"a table in a hole", tablesHaveOneOwner, tables("`DELETE FROM ` + table + ` WHERE id = $1`"), "write it out"},
		{"a table in a format", tablesHaveOneOwner, tables("`DELETE FROM %s`"), "write it out"},
		{"a table behind a comma", tablesHaveOneOwner, tables("`SELECT 1 FROM rooms r, accounts a`"), "write JOIN"},
		{"a table of the statement's own", tablesHaveOneOwner, tables("`WITH x AS (SELECT 1 FROM rooms) SELECT 1 FROM x`"), ""},
		{"a table of the statement's own, read by a part of it", tablesHaveOneOwner, tables("`WITH x (id) AS MATERIALIZED (SELECT 1 FROM rooms) ` + part(`SELECT id FROM x`)"), ""},
		{"a table of another package's statement", tablesHaveOneOwner, with(tables("`SELECT 1 FROM x`"), "internal/people/clip/b.go", "package clip\n\nvar q = `WITH x AS (SELECT 1) SELECT 1 FROM x`\n"), "no migration makes x"},
		{"an upsert", tablesHaveOneOwner, tables("`INSERT INTO rooms (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET at = 1`"), ""},
		{"words", tablesHaveOneOwner, tables("`Update accounts from here.`"), ""},
		{"a test", tablesHaveOneOwner, with(tables(""), "internal/rooms/room/room_test.go", "package room\n\nvar q = `DELETE FROM accounts`\n"), ""},
		{"a table of nobody", tablesHaveOneOwner, with(tables(""), migrations+"/2.sql", "CREATE TABLE stars (id TEXT);\n-- +goose Down\nDROP TABLE stars;\n"), "stars has no owner"},
		{"a table of two", tablesHaveOneOwner, with(tables(""), "internal/people/photo/a.go", "// Package photo owns the table clips.\npackage photo\n"), "clips is a table of"},
		{"a declaration without use", tablesHaveOneOwner, with(tables(""), "internal/people/photo/a.go", "// Package photo is for photos. Of other packages it reads:\n//   - rooms: where they hang\npackage photo\n"), "internal/people/photo: its comment says that it reads rooms, and it does not"},

		{"a folder of utilities", namesSaySomething, map[string]string{"web/src/utils/a.ts": "export {}\n"}, `"utils" says nothing`},
		{"a package of helpers", namesSaySomething, goFile("internal/rooms/room/a.go", "helpers"), "package helpers says nothing"},

		{"a long file", sizes, map[string]string{"internal/rooms/room/a.go": "package room\n" + long}, "internal/rooms/room/a.go: 602 lines"},
		{"a long file of the client", sizes, map[string]string{"web/src/app/a.tsx": long}, "web/src/app/a.tsx: 601 lines"},
		{"a long test", sizes, map[string]string{"internal/rooms/room/a_test.go": "package room\n" + long}, ""},
		{"a long file with a reason", sizes, map[string]string{"internal/rooms/room/a.go": "package room\n" + long, "docs/adr/0009-long.md": adr + "`internal/rooms/room/a.go` is a table.\n"}, ""},
		{"a large package", sizes, largePackage(), "internal/rooms/room: 4"},

		{"a package without a word", packagesAreDescribed, goFile("internal/rooms/room/a.go", "room"), "internal/rooms/room: no comment"},
		{"a command without a word", packagesAreDescribed, goFile("cmd/heyy/a.go", "main"), "cmd/heyy: no comment"},
		{"a described package", packagesAreDescribed, map[string]string{"internal/rooms/room/a.go": "package room\n", "internal/rooms/room/doc.go": "// Package room is rooms.\npackage room\n"}, ""},

		{"os.Exit", nothingEndsTheProcess, inFunc("os.Exit(1)"), "internal/rooms/room/room.go:4: os.Exit ends the process"},
		{"log.Fatal", nothingEndsTheProcess, inFunc("log.Fatalf(`x`)"), "log.Fatalf ends the process"},
		{"os.Exit beside main", nothingEndsTheProcess, map[string]string{"cmd/x/a.go": "package main\n\nfunc run() { os.Exit(1) }\n"}, "os.Exit"},
		{"os.Exit in main", nothingEndsTheProcess, map[string]string{"cmd/x/a.go": "package main\n\nfunc main() { os.Exit(1) }\n"}, ""},

		{"init", nothingBeforeMain, map[string]string{"internal/rooms/room/a.go": "package room\n\nfunc init() {}\n"}, "init runs before anybody asked"},
		{"a method called init", nothingBeforeMain, map[string]string{"internal/rooms/room/a.go": "package room\n\nfunc (r room) init() {}\n"}, ""},

		{"something for later", nothingLeftForLater, map[string]string{"web/src/app/a.ts": "let x // TO" + "DO more\n"}, "web/src/app/a.ts:1: TO" + "DO"},
		{"Spanish", nothingLeftForLater, map[string]string{"web/src/app/a.ts": "const todos = 'todo'\n"}, ""},

		{"a link to nowhere", linksLeadSomewhere, map[string]string{"docs/a.md": "see [b](b.md)\n"}, "docs/a.md:1: the link b.md leads nowhere"},
		{"a picture of nothing", linksLeadSomewhere, map[string]string{"README.md": "![p](docs/p.png)\n"}, "docs/p.png leads nowhere"},
		{"a link to no heading", linksLeadSomewhere, map[string]string{"docs/a.md": "[x](#what-else)\n\n## What is\n"}, "has no heading #what-else"},
		{"good links", linksLeadSomewhere, map[string]string{"docs/a.md": "[x](#what-is-it) [y](../api/) [z](https://example.org) [w](b.md#b)\n```\n[n](none)\n```\n## What is it?\n", "docs/b.md": "# B\n", "api/x.json": "{}"}, ""},

		{"an architecture with ghosts", architectureIsTrue, map[string]string{architecture: "In `internal/ghost/` dwells.\n"}, "docs/architecture.md:1: there is no internal/ghost"},
		{"a package nobody told of", architectureIsTrue, map[string]string{architecture: "", "internal/rooms/room/a.go": "package room\n"}, "internal/rooms/room is not told of"},
		{"a true architecture", architectureIsTrue, map[string]string{architecture: "`internal/rooms/room`, `go test ./...`", "internal/rooms/room/a.go": "package room\n"}, ""},

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
		files["internal/rooms/room/"+name+".go"] = "package room\n" + strings.Repeat("//\n", fileLines-2)
	}
	return files
}

// tables is a small schema with an owner for each table, and a string in package room.
func tables(literal string) map[string]string {
	return map[string]string{
		migrations + "/1.sql": "CREATE TABLE accounts (id TEXT);\nCREATE TABLE clips (id TEXT);\nCREATE TABLE old_rooms (id TEXT);\n" +
			"ALTER TABLE old_rooms RENAME TO rooms;\nCREATE VIEW apart (a_id) AS SELECT id FROM accounts;\n",
		"internal/people/account/a.go":   "// Package account owns the table accounts, and the view apart.\npackage account\n",
		"internal/people/profile/a.go":   "// Package profile owns the table\n// clips. It has more to say.\npackage profile\n",
		"internal/people/profile/sql.go": "package profile\n\nvar q = `SELECT 1 FROM clips`\n",
		"internal/rooms/room/room.go": "// Package room owns the tables rooms. Of other packages it reads:\n//   - clips: to play them\npackage room\n\nvar q = f(" + cmp.Or(literal, "``") + ")\n" +
			"var p = `SELECT 1 FROM clips`\n",
	}
}

func with(files map[string]string, name, text string) map[string]string {
	files[name] = text
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
