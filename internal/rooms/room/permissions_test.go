package room

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"

	"heyy/internal/base/fault"
)

// names are the actions as the table writes them.
var names = map[action]string{
	actionRead: "read", actionListen: "listen", actionJoin: "join", actionLeave: "leave", actionTakeSeat: "take-seat", actionLeaveSeat: "leave-seat",
	actionMute: "mute", actionUnmute: "unmute", actionMoveToAudience: "move-to-audience", actionAllowToSpeak: "allow-to-speak",
	actionRemove: "remove", actionBan: "ban", actionEnd: "end", actionSetEntry: "set-entry", actionShare: "share", actionHideFrom: "hide-from", actionDisplace: "displace",
	actionRaiseHand: "raise-hand", actionLowerHand: "lower-hand", actionInvite: "invite", actionAccept: "accept", actionDecline: "decline",
	actionMuteMember: "mute-member", actionAllowToUnmute: "allow-to-unmute", actionLockSeat: "lock-seat", actionMakeCoHost: "make-co-host", actionUnmakeCoHost: "unmake-co-host",
	actionHandOver: "hand-over", actionSetHands: "set-hands", actionReadLog: "read-log", actionUndo: "undo", actionSetChat: "set-chat", actionEdit: "edit", actionMuteChat: "mute-chat", actionAllowToWrite: "allow-to-write",
	actionWrite: "write", actionReadChat: "read-chat", actionReact: "react", actionCaption: "caption", actionDeleteMessage: "delete-message",
}

// actors are the columns of the table. Who has blocked three people of the room has
// used up what they may displace.
var actors = []struct {
	name string
	person
}{
	{"outsider", person{role: Listener, canSpeak: true}},
	{"isolated", person{role: Listener, known: true, canSpeak: true, removed: true, isolated: true}},
	{"inside", person{role: Speaker, known: true, present: true, canSpeak: true, seated: true, isolated: true}},
	{"removed", person{role: Listener, known: true, canSpeak: true, removed: true}},
	{"audience", person{role: Listener, known: true, present: true}},
	{"listener", person{role: Listener, known: true, present: true, canSpeak: true, hands: true}},
	{"speaker", person{role: Speaker, known: true, present: true, canSpeak: true, seated: true, hands: true}},
	{"blocker", person{role: Speaker, known: true, present: true, canSpeak: true, seated: true, blocked: 3}},
	{"muted", person{role: Speaker, known: true, present: true, canSpeak: true, seated: true, mutedByHost: true, hands: true}},
	{"invited", person{role: Listener, known: true, present: true, invited: true, hands: true}},
	{"co-host", person{role: CoHost, known: true, present: true, canSpeak: true}},
	{"co-gone", person{role: CoHost, known: true, canSpeak: true}},
	{"host", person{role: Host, known: true, present: true, canSpeak: true, seated: true, blocked: 9}},
	{"host-gone", person{role: Host, known: true, canSpeak: true, blocked: 9}},
}

// targets are the rows of the table; an action that looks at none of them has one
// row, "any".
var targets = []struct {
	name string
	target
}{
	{"room", target{}},
	{"oneself", target{self: true, person: person{role: Listener, known: true, present: true}}},
	{"stranger", target{person: person{role: Listener}}},
	{"gone", target{person: person{role: Listener, known: true}}},
	{"listener", target{person: person{role: Listener, known: true, present: true}}},
	{"speaker", target{person: person{role: Speaker, known: true, present: true, seated: true}}},
	{"co-host", target{person: person{role: CoHost, known: true, present: true}}},
	{"apart", target{person: person{role: Listener, known: true, present: true}, apart: true}},
	{"host", target{person: person{role: Host, known: true, present: true}}},
	{"host-gone", target{person: person{role: Host, known: true}}},
	{"free", target{seat: seatFree}},
	{"own", target{seat: seatOwn}},
	{"taken", target{seat: seatTaken}},
	{"locked", target{seat: seatLocked}},
	{"none", target{seat: seatNone}},
	{"unknown", target{seat: seatUnknown}},
}

