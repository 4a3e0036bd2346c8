package page

import (
	"encoding/base64"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"heyy/internal/base/fault"
)

// Limits of a page, in items.
const (
	Most   = 100
	Normal = 50
)

// Cursor is the place of an item in a list: when it happened, and its id, which decides
// between items of one millisecond. The zero Cursor is before the newest item.
type Cursor struct {
	At int64 // Unix milliseconds
	ID string
}

// Of returns the cursor of an item.
func Of(at time.Time, id string) Cursor { return Cursor{at.UnixMilli(), id} }

// String returns the form that clients send back: opaque, and safe in a query. The zero
// Cursor is "".
func (c Cursor) String() string {
	if c == (Cursor{}) {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(c.At, 10) + " " + c.ID))
}

// Parse reads a cursor that String wrote; "" is the zero Cursor. Fault: page.cursor_wrong.
func Parse(text string) (Cursor, error) {
	if text == "" {
		return Cursor{}, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		at, id, _ := strings.Cut(string(raw), " ")
		ms, err := strconv.ParseInt(at, 10, 64)
		c := Cursor{ms, id}
		// The id goes into a query, and not every database takes every byte.
		if err == nil && id != "" && len(id) <= 64 && utf8.ValidString(id) && !strings.ContainsRune(id, 0) && c.String() == text {
			return c, nil
		}
	}
	return Cursor{}, fault.At("query.before", "page.cursor_wrong", "The rest of this list can't be read from here. Start again at the top.")
}

// Request asks for the part of a list after a cursor, the newest item first.
type Request struct {
	Before Cursor
	Limit  int // items at most; 0: Normal
}

// Args returns the three arguments of a query that takes a page:
//
//	WHERE (at < $2 OR at = $2 AND id > $3) ORDER BY at DESC, id LIMIT $4
//
// The limit is one more than asked for, so that Cut knows whether the list goes on.
func (r Request) Args() (at int64, id string, limit int) {
	at = r.Before.At
	if r.Before == (Cursor{}) {
		at = math.MaxInt64
	}
	return at, r.Before.ID, r.Size() + 1
}

// Size returns how many items the page has at most.
func (r Request) Size() int {
	if r.Limit <= 0 {
		return Normal
	}
	return min(r.Limit, Most)
}

// Cut returns the items of the page and the cursor of the next one; zero if the list ends
// with this page.
func Cut[T any](r Request, items []T, of func(T) Cursor) ([]T, Cursor) {
	n := r.Size()
	if len(items) <= n {
		return items, Cursor{}
	}
	return items[:n], of(items[n-1])
}
