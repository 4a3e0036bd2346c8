package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
)

// Problem is an error as RFC 9457 has it, with our stable code.
type Problem struct {
	Status    int    `json:"status" example:"409"`
	Title     string `json:"title" example:"Conflict"`
	Code      string `json:"code" doc:"Stable, for programs" example:"room.seat_taken"`
	Detail    string `json:"detail" doc:"One sentence for a person" example:"Someone just took that seat."`
	Field     string `json:"field,omitempty" doc:"The field to blame, if there is one" example:"body.seat"`
	Left      int    `json:"left,omitempty" doc:"Tries that are left, of what one may get wrong"`
	RequestID string `json:"request_id,omitempty" doc:"Quote this to the operator"`

	after time.Duration // when to ask again; 0: as its code says
}

func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

var statusOf = map[fault.Kind]int{
	fault.Internal:     http.StatusInternalServerError,
	fault.Invalid:      http.StatusUnprocessableEntity,
	fault.Unauthorized: http.StatusUnauthorized,
	fault.Forbidden:    http.StatusForbidden,
	fault.NotFound:     http.StatusNotFound,
	fault.Conflict:     http.StatusConflict,
	fault.Gone:         http.StatusGone,
	fault.TooMany:      http.StatusTooManyRequests,
	fault.Unavailable:  http.StatusServiceUnavailable,
}

// codeOf names what huma itself refuses.
var codeOf = map[int]string{
	http.StatusBadRequest:            "request.malformed",
	http.StatusUnprocessableEntity:   "request.invalid",
	http.StatusRequestEntityTooLarge: "request.too_large",
	http.StatusUnsupportedMediaType:  "request.media_type",
	http.StatusNotAcceptable:         "request.not_acceptable",
	http.StatusRequestTimeout:        "request.too_slow",
	http.StatusMethodNotAllowed:      "request.method",
	http.StatusNotFound:              "request.no_such_path",
}

// problemOf shapes any error of a handler. What is no fault is logged here,
// once, and told without detail.
func problemOf(ctx context.Context, log *slog.Logger, err error) *Problem {
	p := &Problem{RequestID: requestID(ctx)}
	f := fault.As(err)
	switch {
	case errors.Is(err, db.ErrClaimed):
		p.Status, p.Code = http.StatusConflict, "command.applied"
		p.Detail = "This has already taken effect."
	case errors.Is(err, context.Canceled):
		p.Status, p.Code, p.Detail = 499, "request.cancelled", "The request was cancelled."
	case f == nil || f.Kind == fault.Internal:
		log.ErrorContext(ctx, "request failed", "err", err, "request_id", p.RequestID)
		p.Status, p.Code = http.StatusInternalServerError, "internal"
		p.Detail = "Something went wrong on our side. Try again in a moment."
	default:
		p.Status, p.Code, p.Detail, p.Field, p.after, p.Left = statusOf[f.Kind], f.Code, f.Detail, f.Field, f.After, f.Left
	}
	p.Title = title(p.Status)
	return p
}

func title(status int) string {
	if t := http.StatusText(status); t != "" {
		return t
	}
	return "Request cancelled"
}

// maxDetail bounds the sentence of a refusal, in bytes.
const maxDetail = 300

// refusal shapes what huma refuses before a handler runs.
func refusal(ctx context.Context, status int, msg string, errs ...error) *Problem {
	p := &Problem{Status: status, Title: title(status), Code: codeOf[status], Detail: sentence(msg), RequestID: requestID(ctx)}
	if p.Code == "" {
		p.Code = "request.refused"
	}
	for _, err := range errs {
		var d *huma.ErrorDetail
		if errors.As(err, &d) {
			p.Detail, p.Field = sentence(d.Message), d.Location
			if len(p.Detail) > maxDetail {
				p.Detail = sentence("") // it quotes what was sent
			}
			if name, ok := strings.CutPrefix(d.Message, "expected required property "); ok {
				name, _, _ = strings.Cut(name, " ")
				p.Field += "." + name // huma blames what it is missing in
			}
			break
		}
	}
	return p
}

func sentence(s string) string {
	if s == "" {
		return "This request can't be accepted."
	}
	b := []byte(s)
	if b[0] >= 'a' && b[0] <= 'z' {
		b[0] -= 'a' - 'A'
	}
	if b[len(b)-1] != '.' {
		b = append(b, '.')
	}
	return string(b)
}

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header {
	if p.after > 0 {
		return http.Header{"Retry-After": {strconv.Itoa(int((p.after + time.Second - 1) / time.Second))}}
	}
	if s, ok := retryAfter[p.Code]; ok {
		return http.Header{"Retry-After": {s}}
	}
	return nil
}

// write sends a problem from outside huma.
func (p *Problem) write(w http.ResponseWriter) {
	maps.Copy(w.Header(), p.GetHeaders())
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client is gone if this fails
}

func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	problemOf(r.Context(), a.conf.Log, err).write(w)
}
