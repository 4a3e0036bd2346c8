package room

import (
	"slices"
	"time"

	"heyy/internal/base/fault"
	"heyy/internal/base/language"
	"heyy/internal/media/reconcile"
	"heyy/internal/people/account"
)

// ID is the id of a room.
type ID string

// Seats of a lounge are for the host and ten more, of a stage for 50.
const (
	Seats      = 11
	StageSeats = 50
)

// MaxListed is the maximum number of listeners in Room.Members; Room.Listeners counts all of
// them. A room with more is crowded, until no more than crowdEnds are left: its listeners are
// counted and not listed, but for those whose hand is up.
const (
	MaxListed = 100
	crowdEnds = 80
)

// Categories are the categories of rooms, in the order of the lobby.
var Categories = []string{"sport", "karaoke", "games", "music", "blind_date", "talk", "languages", "work", "local", "wellbeing"}

// Room is one room and those of its members that were asked for.
type Room struct {
	ID        ID
	Shape     Shape
	Category  string
	Title     string
	Language  string
	Host      account.ID
	Seats     int
	locked    seatSet
	Seq       int64
	CreatedAt time.Time
	EndedAt   time.Time // zero: open
	EndReason EndReason
	Shared    bool // anybody may listen, without an account
	Recorded  bool // the voices of those who agree are kept, see package replay
	Entry          // what is asked of whoever comes in
	Audience  bool // one may be here only to listen
	Gate      Gate // for whom it was read
	pinHash   string
	Hands     Hands
	Crowded   bool
	Link      string // pinned for everybody in the room; empty: none
	Chat      ChatRules
	Club      ClubID   // in which it was opened; "": in none, or it has closed
	ClubName  string   // "": that of a club that people only come to by a link is told to nobody here
	listening int      // all who listen
	Listeners int      // whom the viewer may be told of
	Members   []Member // seated ones by seat; for viewers inside also the newest listeners, of a crowd the raised hands
}

// Member is one person in one room.
type Member struct {
	Account     account.ID `json:"account"`
	Role        Role       `json:"role"`
	Seat        int        `json:"seat"` // 0: none
	Muted       bool       `json:"muted"`
	CanSpeak    bool       `json:"can_speak"` // may take a free seat
	Present     bool       `json:"present"`
	MutedByHost bool       `json:"muted_by_host,omitempty"` // muted by a host: opens the microphone no more by themselves
	ChatMuted   bool       `json:"chat_muted,omitempty"`    // by a host: writes no more
	Hand        int64      `json:"hand,omitempty"`          // seq of the room when the hand was raised, the order of the queue; 0: not raised
	Voice       uint32     `json:"voice,omitempty"`         // stands for them in the room's audio; 0: they joined before there were voices
	Invited     bool       `json:"-"`                       // to speak, and has not answered; told to them and to hosts
	note        string     // of the hand
	joinID      string     // of the current join; "": not present
}

// Hands says who may raise a hand in a room, a column of rooms.
type Hands string

// Who may raise a hand: everybody, whom the host follows, nobody.
const (
	HandsOpen     Hands = "open"
	HandsFollowed Hands = "followed"
	HandsOff      Hands = "off"
)

// MaxHandNote is the maximum length of the note of a hand in characters.
const MaxHandNote = 80

func (m Member) isListening() bool { return m.Present && m.Seat == 0 }

// lively is the place of a room with seated people in lists: by them, then by listeners. It
// tells nothing of a room whose people are told to nobody.
func (r Room) lively(seated int) int {
	if r.Access == AccessPIN {
		return 0
	}
	return 1_000_000*seated + r.listening
}

// Identity returns the identity of a member at the media server. It says nothing about who
// they are outside of this room.
func (m Member) Identity() string { return reconcile.VoiceIdentity(m.Voice) }

// takeSeat, leaveSeat, lowerHand and leave maintain the invariants of a member: a seated
// member has no role Listener, no invitation, and a raised hand only while a host has muted
// them; an unseated one is muted.
func (m *Member) takeSeat(n int) {
	if m.Seat == 0 {
		m.Muted, m.Invited = true, false
		m.lowerHand()
	}
	m.Seat, m.Role = n, m.Role.seated()
}

