package room

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/media/reconcile"
	"heyy/internal/people/account"
)

// Access says who comes into a room, a column of rooms.
type Access string

// Who comes in. A room by link is in no list, only at its address, which nobody guesses.
const (
	AccessOpen      Access = "open"
	AccessFollowers Access = "followers" // who follow the host
	AccessClub      Access = "club"      // who belong to the club of the room
	AccessLink      Access = "link"
	AccessPIN       Access = "pin" // who have known it once
)

var accesses = []Access{AccessOpen, AccessFollowers, AccessClub, AccessLink, AccessPIN}

// Entry holds the conditions of entering a room. They bind neither those inside nor
// hosts who come back.
type Entry struct {
	Access       Access `json:"access"`
	Capacity     int    `json:"capacity,omitempty"` // most people present; 0: any number
	WomenOnly    bool   `json:"women_only,omitempty"`
	VerifiedOnly bool   `json:"verified_only,omitempty"`
}

// IsForAll reports whether everybody may know of the room and come in, while there is room.
func (e Entry) IsForAll() bool { return e.Access == AccessOpen && !e.WomenOnly && !e.VerifiedOnly }

// Bounds of a capacity and of a PIN.
const (
	MinCapacity = 2
	MaxCapacity = 5000
	MinPIN      = 4
	MaxPIN      = 8
)

// A wrong PIN counts for its person and for their network, in one room. A network is often a
// household, a company or a whole provider: with five tries for all of it, one person locked
// everybody else out. With twenty, four accounts behind one address guess a PIN of four digits
// within an hour with a chance of 20 in 10,000, and within an evening of four hours with 80 in
// 10,000; of six digits with 80 in 1,000,000. Half of all four-digit PINs take 250 hours, which
// no room lives.
const (
	maxPINTries        = 5
	maxNetworkPINTries = 20
	pinTryTime         = time.Hour
)

func (e Entry) checked() (Entry, error) {
	e.Access = cmp.Or(e.Access, AccessOpen)
	switch {
	case !slices.Contains(accesses, e.Access):
		return e, fault.At("body.access", "room.access_unknown", "This isn't on the list.")
	case e.Capacity != 0 && (e.Capacity < MinCapacity || e.Capacity > MaxCapacity):
		return e, fault.At("body.capacity", "room.capacity", "A room takes 2 to 5000 people.")
	}
	return e, nil
}

func checkPIN(pin string) error {
	if len(pin) < MinPIN || len(pin) > MaxPIN || strings.Trim(pin, "0123456789") != "" {
		return errPINShape
	}
	return nil
}

// EntryChange is a change of what a room asks; nil stays as it is.
type EntryChange struct {
	Access       *Access
	PIN          *string
	Capacity     *int // 0: any number
	WomenOnly    *bool
	VerifiedOnly *bool
}

func (c EntryChange) of(e Entry) (Entry, error) {
	set(&e.Access, c.Access)
	set(&e.Capacity, c.Capacity)
	set(&e.WomenOnly, c.WomenOnly)
	set(&e.VerifiedOnly, c.VerifiedOnly)
	return e.checked()
}

func set[T any](at *T, to *T) {
	if to != nil {
		*at = *to
	}
}

// SetEntry changes what a room asks of whoever comes in. Those inside stay; a room that is not
// for everybody any more is shared no more. Faults: room.host_only, room.pin_missing,
// room.club_missing, room.women_host, room.verified_host, those of a wrong value, and those of any command.
func (s *Service) SetEntry(ctx context.Context, by account.ID, r ID, c EntryChange) (err error) {
	defer fault.Wrap(&err, "set who comes into %s", r)
	hash := ""
	if c.PIN != nil {
		if err := checkPIN(*c.PIN); err != nil {
			return err
		}
		hash = s.digest(r, "pin", *c.PIN)
	}
	if err := s.command(ctx, by, r, by, setEntry(c.of, hash)); err != nil {
		return err
	}
	return s.endGuests(ctx, r)
}

