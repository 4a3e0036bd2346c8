package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind classifies a Fault. The edge maps it to an HTTP status.
type Kind int

// From the caller's mistake to ours.
const (
	Internal     Kind = iota // 500: our mistake; the caller can do nothing
	Invalid                  // 422: the request is malformed or breaks a limit
	Unauthorized             // 401: no session, or wrong credentials
	Forbidden                // 403: signed in, without the permission
	NotFound                 // 404: does not exist, or is invisible to this person
	Conflict                 // 409: the current state does not allow it
	Gone                     // 410: existed and has ended or expired
	TooMany                  // 429: rate limit or quota
	Unavailable              // 503: a dependency does not answer; retry
)

// Fault is an error that a client can act on.
type Fault struct {
	Kind   Kind
	Code   string        // stable, dotted, for the client, such as "room.seat_taken"
	Detail string        // a sentence for the person; never holds a secret
	After  time.Duration // when asking again makes sense; 0: not said
	Field  string        // the field of the request that is wrong, such as "body.name"; may be empty
	Left   int           // tries that are left; 0: it is not about tries
}

func (f *Fault) Error() string {
	if f.Field != "" {
		return f.Code + " (" + f.Field + "): " + f.Detail
	}
	return f.Code + ": " + f.Detail
}

// New returns a Fault. The code never changes once released; the detail may.
func New(kind Kind, code, detail string) *Fault {
	return &Fault{Kind: kind, Code: code, Detail: detail}
}

// At returns an Invalid Fault about one field of the request.
func At(field, code, detail string) *Fault {
	return &Fault{Kind: Invalid, Code: code, Detail: detail, Field: field}
}

// As returns the first Fault in the chain of err, or nil.
func As(err error) *Fault {
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return nil
}

// KindOf returns the kind of the first Fault in the chain of err, and Internal if there is
// none.
func KindOf(err error) Kind {
	if f := As(err); f != nil {
		return f.Kind
	}
	return Internal
}

// Is reports whether the first Fault in the chain of err has this code.
func Is(err error, code string) bool {
	f := As(err)
	return f != nil && f.Code == code
}

// Wrap prefixes *err with what was being done, and does nothing if *err is nil:
//
//	defer fault.Wrap(&err, "take seat %d of %s", seat, room)
func Wrap(err *error, format string, args ...any) {
	if *err != nil {
		*err = fmt.Errorf(format+": %w", append(args, *err)...)
	}
}