// table is who may do what: "-" is yes, anything else the code of the refusal
// without "room.". "go" is that of two people who must not meet the acting one goes.
const table = `
                           outsider     isolated     inside       removed      audience     listener     speaker      blocker      muted        invited      co-host      co-gone      host         host-gone
read             any       -            not_found    not_found    removed      -            -            -            -            -            -            -            -            -            -
listen           any       -            not_found    not_found    removed      -            -            -            -            -            -            -            -            -            -
join             any       -            not_found    not_found    removed      -            -            -            -            -            -            -            -            -            -
leave            any       -            -            -            -            -            -            -            -            -            -            -            -            -            -
leave-seat       any       not_here     not_here     not_found    not_here     -            -            -            -            -            -            -            not_here     -            not_here
mute             any       not_here     not_here     not_found    not_here     -            -            -            -            -            -            -            not_here     -            not_here
unmute           any       not_here     not_here     not_found    not_here     no_seat      no_seat      -            -            muted_by_host no_seat      no_seat      not_here     -            not_here
caption          any       not_here     not_here     not_found    not_here     no_seat      no_seat      -            -            muted_by_host no_seat      no_seat      not_here     -            not_here
end              any       host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            -
share            any       host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            -
set-entry        any       host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            -

take-seat        free      not_here     not_here     not_found    not_here     seat_refused -            -            seat_shut    -            seat_refused -            not_here     -            not_here
take-seat        own       not_here     not_here     not_found    not_here     -            -            -            -            -            -            -            not_here     -            not_here
take-seat        taken     not_here     not_here     not_found    not_here     seat_refused seat_taken   seat_taken   seat_taken   seat_taken   seat_refused seat_taken   not_here     seat_taken   not_here
take-seat        locked    not_here     not_here     not_found    not_here     seat_refused seat_locked  seat_locked  seat_locked  seat_locked  seat_refused -            not_here     -            not_here
take-seat        none      not_here     not_here     not_found    not_here     seat_refused seats_full   seats_full   seats_full   seats_full   seat_refused seats_full   not_here     seats_full   not_here
take-seat        unknown   not_here     not_here     not_found    not_here     seat_unknown seat_unknown seat_unknown seat_unknown seat_unknown seat_unknown seat_unknown not_here     seat_unknown not_here

move-to-audience oneself   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    self         host_only    self         self
move-to-audience stranger  host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  host_only    person_gone  person_gone
move-to-audience gone      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  host_only    person_gone  person_gone
move-to-audience listener  host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
move-to-audience speaker   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
move-to-audience co-host   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
move-to-audience apart     host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  host_only    -            -
move-to-audience host      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    *            *
move-to-audience host-gone host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    *            *

allow-to-speak   oneself   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    self         host_only    self         self
allow-to-speak   stranger  host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  host_only    person_gone  person_gone
allow-to-speak   gone      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  host_only    person_gone  person_gone
allow-to-speak   listener  host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
allow-to-speak   speaker   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
allow-to-speak   co-host   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
allow-to-speak   apart     host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  host_only    -            -
allow-to-speak   host      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    *            *
allow-to-speak   host-gone host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    *            *

remove           oneself   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    self         host_only    self         self
remove           stranger  host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  host_only    person_gone  person_gone
remove           gone      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
remove           listener  host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
remove           speaker   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
remove           co-host   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
remove           apart     host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  host_only    -            -
remove           host      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    *            *
remove           host-gone host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    *            *

ban              oneself   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    self         host_only    self         self
ban              stranger  host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  host_only    person_gone  person_gone
ban              gone      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
ban              listener  host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
ban              speaker   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
ban              co-host   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
ban              apart     host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  host_only    -            -
ban              host      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    *            *
ban              host-gone host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    *            *

hide-from        stranger  go           go           go           go           go           go           go           go           go           go           go           go           go           go
hide-from        gone      go           go           go           go           go           go           go           go           go           go           go           go           go           go
hide-from        listener  go           go           go           go           -            -            go           go           go           -            go           go           go           go
hide-from        speaker   go           go           go           go           go           go           go           go           go           go           go           go           go           go
hide-from        co-host   go           go           go           go           go           go           go           go           go           go           go           go           go           go
hide-from        apart     go           go           go           go           -            -            go           go           go           -            go           go           go           go
hide-from        host      go           go           go           go           go           go           go           go           go           go           go           go           *            *
hide-from        host-gone go           go           go           go           go           go           go           go           go           go           go           go           *            *

displace         stranger  -            -            -            -            -            -            -            -            -            -            -            -            -            -
displace         gone      -            -            -            -            -            -            -            -            -            -            -            -            -            -
displace         listener  go           go           -            go           -            -            -            go           -            -            -            go           -            -
displace         speaker   go           go           -            go           go           go           -            go           -            go           -            go           -            -
displace         co-host   go           go           go           go           go           go           go           go           go           go           -            go           -            -
displace         apart     go           go           -            go           -            -            -            go           -            -            -            go           -            -
displace         host      go           go           go           go           go           go           go           go           go           go           go           go           *            *
displace         host-gone go           go           go           go           go           go           go           go           go           go           go           go           *            *

raise-hand       any       not_here     not_here     not_found    not_here     hands_off    -            on_stage     on_stage     -            -            on_stage     not_here     on_stage     not_here
decline          any       not_here     not_here     not_found    not_here     not_invited  not_invited  not_invited  not_invited  not_invited  -            not_invited  not_here     not_invited  not_here
set-hands        any       host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
read-log         any       host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -

accept           free      not_here     not_here     not_found    not_here     not_invited  not_invited  not_invited  not_invited  not_invited  -            not_invited  not_here     not_invited  not_here
accept           own       not_here     not_here     not_found    not_here     not_invited  not_invited  not_invited  not_invited  not_invited  -            not_invited  not_here     not_invited  not_here
accept           taken     not_here     not_here     not_found    not_here     not_invited  not_invited  not_invited  not_invited  not_invited  -            not_invited  not_here     not_invited  not_here
accept           locked    not_here     not_here     not_found    not_here     not_invited  not_invited  not_invited  not_invited  not_invited  -            not_invited  not_here     not_invited  not_here
accept           none      not_here     not_here     not_found    not_here     not_invited  not_invited  not_invited  not_invited  not_invited  seats_full   not_invited  not_here     not_invited  not_here
accept           unknown   not_here     not_here     not_found    not_here     not_invited  not_invited  not_invited  not_invited  not_invited  -            not_invited  not_here     not_invited  not_here

lock-seat        free      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
lock-seat        own       host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    seat_taken   host_only    seat_taken   seat_taken
lock-seat        taken     host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    seat_taken   host_only    seat_taken   seat_taken
lock-seat        locked    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
lock-seat        none      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
lock-seat        unknown   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    seat_unknown host_only    seat_unknown seat_unknown

invite           oneself   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    self         host_only    self         self
invite           stranger  host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  host_only    person_gone  person_gone
invite           gone      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  host_only    person_gone  person_gone
invite           listener  host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
invite           speaker   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_on_stage host_only    person_on_stage person_on_stage
invite           co-host   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
invite           apart     host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  host_only    -            -
invite           host      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    *            *
invite           host-gone host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    *            *

mute-member      oneself   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    self         host_only    self         self
mute-member      stranger  host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  host_only    person_gone  person_gone
mute-member      gone      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  host_only    person_gone  person_gone
mute-member      listener  host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_not_on_stage host_only    person_not_on_stage person_not_on_stage
mute-member      speaker   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
mute-member      co-host   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_not_on_stage host_only    person_not_on_stage person_not_on_stage
mute-member      apart     host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  host_only    person_not_on_stage person_not_on_stage
mute-member      host      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    *            *
mute-member      host-gone host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    *            *

allow-to-unmute oneself   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    self         host_only    self         self
allow-to-unmute stranger  host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  host_only    person_gone  person_gone
allow-to-unmute gone      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  host_only    person_gone  person_gone
allow-to-unmute listener  host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
allow-to-unmute speaker   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
allow-to-unmute co-host   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
allow-to-unmute  apart     host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  host_only    -            -
allow-to-unmute host      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    *            *
allow-to-unmute host-gone host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    *            *

make-co-host     oneself   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    self         self
make-co-host     stranger  host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  person_gone
make-co-host     gone      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  person_gone
make-co-host     listener  host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            -
make-co-host     speaker   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            -
make-co-host     co-host   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            -
make-co-host     apart     host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            -
make-co-host     host      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    *            *
make-co-host     host-gone host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    *            *

unmake-co-host   oneself   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    self         self
unmake-co-host   stranger  host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  person_gone
unmake-co-host   gone      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            -
unmake-co-host   listener  host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            -
unmake-co-host   speaker   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            -
unmake-co-host   co-host   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            -
unmake-co-host   apart     host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            -
unmake-co-host   host      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    *            *
unmake-co-host   host-gone host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    *            *

hand-over        oneself   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    self         self
hand-over        stranger  host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  person_gone
hand-over        gone      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  person_gone
hand-over        listener  host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            -
hand-over        speaker   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            -
hand-over        co-host   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            -
hand-over        apart     host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            -
hand-over        host      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    *            *
hand-over        host-gone host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    *            *

lower-hand       oneself   not_here     not_here     -            not_here     -            -            -            -            -            -            -            not_here     -            not_here
lower-hand       stranger  host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  host_only    person_gone  person_gone
lower-hand       gone      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  host_only    person_gone  person_gone
lower-hand       listener  host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
lower-hand       speaker   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
lower-hand       co-host   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
lower-hand       apart     host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  host_only    -            -
lower-hand       host      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    *            *
lower-hand       host-gone host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    *            *

undo             oneself   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
undo             stranger  host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            -
undo             gone      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            -
undo             listener  host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            -
undo             speaker   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            -
undo             co-host   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            -
undo             apart     host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            -
undo             host      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    *            *
undo             host-gone host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    *            *

set-chat         any       host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
edit             any       host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
write            any       not_here     not_here     not_found    not_here     -            -            -            -            -            -            -            not_here     -            not_here
read-chat        any       not_here     not_here     not_found    not_here     -            -            -            -            -            -            -            not_here     -            not_here
react            any       not_here     not_here     not_found    not_here     -            -            -            -            -            -            -            not_here     -            not_here
mute-chat        oneself   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    self         host_only    self         self
mute-chat        stranger  host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  host_only    person_gone  person_gone
mute-chat        gone      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  host_only    person_gone  person_gone
mute-chat        listener  host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
mute-chat        speaker   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
mute-chat        co-host   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
mute-chat        apart     host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  host_only    -            -
mute-chat        host      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    *            *
mute-chat        host-gone host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    *            *
allow-to-write   oneself   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    self         host_only    self         self
allow-to-write   stranger  host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  host_only    person_gone  person_gone
allow-to-write   gone      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  host_only    person_gone  person_gone
allow-to-write   listener  host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
allow-to-write   speaker   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
allow-to-write   co-host   host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    -            host_only    -            -
allow-to-write   apart     host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    person_gone  host_only    -            -
allow-to-write   host      host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    *            *
allow-to-write   host-gone host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    host_only    *            *
delete-message   oneself   not_here     not_here     not_found    not_here     -            -            -            -            -            -            -            not_here     -            not_here
delete-message   stranger  not_here     not_here     not_found    not_here     host_only    host_only    host_only    host_only    host_only    host_only    -            not_here     -            not_here
delete-message   gone      not_here     not_here     not_found    not_here     host_only    host_only    host_only    host_only    host_only    host_only    -            not_here     -            not_here
delete-message   listener  not_here     not_here     not_found    not_here     host_only    host_only    host_only    host_only    host_only    host_only    -            not_here     -            not_here
delete-message   speaker   not_here     not_here     not_found    not_here     host_only    host_only    host_only    host_only    host_only    host_only    -            not_here     -            not_here
delete-message   co-host   not_here     not_here     not_found    not_here     host_only    host_only    host_only    host_only    host_only    host_only    -            not_here     -            not_here
delete-message   apart     not_here     not_here     not_found    not_here     host_only    host_only    host_only    host_only    host_only    host_only    -            not_here     -            not_here
delete-message   host      not_here     not_here     not_found    not_here     host_only    host_only    host_only    host_only    host_only    host_only    host_only    not_here     *            *
delete-message   host-gone not_here     not_here     not_found    not_here     host_only    host_only    host_only    host_only    host_only    host_only    host_only    not_here     *            *
`

