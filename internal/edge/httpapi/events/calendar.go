package events

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/base/fault"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
)

// media is the type of calendars.
const media = "text/calendar; charset=utf-8"

// feedPath has the token of a calendar and ".ics" below it. A calendar program reads it, which
// has no session.
const feedPath = "/api/calendars/"

// icsFile is an answer in iCalendar.
type icsFile struct {
	Type string `header:"Content-Type"`
	Name string `header:"Content-Disposition"`
	Body []byte
}

var errNoFile = fault.New(fault.NotFound, "event.calendar_gone", "This calendar address doesn't work any more.")

func (a *api) calendarOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "read-event-file", Method: http.MethodGet, Path: "/api/events/{event}/calendar",
		Summary: "An event for a calendar program (RFC 5545)", Responses: httpapi.Binary("iCalendar", "text/calendar"),
	}, func(ctx context.Context, in *InEvent) (*icsFile, error) {
		file, err := a.Events.File(ctx, httpapi.Actor(ctx), in.id(), a.Origin(ctx))
		return &icsFile{Type: media, Name: `attachment; filename="heyy.ics"`, Body: file}, err
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "read-event-calendar", Method: http.MethodGet, Path: "/api/me/calendar",
		Summary: "Whether your calendar has an address",
	}, func(ctx context.Context, _ *struct{}) (*httpapi.Body[EventCalendar], error) {
		at, err := a.Events.Calendar(ctx, httpapi.Actor(ctx))
		return httpapi.Answer(EventCalendar{MadeAt: apitypes.Millis(at)}), err
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "make-event-calendar", Method: http.MethodPost, Path: "/api/me/calendar", DefaultStatus: http.StatusCreated,
		Summary: "Make the address of your calendar, which whoever has it reads; an older one works no more",
	}, func(ctx context.Context, _ *struct{}) (*httpapi.Body[EventCalendarLink], error) {
		token, err := a.Events.MakeCalendar(ctx, httpapi.Actor(ctx))
		return httpapi.Answer(EventCalendarLink{URL: a.Origin(ctx) + feedPath + token + ".ics"}), err
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "end-event-calendar", Method: http.MethodDelete, Path: "/api/me/calendar", DefaultStatus: http.StatusNoContent,
		Summary: "End the address of your calendar",
	}, func(ctx context.Context, _ *struct{}) (*httpapi.None, error) {
		return nil, a.Events.EndCalendar(ctx, httpapi.Actor(ctx))
	})

	a.Exchange("GET "+feedPath+"{file}", "", 0, a.feed)
}

// feed answers a calendar program. The same events have the same ETag.
func (a *api) feed(w http.ResponseWriter, r *http.Request, _ []byte) error {
	token, ok := strings.CutSuffix(r.PathValue("file"), ".ics")
	if !ok || len(token) > 100 {
		return errNoFile
	}
	who, err := a.Events.ByToken(r.Context(), token)
	if err != nil {
		return err
	}
	if err := a.Budgets.TakeFeed(who); err != nil {
		return err
	}
	text, err := a.Events.Feed(r.Context(), who, a.Origin(r.Context()))
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	h := w.Header()
	h.Set("Cache-Control", "private, no-cache")
	h.Set("ETag", tag)
	if strings.Contains(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", media)
	h.Set("Content-Disposition", `inline; filename="heyy.ics"`)
	if r.Method != http.MethodHead {
		_, _ = w.Write(text) // the client is gone if this fails
	}
	return nil
}
