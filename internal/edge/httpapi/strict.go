package httpapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	bodyLimit = 64 << 10         // how much a command may say
	bodyTime  = 10 * time.Second // and how long it may take,
	slowest   = imageLimit / 60  // and a second more for so many bytes: the largest upload has a minute more
	maxDepth  = 16               // how deep JSON may nest
	maxValues = 2000             // how many values it may have: no command needs half of them
)

// fieldName is what a field may be called: ours, and those of a browser's
// credential, which passes through. A dot would be taken for a path.
var fieldName = regexp.MustCompile(`^[A-Za-z0-9_$:/-]{1,100}$`)

// strictError is JSON that encoding/json would take and we do not.
type strictError struct{ code, field, says string }

var statusOfStrict = map[string]int{
	"request.malformed": http.StatusBadRequest,
	"request.duplicate": http.StatusBadRequest,
	"request.too_deep":  http.StatusBadRequest,
	"request.too_large": http.StatusRequestEntityTooLarge,
	"request.invalid":   http.StatusUnprocessableEntity,
}

func (e *strictError) Error() string { return e.says }

// strictly reads the body of a command, no more than fits and no slower than it
// may come, and lets only strict JSON through. What it read is there once, for
// all that follow: see sent.
func (a *API) strictly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !changes(r) {
			next.ServeHTTP(w, r)
			return
		}
		json, limit := a.sentAs(r)
		grow := func(int64) error { return nil }
		if !json {
			if !a.sending.begin(Actor(r.Context())) {
				a.fail(w, r, errSending)
				return
			}
			defer a.sending.end(Actor(r.Context()))
			space := a.held.begin(Actor(r.Context()), a.conf.Accounts.Network(ClientAddress(r)))
			defer space.free()
			grow = func(size int64) error { return space.grow(r.Context(), min(size, limit)) }
		}
		body, err := read(w, r, limit, grow)
		if err != nil {
			// Otherwise the answer would wait for the rest of the body.
			w.Header().Set("Connection", "close")
		}
		var big *http.MaxBytesError
		var s *strictError
		switch {
		case errors.Is(err, ErrBusy):
			a.fail(w, r, err)
			return
		case errors.As(err, &big):
			refusal(r.Context(), http.StatusRequestEntityTooLarge, "this is too large").write(w)
			return
		case errors.Is(err, os.ErrDeadlineExceeded):
			refusal(r.Context(), http.StatusRequestTimeout, "this came too slowly").write(w)
			return
		case err != nil:
			refusal(r.Context(), http.StatusBadRequest, "the request broke off").write(w)
			return
		case json && len(body) > 0 && errors.As(strict(body), &s):
			p := refusal(r.Context(), statusOfStrict[s.code], s.says)
			p.Code, p.Field = s.code, s.field
			p.write(w)
			return
		}
		r = r.WithContext(context.WithValue(r.Context(), sentKey{}, body))
		if !json {
			body = body[:min(1, len(body))] // enough to tell that something came: handlers take it from sent
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

type sentKey struct{}

// sent is the body of a command as it came.
func sent(ctx context.Context) []byte {
	b, _ := ctx.Value(sentKey{}).([]byte)
	return b
}

// length is how much a body may turn out to be, at most what is more than limit.
func length(r *http.Request, limit int64) int64 {
	if r.ContentLength < 0 {
		return limit
	}
	return min(r.ContentLength, limit+1)
}

// Memory for a body grows with what has come: an eighth of it at least is there
// before there is more. The first steps are enough for what the client sends
// mostly. That of a command is counted by nobody and anybody may declare one, so
// it is small: a connection of HTTP/2 has a hundred.
const (
	firstStep   = 256 << 10 // of an upload
	commandStep = 4 << 10   // of a command, or a body that does not say how long it is
	stepFactor  = 8         // few steps: each copies what is there
)

// read takes a body whole into one piece of memory, and asks grow before it
// takes more. The time it may take grows with what has come, so that slow
// networks get through and idle senders do not.
func read(w http.ResponseWriter, r *http.Request, limit int64, grow func(size int64) error) ([]byte, error) {
	control := http.NewResponseController(w) // not every writer has deadlines; those of the real server do
	from := http.MaxBytesReader(w, r.Body, limit)
	most := length(r, limit) + 1 // one more, and the end is seen without growing
	size := int64(firstStep)
	if r.ContentLength < 0 || limit <= bodyLimit {
		size = commandStep
	}
	var buf []byte
	var begin time.Time
	for {
		if len(buf) == cap(buf) {
			size = min(size, most)
			if err := grow(size); err != nil {
				return nil, err
			}
			buf = append(make([]byte, 0, size), buf...)
			size *= stepFactor
		}
		if begin.IsZero() {
			begin = time.Now() // waiting for room is not the sender's time
		}
		_ = control.SetReadDeadline(begin.Add(bodyTime + time.Duration(len(buf))*time.Second/slowest))
		n, err := from.Read(buf[len(buf):min(cap(buf), len(buf)+chunk)])
		buf = buf[:len(buf)+n]
		if errors.Is(err, io.EOF) {
			_ = control.SetReadDeadline(time.Time{})
			return buf, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// strict refuses a name twice in one object, nesting over maxDepth, more values
// than any command has, names no field could have, broken text and anything
// after the value. Its cost is linear in data, and so is that of whatever reads
// what it lets through: names and values are few and short.
func strict(data []byte) error {
	if !utf8.Valid(data) {
		return &strictError{"request.malformed", "body", "This is not valid UTF-8."}
	}
	// Refuses names that stand twice. Allowed is half of a surrogate pair, escaped: browsers
	// send it for a character that was cut.
	d := jsontext.NewDecoder(bytes.NewReader(data), jsontext.AllowInvalidUTF8(true))
	for values, over := 0, false; ; over = d.StackDepth() == 0 {
		t, err := d.ReadToken()
		var syntax *jsontext.SyntacticError
		switch {
		case over && errors.Is(err, io.EOF):
			return nil
		case over:
			return &strictError{"request.malformed", "body", "There is something after the JSON value."}
		case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &syntax):
			return &strictError{"request.duplicate", fieldAt(d, syntax.JSONPointer), "This field stands there twice."}
		case err != nil:
			return &strictError{"request.malformed", fieldAt(d, d.StackPointer()), "This is not valid JSON."}
		}
		switch parent, length := d.StackIndex(d.StackDepth()); {
		case t.Kind() == '}' || t.Kind() == ']':
			continue
		case parent == '{' && length%2 == 1: // a name
			if !fieldName.MatchString(t.String()) {
				return &strictError{"request.invalid", fieldAt(d, d.StackPointer().Parent()), "No field has such a name."}
			}
			continue
		}
		if values++; values > maxValues {
			return &strictError{"request.too_large", "body", fmt.Sprintf("These are more than %d values.", maxValues)}
		}
		if d.StackDepth() > maxDepth {
			return &strictError{"request.too_deep", "body", fmt.Sprintf("This is nested deeper than %d levels.", maxDepth)}
		}
	}
}

// fieldAt writes a place that d has come to as problems do: body.intents[1].
func fieldAt(d *jsontext.Decoder, at jsontext.Pointer) string {
	field, level := "body", 0
	for name := range at.Tokens() {
		if level++; level > d.StackDepth() {
			return field + "." + name
		}
		if kind, _ := d.StackIndex(level); kind == '[' {
			field += "[" + name + "]"
		} else {
			field += "." + name
		}
	}
	return field
}