// onPerson are the actions on somebody, onSeat those on a seat; any other is on the
// room.
var (
	onPerson = map[action]bool{
		actionMoveToAudience: true, actionAllowToSpeak: true, actionRemove: true, actionBan: true, actionHideFrom: true, actionDisplace: true, actionLowerHand: true,
		actionInvite: true, actionMuteMember: true, actionAllowToUnmute: true, actionMakeCoHost: true, actionUnmakeCoHost: true, actionHandOver: true, actionUndo: true,
		actionMuteChat: true, actionAllowToWrite: true, actionDeleteMessage: true,
	}
	onSeat = map[action]bool{actionTakeSeat: true, actionAccept: true, actionLockSeat: true}
)

// asked are the rows that an action needs.
func asked(do action) (rows []string) {
	for _, t := range targets {
		isPerson, isSeat := t.person != person{}, t.name == "free" || t.seat != seatFree
		switch {
		case onPerson[do] && isPerson && !(t.self && (do == actionHideFrom || do == actionDisplace)), onSeat[do] && isSeat:
			rows = append(rows, t.name)
		}
	}
	if rows == nil {
		rows = []string{"any"}
	}
	return rows
}

func refusal(err error) string {
	switch f := fault.As(err); {
	case err == nil:
		return "-"
	case errors.Is(err, errOutranked):
		return "go"
	case f == nil:
		return err.Error()
	default:
		return strings.TrimPrefix(f.Code, "room.")
	}
}