func setEntry(change func(Entry) (Entry, error), hash string) rule {
	return func(s *state) error {
		want, err := change(s.entry)
		if err != nil {
			return err
		}
		begins := want // what held before is not asked of the host again: they may have inherited it
		begins.WomenOnly, begins.VerifiedOnly = want.WomenOnly && !s.entry.WomenOnly, want.VerifiedOnly && !s.entry.VerifiedOnly
		if err := s.can(actionSetEntry, target{wanted: begins}); err != nil {
			return err
		}
		hash := cmp.Or(hash, s.pinHash)
		switch {
		case want.Access == AccessPIN && hash == "":
			return errPINMissing
		case want.Access == AccessClub && s.entry.Access != AccessClub && s.club == "":
			return errClubMissing
		case want == s.entry && hash == s.pinHash:
			return nil
		}
		before, err := json.Marshal(s.entry)
		if err != nil {
			return err
		}
		s.logged(entry{action: LogAccess, before: string(before)})
		s.entry, s.pinHash = want, hash
		s.shared = s.shared && s.isShareable()
		return nil
	}
}

// restoreEntry takes a change of the entry back. A PIN stays as it is, and sharing off.
func restoreEntry(before string) rule {
	return setEntry(func(Entry) (e Entry, err error) {
		err = json.Unmarshal([]byte(before), &e)
		return e, err
	}, "")
}

// isShareable reports whether people without an account may listen.
func (s *state) isShareable() bool { return s.entry.IsForAll() && s.audience }

// digest keeps a secret of a room, or a network, without telling it. Without the key, four
// digits are read from a plain hash at once.
func (s *Service) digest(r ID, of, secret string) string {
	mac := hmac.New(sha256.New, s.key)
	for _, part := range []string{string(r), of, secret} {
		mac.Write([]byte(part + "\n"))
	}
	return hex.EncodeToString(mac.Sum(nil))
}

