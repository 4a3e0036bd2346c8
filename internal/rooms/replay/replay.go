package replay

import (
	"slices"
	"time"

	"heyy/internal/base/fault"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

// State is the state of a replay, a column of replays.
type State string

// States.
const (
	Recording State = "recording"
	Draft     State = "draft"
	Published State = "published"
)

// Limits.
const (
	MaxLength   = 4 * time.Hour // what is said later is not kept
	DraftTime   = 7 * 24 * time.Hour
	MaxChapter  = 80 // characters
	maxChapters = 100
	maxLines    = 5000    // of the chat
	maxNotes    = 50      // chapters of titles, and links
	maxParts    = 10_000  // of a replay; half of them of one speaker
	maxBytes    = 2 << 30 // of all replays of one host

	partLength = 20 * time.Second
)

// KeepDays are the choices of how long a published replay is kept; the first is the default.
var KeepDays = []int{30, 7, 90, 365}

// Replay is a replay as a viewer sees it.
type Replay struct {
	ID          room.ID
	Host        account.ID
	Club        room.ClubID // "": none
	ClubName    string      // "": of a club that people only come to by a link
	Title       string
	Category    string
	Language    string
	Access      room.Access
	State       State
	BeganAt     time.Time
	EndedAt     time.Time // zero: while it is recorded
	PublishedAt time.Time // zero: not published
	ExpiresAt   time.Time // zero: while it is recorded
	KeepDays    int
	Length      time.Duration // from the first word to the last
	Speakers    []account.ID  // whose voice is in it, those who spoke most first

	Keeps bool          // the viewer's voice is kept
	Mark  time.Duration // how far the viewer has listened
}

// Part is what one speaker said in one go.
type Part struct {
	ID      string
	Account account.ID
	Start   time.Duration // since BeganAt
	Length  time.Duration
}

// Kind is the kind of a line, a column of replay_lines.
type Kind string

// Kinds of lines.
const (
	Chat    Kind = "chat"
	Link    Kind = "link"
	Chapter Kind = "chapter"
)

// Line is what stands beside the voices at one moment.
type Line struct {
	ID      string
	Account account.ID
	Kind    Kind
	At      time.Duration // since BeganAt
	Text    string
}

// Faults that commands and reads return.
var (
	ErrNotFound    = fault.New(fault.NotFound, "replay.not_found", "This replay doesn't exist.")
	ErrHostOnly    = fault.New(fault.Forbidden, "replay.host_only", "Only the host can do this.")
	errRecording   = fault.New(fault.Conflict, "replay.recording", "This room is still open.")
	errDays        = fault.At("body.days", "replay.days", "A replay is kept for 7, 30, 90 or 365 days.")
	errChapter     = fault.At("body.text", "replay.chapter", "A chapter needs a title.")
	errChapters    = fault.New(fault.Conflict, "replay.chapters_many", "A replay has 100 chapters at most.")
	errAfter       = fault.At("body.at", "replay.after_end", "The replay ends before that.")
	errLineUnknown = fault.New(fault.NotFound, "replay.line_not_found", "This isn't part of the replay any more.")
)

func checkDays(days int) error {
	if !slices.Contains(KeepDays, days) {
		return errDays
	}
	return nil
}
