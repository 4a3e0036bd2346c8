package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

// operation is an operation of the contract, with a valid request.
type operation struct {
	name, method, path string
	signedIn           bool
	schema             *schema           // of the body; nil: it takes none
	optional           bool              // it may come without its body
	media              string            // of a body that is no JSON
	good               map[string]any    // a body of the right shape
	params             map[string]string // in the path, by name
	query              string            // what it cannot do without: "q=Rome"
}

// schema is the part of JSON Schema that our bodies use.
type schema struct {
	Ref        string `json:"$ref"`
	Type       string
	Format     string
	Enum       []any
	Minimum    float64
	MaxLength  int
	Pattern    string // only PINs have one
	Required   []string
	Properties map[string]*schema
	Items      *schema
}

// operations returns every operation of the contract, so that new ones are tested, too. What params
// does not name in a path is an id of nothing, or the least number.
func operations(t *testing.T, params map[string]string) (commands, uploads, reads []operation) {
	t.Helper()
	text, err := os.ReadFile("../api/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var contract struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
			Security    []any
			Parameters  []struct {
				Name, In string
				Required bool
				Schema   *schema
			}
			RequestBody *struct {
				Required bool
				Content  map[string]struct{ Schema *schema }
			} `json:"requestBody"`
		}
		Components struct{ Schemas map[string]*schema }
	}
	if err := json.Unmarshal(text, &contract); err != nil {
		t.Fatal(err)
	}
	for _, path := range slices.Sorted(maps.Keys(contract.Paths)) {
		for method, o := range contract.Paths[path] {
			op := operation{
				name: o.OperationID, method: strings.ToUpper(method), path: path,
				signedIn: len(o.Security) > 0, params: map[string]string{},
			}
			for _, p := range o.Parameters {
				value, given := params[p.Name]
				switch {
				case p.In == "query" && p.Required:
					op.query += "&" + p.Name + "=x"
				case p.In == "path" && given:
					op.params[p.Name] = value
				case p.In == "path" && (p.Schema.Format == "uuid" || p.Schema.Type == "integer"):
					op.params[p.Name] = fmt.Sprint(p.Schema.example())
				}
			}
			op.query = strings.TrimPrefix(op.query, "&")
			if o.RequestBody != nil {
				op.optional = !o.RequestBody.Required
				for media, c := range o.RequestBody.Content {
					op.media, op.schema = media, c.Schema
				}
				if op.media == "application/json" {
					op.media, op.schema = "", op.schema.whole(contract.Components.Schemas)
					op.good = op.schema.example().(map[string]any)
				}
			}
			switch {
			case op.method == http.MethodGet:
				reads = append(reads, op)
			case op.media != "":
				uploads = append(uploads, op)
			default:
				commands = append(commands, op)
			}
		}
	}
	if len(commands) < 20 || len(uploads) < 4 || len(reads) < 15 {
		t.Fatalf("the contract has %d commands, %d uploads and %d reads; it was not read whole", len(commands), len(uploads), len(reads))
	}
	return commands, uploads, reads
}

// whole resolves a reference ($ref) of a schema.
func (s *schema) whole(named map[string]*schema) *schema {
	if ref, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		return named[ref].whole(named)
	}
	for name, p := range s.Properties {
		s.Properties[name] = p.whole(named)
	}
	return s
}

// example is a text for any field, a date as well, and the birth date of nobody.
const example = "1991-02-03"

func (s *schema) example() any {
	switch {
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Format == "uuid":
		return uuid.NewString()
	case s.Pattern != "" || s.MaxLength > 0 && s.MaxLength < len(example):
		return example[:4]
	case s.Type == "string":
		return example
	case s.Type == "integer", s.Type == "number":
		return max(1, s.Minimum)
	case s.Type == "boolean":
		return true
	case s.Type == "array":
		return []any{}
	default:
		all := map[string]any{}
		for name, p := range s.Properties {
			all[name] = p.example()
		}
		return all
	}
}

// wrong returns a value that is not of the type of s.
func (s *schema) wrong() any {
	if s.Type == "array" || s.Type == "object" {
		return 7
	}
	return []any{"something", map[string]any{"else": true}}
}