// EnterPIN lets by into a room for good if pin is its PIN; Join follows. It does nothing where
// no PIN stands in the way. A wrong one counts for by and for the network that the request
// came from: room.pin_wrong says how many by has left, and after the last one it is
// room.pin_spent for an hour, whatever is tried, or room.pin_network after the last of the network.
func (s *Service) EnterPIN(ctx context.Context, by account.ID, r ID, pin, network string) (err error) {
	defer fault.Wrap(&err, "enter the PIN of %s", r)
	network, now := s.digest(r, "network", network), s.now()
	tries, err := pinTries(ctx, s.db, r, by, network, now)
	if err != nil || tries.refusal() != nil { // without the lock
		return cmp.Or(err, tries.refusal())
	}
	var answer error // a wrong try is written
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		answer = nil
		room, err := lock(ctx, tx, r)
		if err != nil {
			return err
		}
		st, err := load(ctx, tx, room, by)
		if err != nil || !room.EndedAt.IsZero() || !errors.Is(st.can(actionJoin, target{}), errPINNeeded) {
			return err // Join says the rest
		}
		tries, err := pinTries(ctx, tx, r, by, network, now)
		if err != nil {
			return err
		}
		if answer = tries.refusal(); answer != nil {
			return nil
		}
		switch {
		case hmac.Equal([]byte(s.digest(r, "pin", pin)), []byte(room.pinHash)):
			_, err = tx.ExecContext(ctx, `INSERT INTO room_admissions (room_id, account_id) VALUES ($1, $2)`, r, by)
			return err
		}
		answer = errPINSpent
		// Their own: what others tried nearby is nobody's business.
		if left := maxPINTries - tries.own - 1; left > 0 {
			wrong := *errPINWrong
			wrong.Left = left
			answer = &wrong
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO room_pin_tries (id, room_id, account_id, network, at) VALUES ($1, $2, $3, $4, $5)`,
			id.New(), r, by, network, db.Millis(now))
		return err
	})
	return cmp.Or(err, answer)
}

// wrongPINs are the wrong PINs of a person and of a network that count now.
type wrongPINs struct{ own, near int }

// refusal returns why no further PIN is tried, or nil.
func (w wrongPINs) refusal() error {
	switch {
	case w.own >= maxPINTries:
		return errPINSpent
	case w.near >= maxNetworkPINTries:
		return errPINNetwork
	}
	return nil
}

func pinTries(ctx context.Context, q db.Querier, r ID, by account.ID, network string, now time.Time) (w wrongPINs, err error) {
	err = q.QueryRowContext(ctx, `SELECT COUNT(CASE WHEN account_id = $1 THEN 1 END), COUNT(CASE WHEN network = $2 THEN 1 END)
		FROM room_pin_tries WHERE room_id = $3 AND at > $4`, by, network, r, db.Millis(now.Add(-pinTryTime))).Scan(&w.own, &w.near)
	return w, err
}

// endGuests ends what people hear of a room from outside who may not any more, on this node;
// on others a preview ends by itself.
func (s *Service) endGuests(ctx context.Context, r ID) error {
	room, err := readRoom(ctx, s.db, r)
	if err != nil {
		return err
	}
	if !room.Shared {
		s.audio.ClosePublic(string(r))
	}
	for identity := range s.listeners.Present(string(r)) {
		who := strings.TrimPrefix(identity, reconcile.GuestIdentity(""))
		if !reconcile.IsGuest(identity) || identity == reconcile.PublicIdentity {
			continue
		}
		if err := s.endPreview(ctx, r, account.ID(who)); err != nil {
			return err
		}
	}
	return nil
}

// Gate is an obstacle between a person and a room that they may know of.
type Gate string

// Gates. NoGate: they come in.
const (
	NoGate        Gate = ""
	GateFollowers Gate = "followers"
	GateClub      Gate = "club"
	GatePIN       Gate = "pin"
	GateFull      Gate = "full"
)

func gateOf(refusal error) Gate {
	switch {
	case errors.Is(refusal, errFollowersOnly):
		return GateFollowers
	case errors.Is(refusal, errClubOnly):
		return GateClub
	case errors.Is(refusal, errPINNeeded):
		return GatePIN
	case errors.Is(refusal, errFull):
		return GateFull
	}
	return NoGate
}

// hasFreeSeat reports whether somebody without a seat finds one. Members are the seated ones.
func (r Room) hasFreeSeat() bool {
	taken := r.locked
	for _, m := range r.Members {
		if m.Seat != 0 {
			taken |= 1 << (m.Seat - 1)
		}
	}
	for n := 1; n <= r.Seats; n++ {
		if !taken.has(n) {
			return true
		}
	}
	return false
}

// Audience is the people to whom lists tell of a room.
type Audience struct {
	all    bool // all but people; otherwise only people
	people map[account.ID]bool
}

// Has reports whether lists tell who of the room.
func (a Audience) Has(who account.ID) bool { return a.all != a.people[who] }

// Audience returns the people to whom lists tell of a room while the lobby lists it. Of a room
// that is not for everybody it knows those among some.
func (s *Service) Audience(ctx context.Context, r Room, among []account.ID) (_ Audience, err error) {
	defer fault.Wrap(&err, "read who is told of %s", r.ID)
	a := Audience{all: r.IsForAll(), people: map[account.ID]bool{}}
	if a.all {
		closed, err := s.ClosedTo(ctx, r.ID)
		for _, who := range closed {
			a.people[who] = true
		}
		return a, err
	}
	for some := range slices.Chunk(among, 500) {
		args := []any{r.ID}
		for _, who := range some {
			args = append(args, who)
		}
		told, err := db.Select(ctx, s.db, scanAccount, `SELECT A.id FROM accounts A JOIN rooms r ON r.id = $1
			WHERE A.id IN (`+db.Placeholders(2, len(some))+`) AND `+listedTo("A.id"), args...)
		if err != nil {
			return a, err
		}
		for _, who := range told {
			a.people[who] = true
		}
	}
	return a, nil
}

// RoomsForFollowers returns the open rooms of a host that only followers may know of.
func (s *Service) RoomsForFollowers(ctx context.Context, host account.ID) (_ []ID, err error) {
	defer fault.Wrap(&err, "read the rooms for followers of %s", host)
	return db.Select(ctx, s.db, scanID, `SELECT id FROM rooms WHERE host_id = $1 AND ended_at IS NULL AND access = $2`, host, AccessFollowers)
}

// apartFrom returns the SQL condition that viewer, an SQL expression, is excluded from the host
// of room r or from a speaker, by an exclusion x for which more holds. To its host a room is
// never closed. Whom its door keeps from knowing who is there is not told by this either: they
// could block one after another and look.
//
// The people whom viewer is excluded from and the rooms they speak in are found once for all rooms
// of a query.
func apartFrom(viewer, more string) string {
	return apartGiven(viewer, apartPeople(viewer, more), apartStages(viewer, more), passes(viewer))
}

// apartPeople and apartStages return SQL queries of the people whom viewer is excluded from, and of
// the rooms in which they speak; apartGiven returns apartFrom, given these and passes.
func apartPeople(viewer, more string) string {
	return `SELECT x.b_id FROM apart x WHERE x.a_id = ` + viewer + more
}

func apartStages(viewer, more string) string {
	return `SELECT o.room_id FROM apart x JOIN room_members o ON o.account_id = x.b_id AND o.seat IS NOT NULL WHERE x.a_id = ` + viewer + more
}

func apartGiven(viewer, people, stages, passes string) string {
	return `(r.host_id <> ` + viewer + ` AND (r.host_id IN (` + people + `) OR r.id IN (` + stages + `) AND ` + passes + `))`
}

// passes returns the SQL condition that the door of room r keeps viewer from nothing: what
// door.refuses says.
func passes(viewer string) string {
	return `(` + fits(viewer) + ` AND ` + needsNoPIN(viewer) + ` OR ` + staysIn(viewer) + `)`
}

// needsNoPIN returns the SQL condition that room r has no PIN, or viewer has known it.
func needsNoPIN(viewer string) string {
	return `(r.access <> 'pin' OR ` + isAdmitted(viewer) + `)`
}

// fits returns the SQL condition that viewer is one of those for whom room r is.
func fits(viewer string) string {
	return `(NOT r.women_only OR ` + isWoman(viewer) + `) AND (NOT r.verified_only OR ` + isVerified(viewer) + `) AND (r.access <> 'followers' OR ` + followsHost(viewer) + ` OR ` + isAdmitted(viewer) + `)
		AND (r.access <> 'club' OR ` + BelongsToClub(viewer) + ` OR ` + isAdmitted(viewer) + `)`
}

// isBanned returns the SQL condition that the host of room r has banned viewer.
func isBanned(viewer string) string {
	return `EXISTS (SELECT 1 FROM room_bans n WHERE n.host_id = r.host_id AND n.account_id = ` + viewer + `)`
}

// closedTo returns the SQL condition that room r does not exist for viewer.
func closedTo(viewer string) string {
	return `(` + isBanned(viewer) + ` OR ` + apartFrom(viewer, "") + `)`
}

// closedByOthers is closedTo by something else than a block that viewer has made: whoever was
// blocked, by the same person even, is not told of it, and whoever has reported is not reminded.
func closedByOthers(viewer string) string {
	const notOwn = ` AND (NOT x.by_a OR NOT EXISTS (SELECT 1 FROM blocks b WHERE b.by_id = x.a_id AND b.on_id = x.b_id)
		OR EXISTS (SELECT 1 FROM reports e WHERE e.by_id = x.a_id AND e.on_id = x.b_id))`
	return `(` + isBanned(viewer) + ` OR ` + apartFrom(viewer, notOwn) + `)`
}

// The SQL conditions that viewer follows the host of room r, is let in whatever its access is, is a
// woman by their own word, is verified, and is inside room r or one of its hosts. COALESCE reads one
// row by its key: for EXISTS, PostgreSQL would read a large table whole, where it expects to ask
// about many rooms, of which a list then needs few.
func followsHost(viewer string) string {
	return `EXISTS (SELECT 1 FROM follows f WHERE f.follower_id = ` + viewer + ` AND f.followee_id = r.host_id)`
}

func isAdmitted(viewer string) string {
	return `COALESCE((SELECT TRUE FROM room_admissions e WHERE e.room_id = r.id AND e.account_id = ` + viewer + `), FALSE)`
}

func isWoman(viewer string) string {
	return `EXISTS (SELECT 1 FROM profiles p WHERE p.account_id = ` + viewer + ` AND p.gender = 'woman')`
}

func isVerified(viewer string) string {
	return `EXISTS (SELECT 1 FROM profiles p WHERE p.account_id = ` + viewer + ` AND p.verified_at IS NOT NULL)`
}

func staysIn(viewer string) string {
	return `COALESCE((SELECT TRUE FROM room_members i WHERE i.room_id = r.id AND i.account_id = ` + viewer + `
		AND (i.join_id IS NOT NULL OR i.role IN ('` + string(Host) + `', '` + string(CoHost) + `'))), FALSE)`
}

// listedTo returns the SQL condition that lists tell viewer of room r: the lobby, its live
// cards, notifications. It is what can says of actionRead, without those whom only the door
// turns away, and with the room at its address in no list. Whoever must not know who is in a
// room with a PIN is told of the room, see Room.veil.
func listedTo(viewer string) string {
	return listedGiven(viewer, apartPeople(viewer, ""), apartStages(viewer, ""))
}

// listedGiven is listedTo, given these. It asks fits once: passes would ask it again.
func listedGiven(viewer, people, stages string) string {
	apart := apartGiven(viewer, people, stages, `(`+needsNoPIN(viewer)+` OR `+staysIn(viewer)+`)`)
	return `(r.access <> 'link' AND NOT (` + isBanned(viewer) + ` OR ` + apart + `) AND (` + fits(viewer) + ` OR ` + staysIn(viewer) + `))`
}

// veil takes away what only those know of a room who are let in: who speaks and how many
// listen. Lists leave it on for everybody.
func (r *Room) veil() {
	if r.Access == AccessPIN {
		r.Members, r.Listeners = nil, 0
	}
}

// readEntrant reads what viewer is to a room, as can asks it of whoever comes in, and whether
// the room is full.
func readEntrant(ctx context.Context, q db.Querier, r ID, viewer account.ID) (p person, full bool, err error) {
	var others bool
	err = q.QueryRowContext(ctx, `SELECT `+closedTo("$1")+`, `+closedByOthers("$1")+`, `+followsHost("$1")+`, `+BelongsToClub("$1")+`, `+isWoman("$1")+`, `+isVerified("$1")+`,
		`+isAdmitted("$1")+`,
		EXISTS (SELECT 1 FROM room_members m WHERE m.room_id = r.id AND m.account_id = $1 AND m.removed_at IS NOT NULL),
		r.capacity > 0 AND (SELECT COUNT(*) FROM room_members m WHERE m.room_id = r.id AND m.join_id IS NOT NULL) >= r.capacity
		FROM rooms r WHERE r.id = $2`, viewer, r).Scan(&p.isolated, &others, &p.follows, &p.inClub, &p.woman, &p.verified, &p.admitted, &p.removed, &full)
	if db.IsNone(err) {
		return p, false, errNotFound
	}
	p.role, p.blockedHere = Listener, p.isolated && !others
	return p, full, err
}

// lookAt reads a room without its members, and what viewer is to it. Faults: those of reading.
func lookAt(ctx context.Context, tx db.Querier, r ID, viewer account.ID) (_ Room, me person, at target, err error) {
	me, full, err := readEntrant(ctx, tx, r, viewer)
	if err != nil {
		return Room{}, me, at, err
	}
	room, err := readRoom(ctx, tx, r)
	if err != nil {
		return Room{}, me, at, err
	}
	m, err := readMember(ctx, tx, r, viewer)
	if err != nil {
		return Room{}, me, at, err
	}
	if m.Account != "" {
		me.role, me.known, me.present = m.Role, true, m.Present
	}
	at = target{door: door{Entry: room.Entry, full: full, noAudience: !room.Audience}}
	return room, me, at, can(me, actionRead, at)
}
