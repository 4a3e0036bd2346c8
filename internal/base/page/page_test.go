package page_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"heyy/internal/base/fault"
	"heyy/internal/base/page"
)

// list answers pages as a table does.
func list(items []page.Cursor, r page.Request) ([]page.Cursor, page.Cursor) {
	at, id, limit := r.Args()
	var found []page.Cursor
	for _, it := range items {
		if (it.At < at || it.At == at && it.ID > id) && len(found) < limit {
			found = append(found, it)
		}
	}
	return page.Cut(r, found, func(c page.Cursor) page.Cursor { return c })
}

func TestPagesHaveEachItemOnceAlsoWhenTheListGrows(t *testing.T) {
	var items []page.Cursor
	for i := range 230 {
		// Three of each millisecond.
		items = append(items, page.Of(time.UnixMilli(int64(1000-i/3)), string(rune('a'+i%3))))
	}
	for _, limit := range []int{0, 1, 7, 100, 1000} {
		all := slices.Clone(items)
		var got []page.Cursor
		r := page.Request{Limit: limit}
		for {
			part, next := list(all, r)
			if n := len(part); n > page.Most {
				t.Fatalf("a page of %d", n)
			}
			got = append(got, part...)
			if next == (page.Cursor{}) {
				break
			}
			again, err := page.Parse(next.String())
			if err != nil || again != next {
				t.Fatalf("%+v came back as %+v, %v", next, again, err)
			}
			r.Before = again
			all = append([]page.Cursor{page.Of(time.UnixMilli(int64(2000+len(got))), "new")}, all...)
		}
		if !slices.Equal(got, items) {
			t.Errorf("limit %d: %d items instead of %d", limit, len(got), len(items))
		}
	}
}

func TestACursorThatWeDidNotWriteIsRefused(t *testing.T) {
	for _, bad := range []string{"x", "====", "MTIz", "YSBi", "MTIzIA", strings.Repeat("A", 500), "-1 a", "9223372036854775808", "MCAA", "MCD_", "KzUgYQ", "NSBh\n"} {
		if c, err := page.Parse(bad); !fault.Is(err, "page.cursor_wrong") {
			t.Errorf("%q: %+v, %v", bad, c, err)
		}
	}
}
