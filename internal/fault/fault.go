package fault

import (
	"errors"
	"fmt"
)

// Kind says what sort of thing went wrong; the edge turns it into a status.
type Kind int

// The kinds, from the caller's mistake to ours.
const (
	Internal     Kind = iota // ours; nothing the caller can do
	Invalid                  // the request itself is wrong
	Unauthorized             // nobody is signed in, or the proof is wrong
	Forbidden                // somebody is signed in, and may not
	NotFound                 // there is no such thing, or not for this person
	Conflict                 // the state of things says no
	Gone                     // it was here and has ended
	TooMany                  // slow down
	Unavailable              // a part we need does not answer; try again
)

// Fault is an error a client can act on.
type Fault struct {
	Kind   Kind
	Code   string // stable, dotted, for the client: "room.seat_taken"
	Detail string // one sentence for the person, without secrets
	Field  string // where it is about one field of the request: "body.name"
}

func (f *Fault) Error() string {
	if f.Field != "" {
		return f.Code + " (" + f.Field + "): " + f.Detail
	}
	return f.Code + ": " + f.Detail
}

// New makes a fault. Code is stable for ever; detail may be reworded.
func New(kind Kind, code, detail string) *Fault {
	return &Fault{Kind: kind, Code: code, Detail: detail}
}

// At is New for one field of the request.
func At(field, code, detail string) *Fault {
	return &Fault{Kind: Invalid, Code: code, Detail: detail, Field: field}
}

// As finds the fault in an error chain, or nil.
func As(err error) *Fault {
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return nil
}

// KindOf is the kind of err: Internal unless a fault stands in its chain.
func KindOf(err error) Kind {
	if f := As(err); f != nil {
		return f.Kind
	}
	return Internal
}

// Is reports whether a fault with this code stands in err's chain.
func Is(err error, code string) bool {
	f := As(err)
	return f != nil && f.Code == code
}

// Wrap puts what was being done in front of *err, if there is one:
//
//	defer fault.Wrap(&err, "take seat %d of %s", seat, room)
func Wrap(err *error, format string, args ...any) {
	if *err != nil {
		*err = fmt.Errorf(format+": %w", append(args, *err)...)
	}
}