func (o operation) at(change ...string) string {
	path := o.path
	for name, value := range o.params {
		if len(change) == 2 && change[0] == name {
			value = change[1]
		}
		path = strings.ReplaceAll(path, "{"+name+"}", value)
	}
	return path + "?" + o.query
}

// body returns the valid body with fields changed.
func (o operation) body(fields map[string]any) string {
	all := maps.Clone(o.good)
	if all == nil {
		all = map[string]any{}
	}
	maps.Copy(all, fields)
	text, err := json.Marshal(all)
	if err != nil {
		panic(err) // only for values that are none
	}
	return string(text)
}

// want is an expected refusal. An empty field is not compared.
type want struct {
	status      int
	code, field string
}

// refused checks a response against w and against the rules for every problem.
func refused(t *testing.T, what string, r reply, w want) {
	t.Helper()
	p := r.problem()
	if r.status != w.status || p.Code != w.code || w.field != "" && p.Field != w.field {
		t.Errorf("%s: %d %s, not %d %s %s", what, r.status, r.text, w.status, w.code, w.field)
		return
	}
	if r.kind != "application/problem+json" || p.Status != r.status || p.Title == "" || p.Detail == "" {
		t.Errorf("%s: this is not a whole problem document: %s %s", what, r.kind, r.text)
	}
	if strings.Contains(string(r.text), "$schema") || strings.Contains(string(r.text), ".go") {
		t.Errorf("%s: it tells of our insides: %s", what, r.text)
	}
}