// Every action on every target by everybody is in the table, and is as it says.
// There is one host: "*" is what cannot be.
func TestWhoMayDoWhat(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(table), "\n")
	columns := strings.Fields(lines[0])
	want := map[string][]string{}
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		if len(cells) == 0 {
			continue
		}
		if len(cells) != 2+len(columns) {
			t.Fatalf("%d cells: %s", len(cells), line)
		}
		want[cells[0]+" "+cells[1]] = cells[2:]
	}
	for do := range actions {
		for _, row := range asked(do) {
			cells, ok := want[names[do]+" "+row]
			if !ok {
				t.Errorf("action %d (%q) on %s is not in the table", do, names[do], row)
				continue
			}
			delete(want, names[do]+" "+row)
			for i, by := range actors {
				if by.name != columns[i] {
					t.Fatalf("column %d is %s, not %s", i, columns[i], by.name)
				}
				for _, on := range targets {
					if cells[i] == "*" || row != "any" && row != on.name {
						continue
					}
					if got := refusal(can(by.person, do, on.target)); got != cells[i] {
						t.Errorf("%s: %s on %s: %s, not %s", by.name, names[do], on.name, got, cells[i])
					}
				}
			}
		}
	}
	for row := range want {
		t.Errorf("%q is nothing that anybody does", row)
	}
	for _, r := range Roles {
		acts, isTarget := false, false
		for _, by := range actors {
			acts = acts || by.role == r && by.present
		}
		for _, on := range targets {
			isTarget = isTarget || on.role == r && on.present
		}
		if !acts || !isTarget {
			t.Errorf("%s has no column or no row", r)
		}
	}
}