func (m *Member) leaveSeat() {
	m.Seat, m.Role, m.Muted = 0, m.Role.unseated(), true
	m.lowerHand()
}

func (m *Member) lowerHand() { m.Hand, m.note = 0, "" }

func (m *Member) leave() {
	m.leaveSeat()
	m.Present, m.Invited, m.joinID = false, false, ""
}

// seatSet is a bit set of seats: bit n-1 is seat n.
type seatSet int64

func (s seatSet) has(n int) bool { return n >= 1 && n <= 63 && s>>(n-1)&1 == 1 }

// Locked returns the seats that only hosts take.
func (r Room) Locked() []int {
	locked := []int{}
	for n := 1; n <= r.Seats; n++ {
		if r.locked.has(n) {
			locked = append(locked, n)
		}
	}
	return locked
}

// Member returns the entry of an account in r.Members.
func (r Room) Member(who account.ID) (Member, bool) {
	i := slices.IndexFunc(r.Members, func(m Member) bool { return m.Account == who })
	if i < 0 {
		return Member{}, false
	}
	return r.Members[i], true
}

// EndReason is the reason for the end of a room.
type EndReason string

// Reasons why a room ended: its host ended it, or opened another one, it stayed empty, or its
// host was gone and nobody could hold it.
const (
	EndedByHost   EndReason = "host"
	EndedNextRoom EndReason = "next_room"
	EndedEmpty    EndReason = "empty"
	EndedNoHost   EndReason = "no_host"
)

// MaxTitle is the maximum length of a title in characters.
const MaxTitle = 80

// Plan describes a room to open.
type Plan struct {
	Title    string
	Category string
	Language string
	Shape    Shape  // "": a lounge
	Club     ClubID // "": none
	Entry
	PIN        string // of AccessPIN
	NoAudience bool   // whoever is here has a seat; lounges only
	Recorded   bool   // for a replay

	CoHosts  []account.ID // from when they come
	Speakers []account.ID // may take a free seat when they come
}

func (p Plan) checked() (Plan, error) {
	title, err := checkedTitle(p.Title)
	if err != nil {
		return p, err
	}
	p.Title = title
	if p.Shape == "" {
		p.Shape = Lounge
	}
	if !slices.Contains(Categories, p.Category) {
		return p, errCategory
	}
	if !language.Known(p.Language) {
		return p, fault.At("body.language", "language.unknown", "This language isn't on the list. Choose another.")
	}
	if p.NoAudience && p.Shape.needsAudience() {
		return p, fault.At("body.audience", "room.audience_needed", "A stage always has an audience.")
	}
	if p.Access == AccessClub && p.Club == "" {
		return p, errClubMissing
	}
	if p.Access == AccessPIN {
		if err := checkPIN(p.PIN); err != nil {
			return p, err
		}
	}
	p.Entry, err = p.Entry.checked()
	return p, err
}