func TestBadInputIsRefusedEverywhereAndLeavesNothing(t *testing.T) {
	t.Parallel()
	s := start(t)
	me, other := s.member(t, "Ada"), s.member(t, "Ben")
	room := me.open("A room")
	other.join(room)
	commands, uploads, reads := operations(t, map[string]string{"room": room, "person": other.id, "seat": "2"})
	used := uuid.NewString()
	if r, err := me.send("PATCH", "/api/me", `{"name":"Ada"}`, used); err != nil || r.status != 200 {
		t.Fatalf("edit: %v %d %s", err, r.status, r.text)
	}
	db := openRows(t, s)
	before := db.counts(t)

	var wg, uploading sync.WaitGroup
	for _, o := range commands {
		what := o.method + " " + o.path
		send := func(how, body string, w want) {
			t.Helper()
			r, err := me.send(o.method, o.at(), body, "")
			if err != nil {
				t.Errorf("%s, %s: %v", what, how, err)
				return
			}
			refused(t, what+", "+how, r, w)
		}
		first := "surprise"
		if o.schema != nil {
			first = slices.Sorted(maps.Keys(o.schema.Properties))[0]
			send("an unknown field", o.body(map[string]any{"surprise": 1}), want{422, "request.invalid", "body.surprise"})
			for name, p := range o.schema.Properties {
				send("the wrong type of "+name, o.body(map[string]any{name: p.wrong()}), want{422, "request.invalid", "body." + name})
				if slices.Contains(o.schema.Required, name) {
					send("null for "+name, o.body(map[string]any{name: nil}), want{422, "request.invalid", "body." + name})
					without := maps.Clone(o.good)
					delete(without, name)
					text, _ := json.Marshal(without)
					send("without "+name, string(text), want{422, "request.invalid", "body." + name})
				}
			}
			send("an array", `[]`, want{422, "request.invalid", "body"})
			send("a string", `"hello"`, want{422, "request.invalid", "body"})
			if !o.optional {
				send("empty", ``, want{400, "request.malformed", ""})
			}
		} else {
			send("a field that nobody asked for", `{"surprise":1}`, want{422, "request.invalid", "body"})
			send("an array", `[1]`, want{422, "request.invalid", "body"})
		}
		send("a field twice", `{"`+first+`":1,"`+first+`":2}`, want{400, "request.duplicate", "body." + first})
		send("a field twice, far inside", `{"a":[{"b":1,"c":{"d":1,"d":2}}]}`, want{400, "request.duplicate", "body.a[0].c.d"})
		send("nesting without end", strings.Repeat(`{"a":`, 17)+"1"+strings.Repeat("}", 17), want{400, "request.too_deep", "body"})
		send("arrays without end", strings.Repeat("[", 30000)+strings.Repeat("]", 30000), want{400, "request.too_deep", "body"})
		send("not JSON", `hello`, want{400, "request.malformed", "body"})
		send("half of it", `{"a":`, want{400, "request.malformed", ""})
		send("more than one", o.body(nil)+o.body(nil), want{400, "request.malformed", "body"})
		send("not UTF-8", "{\"a\":\"\xff\xfe\"}", want{400, "request.malformed", "body"})
		send("too large", `{"a":"`+strings.Repeat("a", 64<<10)+`"}`, want{413, "request.too_large", ""})
		refused(t, what+", too large in pieces", endless(t, me, o), want{413, "request.too_large", ""})
		refused(t, what+", shorter than it says", raw(t, me, o, 100, `{"a":1`, true), want{400, "request.malformed", ""})
		refused(t, what+", longer than it says", raw(t, me, o, 3, `{"a":1}`, true), want{400, "request.malformed", ""})
		wg.Add(1)
		go func() {
			defer wg.Done()
			refused(t, what+", without hurry", raw(t, me, o, 100, `{`, false), want{408, "request.too_slow", ""})
		}()
		for name := range o.params {
			r := me.try(o.method, o.at(name, "nonsense"), o.sendable())
			refused(t, what+", no such "+name, r, want{422, "request.invalid", "path." + name})
		}
		r := me.try(o.method, o.at()+"&surprise=1", o.sendable())
		refused(t, what+", an unknown parameter", r, want{422, "request.invalid", "query.surprise"})
		if !o.signedIn {
			continue
		}
		for how, key := range map[string]string{"no key": "", "nonsense for a key": "nonsense"} {
			refused(t, what+", "+how, keyed(t, me, o, key), want{422, "command.key_missing", "header.Idempotency-Key"})
		}
		refused(t, what+", a key used before", keyed(t, me, o, used), want{422, "command.key_reused", "header.Idempotency-Key"})
		nobody := &person{t: t, at: s, name: "Nobody"}
		refused(t, what+", nobody asks", nobody.try(o.method, o.at(), o.sendable()), want{401, "session.none", ""})
	}
	for _, o := range uploads {
		what := o.method + " " + o.path
		upload := func(o operation, body string) reply {
			t.Helper()
			r, err := http.NewRequest(o.method, s.url()+o.at(), strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+me.token)
			r.Header.Set("Idempotency-Key", uuid.NewString())
			r.Header.Set("Content-Type", o.media)
			a, err := do(r)
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			return a
		}
		refused(t, what+", empty", upload(o, ""), want{400, "request.malformed", ""})
		refused(t, what+", shorter than it says", raw(t, me, o, 100, "OggS", true), want{400, "request.malformed", ""})
		if o.media == "audio/ogg" { // one person sends two at a time
			uploading.Add(1)
			go func() {
				defer uploading.Done()
				refused(t, what+", without hurry", raw(t, other, o, 100, "OggS", false), want{408, "request.too_slow", ""})
			}()
		}
		refused(t, what+", too large", upload(o, strings.Repeat("a", 12<<20+1)), want{413, "request.too_large", ""})
		refused(t, what+", nobody asks", (&person{t: t, at: s, name: "Nobody"}).try(o.method, o.at(), "something"), want{401, "session.none", ""})
		refused(t, what+", much from nobody", (&person{t: t, at: s, name: "Nobody"}).try(o.method, o.at(), strings.Repeat("a", 64<<10)), want{413, "request.too_large", ""})
		refused(t, what+", no key", keyed(t, me, o, ""), want{422, "command.key_missing", "header.Idempotency-Key"})
		for name := range o.params {
			bad := o
			bad.params = maps.Clone(o.params)
			bad.params[name] = "nonsense"
			refused(t, what+", no such "+name, upload(bad, "something"), want{422, "request.invalid", "path." + name})
		}
		for _, junk := range []string{"something", "<svg xmlns='http://www.w3.org/2000/svg'/>", "GIF89a\x01\x00\x01\x00;", "OggS" + strings.Repeat("\x00", 64), "\xff\xd8\xff\xe0" + strings.Repeat("\x00", 64)} {
			if r := upload(o, junk); r.status/100 != 4 || r.problem().Code == "" {
				t.Errorf("%s, junk %.12q: %d %s", what, junk, r.status, r.text)
			}
		}
	}
	for _, o := range reads {
		what := o.method + " " + o.path
		for name := range o.params {
			refused(t, what+", no such "+name, me.try(o.method, o.at(name, "nonsense"), nil), want{422, "request.invalid", "path." + name})
		}
		refused(t, what+", an unknown parameter", me.try(o.method, o.at()+"&surprise=1", nil), want{422, "request.invalid", "query.surprise"})
	}
	refused(t, "an unknown category", me.try("GET", "/api/rooms?category=nonsense", nil), want{422, "request.invalid", "query.category"})
	refused(t, "no such path", me.try("POST", "/api/nonsense", nil), want{404, "request.no_such_path", ""})
	wg.Wait()
	if me.look(room).You == nil {
		t.Error("something took effect: the asking person is not in the room any more")
	}
	uploading.Wait() // longer than somebody without audio counts as there
	if after := db.counts(t); !maps.Equal(before, after) {
		t.Errorf("it left something behind: rows were %v and are %v", before, after)
	}
	t.Logf("%d commands, %d uploads and %d reads", len(commands), len(uploads), len(reads))
}

