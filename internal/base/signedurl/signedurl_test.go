package signedurl_test

import (
	"strings"
	"testing"
	"time"

	"heyy/internal/base/fault"
	"heyy/internal/base/signedurl"
)

func TestATicketIsForOneViewerOneThingAndFiveMinutes(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 59, 0, time.UTC)
	o := signedurl.New([]byte("a key"), func() time.Time { return now })
	mine := o.Sign("anna", "clip/1")
	if err := o.Check("anna", "clip/1", mine); err != nil {
		t.Fatal(err)
	}
	now = now.Add(2 * time.Minute)
	if o.Sign("anna", "clip/1") == mine {
		t.Error("a ticket made later is the same")
	}
	end, _, _ := strings.Cut(mine, ".")
	for name, c := range map[string]struct{ viewer, what, ticket string }{
		"somebody else's": {"bob", "clip/1", mine},
		"another thing":   {"anna", "clip/2", mine},
		"later end":       {"anna", "clip/1", "z" + mine},
		"no seal":         {"anna", "clip/1", end + "."},
		"nothing":         {"anna", "clip/1", ""},
		"another key":     {"anna", "clip/1", signedurl.New([]byte("b key"), func() time.Time { return now }).Sign("anna", "clip/1")},
	} {
		if err := o.Check(c.viewer, c.what, c.ticket); !fault.Is(err, "ticket.wrong") {
			t.Errorf("%s: %v", name, err)
		}
	}
	now = now.Add(3 * time.Minute)
	if err := o.Check("anna", "clip/1", mine); !fault.Is(err, "ticket.stale") {
		t.Errorf("after five minutes: %v", err)
	}
}