func TestAnUnknownActionIsRefused(t *testing.T) {
	for _, by := range actors {
		if can(by.person, actions, target{}) == nil {
			t.Errorf("%s may do what nobody has thought of", by.name)
		}
	}
}

// ofHosts are the actions of hosts and co-hosts, ofTheHost those of the host alone.
var (
	ofHosts = []action{
		actionMoveToAudience, actionAllowToSpeak, actionRemove, actionBan, actionInvite, actionMuteMember, actionAllowToUnmute, actionLockSeat, actionSetHands,
		actionSetChat, actionEdit, actionMuteChat, actionAllowToWrite, actionReadLog, actionUndo, actionMakeCoHost, actionUnmakeCoHost, actionHandOver, actionEnd, actionShare, actionSetEntry,
	}
	ofTheHost = map[action]bool{actionEnd: true, actionShare: true, actionSetEntry: true, actionMakeCoHost: true, actionUnmakeCoHost: true, actionHandOver: true}
)

// What holds for whatever the rows say, not only for those of the table.
func TestNoRowsGiveMoreThanARoleAllows(t *testing.T) {
	bools := []bool{false, true}
	var people []person
	for _, r := range Roles {
		for _, known := range bools {
			for _, present := range bools {
				for _, seated := range bools {
					for _, canSpeak := range bools {
						for _, removed := range bools {
							for _, isolated := range bools {
								for _, blocked := range []int{0, maxDisplaced, maxDisplaced + 1} {
									people = append(people, person{role: r, known: known, present: present, seated: seated, canSpeak: canSpeak, removed: removed, isolated: isolated, blocked: blocked})
								}
							}
						}
					}
				}
			}
		}
	}
	var on []target
	for _, p := range people {
		if !p.isolated && p.blocked == 0 {
			on = append(on, target{person: p}, target{person: p, self: true})
		}
	}
	for s := range seatUnknown + 1 {
		on = append(on, target{seat: s})
	}
	for _, by := range people {
		for _, o := range on {
			for _, do := range ofHosts {
				switch err := can(by, do, o); {
				case err != nil:
				case by.role == Speaker || by.role == Listener:
					t.Fatalf("%+v: %s on %+v", by, names[do], o)
				case by.role == CoHost && (!by.present || o.role == Host && !o.self && onPerson[do] || ofTheHost[do]):
					t.Fatalf("%+v: %s on %+v", by, names[do], o)
				}
			}
			for _, do := range []action{actionTakeSeat, actionLeaveSeat, actionMute, actionUnmute, actionCaption, actionRaiseHand, actionAccept, actionDecline, actionWrite, actionReadChat, actionReact, actionDeleteMessage} {
				if (!by.present || by.isolated) && can(by, do, o) == nil {
					t.Fatalf("not there: %+v: %s on %+v", by, names[do], o)
				}
			}
			for _, do := range []action{actionRaiseHand, actionAccept, actionDecline} {
				if can(by, do, o) == nil { // with hands off, and no invitation
					t.Fatalf("%+v: %s on %+v", by, names[do], o)
				}
			}
			mute := by
			if mute.mutedByHost = true; by.role != Host && (can(mute, actionUnmute, o) == nil || can(mute, actionCaption, o) == nil) {
				t.Fatalf("opens a microphone that a host has closed: %+v", by)
			}
			muted, off := by, by
			if muted.chatMuted, off.chatOff = true, true; by.role != Host && (can(muted, actionWrite, o) == nil || can(muted, actionReact, o) == nil || can(muted, actionCaption, o) == nil) || can(off, actionWrite, o) == nil {
				t.Fatalf("writes where the chat is off, or muted in it: %+v", by)
			}
			if !by.canSpeak && o.seat != seatOwn && can(by, actionTakeSeat, o) == nil {
				t.Fatalf("may not speak: %+v on %+v", by, o)
			}
			if !by.seated && (can(by, actionUnmute, o) == nil || can(by, actionCaption, o) == nil) {
				t.Fatalf("has no seat: %+v", by)
			}
			if (by.isolated || by.removed) && (can(by, actionJoin, o) == nil || can(by, actionListen, o) == nil || can(by, actionRead, o) == nil) {
				t.Fatalf("has no way in: %+v", by)
			}
		}
	}
}

// Roles are compared in one file: nothing else of the package decides by them.
func TestOnlyPermissionsCompareRoles(t *testing.T) {
	decides := map[string]bool{"Host": true, "CoHost": true, "Speaker": true, "Listener": true, "Role": true, "role": true, "Lounge": true, "Stage": true}
	named := func(e ast.Expr) bool {
		switch e := e.(type) {
		case *ast.Ident:
			return decides[e.Name]
		case *ast.SelectorExpr:
			return decides[e.Sel.Name]
		}
		return false
	}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range files {
		name := entry.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || name == "permissions.go" {
			continue
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BinaryExpr:
				if (n.Op == token.EQL || n.Op == token.NEQ) && (named(n.X) || named(n.Y)) {
					t.Errorf("%s compares a role or a host", set.Position(n.Pos()))
				}
			case *ast.SwitchStmt:
				if n.Tag != nil && named(n.Tag) {
					t.Errorf("%s chooses by a role", set.Position(n.Pos()))
				}
			}
			return true
		})
	}
}