// sendable returns the valid body, or nil for an operation without one.
func (o operation) sendable() any {
	if o.schema == nil {
		return nil
	}
	return o.good
}

// counts returns the number of rows of each table that only commands write.
func (d rows) counts(t *testing.T) map[string]int {
	t.Helper()
	tables, err := d.QueryContext(context.Background(), `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('outbox', 'leases') AND name NOT LIKE 'sqlite_%'`)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for tables.Next() {
		var name string
		if err := tables.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := tables.Err(); err != nil {
		t.Fatal(err)
	}
	all := map[string]int{}
	for _, name := range names {
		var n int
		d.one(t, []any{&n}, `SELECT COUNT(*) FROM "`+name+`"`)
		all[name] = n
	}
	return all
}

// keyed sends a valid command with the given idempotency key, or without one.
func keyed(t *testing.T, p *person, o operation, key string) reply {
	t.Helper()
	var body io.Reader = http.NoBody
	if o.schema != nil {
		body = strings.NewReader(o.body(nil))
	}
	r, err := http.NewRequest(o.method, p.at.url()+o.at(), body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+p.token)
	r.Header.Set("Content-Type", "application/json")
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	a, err := do(r)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// endless sends a body of unknown length until it is stopped.
func endless(t *testing.T, p *person, o operation) reply {
	t.Helper()
	r, err := http.NewRequest(o.method, p.at.url()+o.at(), io.MultiReader(strings.NewReader(`{"a":"`), io.LimitReader(letters{}, 10<<20)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+p.token)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", uuid.NewString())
	a, err := do(r)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

type letters struct{}

func (letters) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'a'
	}
	return len(b), nil
}

// raw sends a body of another length than its header says, then closes its side or waits.
func raw(t *testing.T, p *person, o operation, length int, body string, closes bool) reply {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(p.at.url(), "http://"))
	if err != nil {
		t.Error(err)
		return reply{}
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(50 * time.Second))
	var head bytes.Buffer
	fmt.Fprintf(&head, "%s %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nIdempotency-Key: %s\r\n", o.method, o.at(), p.token, uuid.NewString())
	media := "application/json"
	if o.media != "" {
		media = o.media
	}
	fmt.Fprintf(&head, "Content-Type: %s\r\nContent-Length: %d\r\n\r\n%s", media, length, body)
	if _, err := c.Write(head.Bytes()); err != nil {
		t.Error(err)
		return reply{}
	}
	if closes {
		_ = c.(*net.TCPConn).CloseWrite()
	}
	a, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Errorf("%s %s: no answer: %v", o.method, o.path, err)
		return reply{}
	}
	defer func() { _ = a.Body.Close() }()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		t.Error(err)
	}
	return reply{status: a.StatusCode, kind: a.Header.Get("Content-Type"), text: text}
}
