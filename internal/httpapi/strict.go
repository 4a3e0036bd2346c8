package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
	"unicode/utf8"
)

const (
	bodyLimit = 64 << 10         // how much a command may say
	bodyTime  = 10 * time.Second // and how long it may take
	maxDepth  = 16               // how deep JSON may nest
)

// strictError is JSON that encoding/json would take and we do not.
type strictError struct{ code, field, says string }

func (e *strictError) Error() string { return e.says }

// strictly reads the body of a command, no more than fits and no longer than it
// may take, and lets only strict JSON through.
func (a *API) strictly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !changes(r) {
			next.ServeHTTP(w, r)
			return
		}
		// Not every writer has deadlines; those of the real server do.
		control := http.NewResponseController(w)
		json, limit, within := sentAs(r)
		if !json {
			if !a.sending.begin(who(r.Context())) {
				a.fail(w, r, errSending)
				return
			}
			defer a.sending.end(who(r.Context()))
		}
		_ = control.SetReadDeadline(time.Now().Add(within))
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
		if err == nil {
			_ = control.SetReadDeadline(time.Time{})
		} else {
			// Otherwise the answer would wait for the rest of the body.
			w.Header().Set("Connection", "close")
		}
		var big *http.MaxBytesError
		var s *strictError
		switch {
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
			p := refusal(r.Context(), http.StatusBadRequest, s.says)
			p.Code, p.Field = s.code, s.field
			p.write(w)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// strict refuses a name twice in one object, nesting over maxDepth, broken text
// and anything after the value.
func strict(data []byte) error {
	if !utf8.Valid(data) {
		return &strictError{"request.malformed", "body", "This is not valid UTF-8."}
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := value(d, "body", 0); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return &strictError{"request.malformed", "body", "There is something after the JSON value."}
	}
	return nil
}

func value(d *json.Decoder, at string, depth int) error {
	t, err := d.Token()
	if err != nil {
		return &strictError{"request.malformed", at, "This is not valid JSON."}
	}
	open, ok := t.(json.Delim)
	if !ok {
		return nil
	}
	if depth++; depth > maxDepth {
		return &strictError{"request.too_deep", "body", fmt.Sprintf("This is nested deeper than %d levels.", maxDepth)}
	}
	seen := map[string]bool{}
	for i := 0; d.More(); i++ {
		inside := fmt.Sprintf("%s[%d]", at, i)
		if open == '{' {
			k, err := d.Token()
			name, ok := k.(string)
			if err != nil || !ok {
				return &strictError{"request.malformed", at, "This is not valid JSON."}
			}
			inside = at + "." + name
			if seen[name] {
				return &strictError{"request.duplicate", inside, "This field stands there twice."}
			}
			seen[name] = true
		}
		if err := value(d, inside, depth); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return &strictError{"request.malformed", at, "This is not valid JSON."}
	}
	return nil
}