// Faults that commands and reads return.
var (
	errNotFound      = fault.New(fault.NotFound, "room.not_found", "This room doesn't exist.")
	errEnded         = fault.New(fault.Gone, "room.ended", "This room has ended.")
	errNotInRoom     = fault.New(fault.Conflict, "room.not_here", "You're not in this room any more.")
	errRemoved       = fault.New(fault.Forbidden, "room.removed", "The host has removed you from this room.")
	errNotHost       = fault.New(fault.Forbidden, "room.host_only", "Only the host can do this.")
	errSelf          = fault.New(fault.Conflict, "room.self", "You can't do this to yourself.")
	errPersonGone    = fault.New(fault.NotFound, "room.person_gone", "This person isn't in the room any more.")
	errSeatTaken     = fault.New(fault.Conflict, "room.seat_taken", "Someone just took that seat.")
	errSeatLocked    = fault.New(fault.Forbidden, "room.seat_locked", "This seat is locked. Choose another.")
	errSeatsFull     = fault.New(fault.Conflict, "room.seats_full", "All seats are taken.")
	errSeatsShut     = fault.New(fault.Forbidden, "room.seat_shut", "You can't take a seat in this room right now.")
	errTooMany       = fault.New(fault.TooMany, "room.too_many", "You've opened a lot of rooms. Join one, or try again later.")
	errCannotSpeak   = fault.New(fault.Forbidden, "room.seat_refused", "The host has moved you to the audience.")
	errNoSeat        = fault.New(fault.Conflict, "room.no_seat", "Take a seat to be heard.")
	errMutedByHost   = fault.New(fault.Forbidden, "room.muted_by_host", "A host has muted you. Raise your hand to speak again.")
	errHands         = fault.New(fault.Forbidden, "room.hands_off", "You can't raise your hand in this room.")
	errNoNeed        = fault.New(fault.Conflict, "room.on_stage", "You're on stage already.")
	errOnStage       = fault.New(fault.Conflict, "room.person_on_stage", "This person is on stage already.")
	errNotOnStage    = fault.New(fault.Conflict, "room.person_not_on_stage", "This person isn't on stage.")
	errNotInvited    = fault.New(fault.Conflict, "room.not_invited", "You have no invitation to speak any more.")
	errHostsOther    = fault.New(fault.Conflict, "room.hosts_other", "This person hosts another room.")
	errAskHost       = fault.New(fault.TooMany, "room.ask_host", "You've removed many people within a minute. The host has to do this one.")
	errNotUndone     = fault.New(fault.Conflict, "room.not_undone", "This can't be undone any more.")
	errClubOnly      = fault.New(fault.Forbidden, "room.club_only", "Only members of the club can join this room.")
	errClubMissing   = fault.At("body.access", "room.club_missing", "This room isn't in a club.")
	errFollowersOnly = fault.New(fault.Forbidden, "room.followers_only", "Only people who follow the host can join this room.")
	errPINNeeded     = fault.New(fault.Forbidden, "room.pin_needed", "This room has a PIN.")
	errPINWrong      = fault.New(fault.Forbidden, "room.pin_wrong", "This isn't the PIN of this room.")
	errPINNetwork    = fault.New(fault.TooMany, "room.pin_network", "There were too many wrong PINs from your network. Try again in an hour, or over another connection.")
	errPINSpent      = fault.New(fault.TooMany, "room.pin_spent", "That was one wrong PIN too many. Try again in an hour.")
	errPINShape      = fault.At("body.pin", "room.pin_shape", "A PIN has 4 to 8 digits.")
	errPINMissing    = fault.At("body.pin", "room.pin_missing", "Choose a PIN for this room.")
	errWomenOnly     = fault.New(fault.Forbidden, "room.women_only", "This room is for women.")
	errVerifiedOnly  = fault.New(fault.Forbidden, "room.verified_only", "This room is for verified members.")
	errWomenHost     = fault.At("body.women_only", "room.women_host", "Only women can open a room for women.")
	errVerifiedHost  = fault.At("body.verified_only", "room.verified_host", "Verify your profile to open a room for verified members.")
	errFull          = fault.New(fault.Conflict, "room.full", "This room is full.")
	errBlockedHere   = fault.New(fault.Forbidden, "room.blocked_here", "Someone you've blocked is in this room.")
	errNoAudience    = fault.New(fault.Conflict, "room.no_audience", "Everyone has a seat in this room. You can remove people instead.")
	errNotShareable  = fault.New(fault.Conflict, "room.not_shareable", "Only a room that's open to everyone can be public.")
	errChatOff       = fault.New(fault.Forbidden, "room.chat_off", "The chat is off in this room.")
	errCaptionLong   = fault.At("body.text", "room.caption_long", "This caption is too long. Make it shorter.")
	errCaptionMuted  = fault.New(fault.Conflict, "room.caption_muted", "Your microphone is off. Turn it on to caption what you say.")
	errChatMuted     = fault.New(fault.Forbidden, "room.chat_muted", "A host has muted you in the chat.")
	errChatRules     = fault.At("body.slow_seconds", "room.chat_rules", "The chat of a room can't be set like this.")
	errCategory      = fault.At("body.category", "room.category_unknown", "This topic isn't on the list. Choose another.")
	errLink          = fault.At("body.link", "room.link_invalid", "Use a full address that begins with https://.")
	errSeat          = fault.At("body.seat", "room.seat_unknown", "This room doesn't have that seat.")
)
