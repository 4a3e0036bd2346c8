package room

import (
	"context"
	"database/sql"
	"log/slog"
	"slices"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/outbox"
	"heyy/internal/media/reconcile"
	"heyy/internal/people/account"
)

// Timeouts of a room.
const (
	connectTimeout   = 30 * time.Second // from join to the first audio connection
	reconnectTimeout = 10 * time.Second // from a lost connection to leaving
	emptyTimeout     = 2 * time.Minute  // from the last member's leaving to the end of the room
	retention        = 24 * time.Hour   // from the end of a room to the deletion of its rows
)

// Limits of rooms that one member opens. Residents have none: the operator made them.
const (
	maxPerHour = 10
	maxPerDay  = 30
)

// Service runs the commands, reads and background jobs of the rooms of one database.
type Service struct {
	db        *db.DB
	audio     *reconcile.Reconciler
	listeners reconcile.Listeners
	follows   Follows
	key       []byte
	clubs     Clubs
	wake      func() // wakes the outbox relay after a commit
	now       func() time.Time
	log       *slog.Logger
}

// Config holds the dependencies of a Service.
type Config struct {
	SFU       reconcile.SFU       // the media server: those with a seat
	Listeners reconcile.Listeners // the listening tier: everybody else; nil: there is none
	Follows   Follows             // nil: nobody follows anybody
	Key       []byte              // of the digests of PINs
	Clubs     Clubs               // nil: there are none
	Wake      func()              // called after each commit that appended facts; nil: nothing
	Now       func() time.Time    // nil: time.Now
}

// New returns a service.
func New(d *db.DB, log *slog.Logger, c Config) *Service {
	if c.Listeners == nil {
		c.Listeners = reconcile.NoListeners{}
	}
	if c.Wake == nil {
		c.Wake = func() {}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Follows == nil {
		c.Follows = func(context.Context, db.Querier, account.ID, account.ID) (bool, error) { return false, nil }
	}
	if c.Clubs == nil {
		c.Clubs = noClubs{}
	}
	s := &Service{db: d, listeners: c.Listeners, follows: c.Follows, clubs: c.Clubs, key: c.Key, wake: c.Wake, now: c.Now, log: log}
	s.audio = reconcile.New(audioRows{s}, c.SFU, c.Listeners, log)
	return s
}

// Open creates a room with by as its host, in seat 1 and not yet connected. The host
// leaves every other room, and one that they hosted before ends.
func (s *Service) Open(ctx context.Context, by account.ID, p Plan) (_ Room, err error) {
	defer fault.Wrap(&err, "open a room")
	p, err = p.checked()
	if err != nil {
		return Room{}, err
	}
	r, err := s.openOnce(ctx, by, func(*sql.Tx, ID) (Plan, error) { return p, nil })
	if err != nil {
		return Room{}, err
	}
	return s.Get(ctx, by, r)
}

// planned returns the digest of the PIN that a plan has, or none.
func (s *Service) planned(r ID, p Plan) string {
	if p.Access != AccessPIN {
		return ""
	}
	return s.digest(r, "pin", p.PIN)
}

func (s *Service) open(ctx context.Context, tx *sql.Tx, by account.ID, r ID, p Plan) (left []ID, err error) {
	now := s.now()
	if err := account.Lock(ctx, tx, by); err != nil { // as Join does
		return nil, err
	}
	mine, err := db.Select(ctx, tx, scanID, `SELECT id FROM rooms WHERE host_id = $1 AND ended_at IS NULL`, by)
	if err != nil {
		return nil, err
	}
	for _, o := range mine {
		if err := s.apply(ctx, tx, o, by, now, end(EndedNextRoom)); err != nil && !fault.Is(err, errEnded.Code) {
			return nil, err
		}
	}
	if left, err = s.leaveOthers(ctx, tx, by, r, now); err != nil {
		return nil, err
	}
	var club any
	if p.Club != "" {
		if err := s.clubs.CanOpenRoom(ctx, tx, p.Club, by); err != nil {
			return nil, err
		}
		club = p.Club
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO rooms (id, shape, category, title, language, host_id, seats, seq, created_at, access, pin_hash, capacity, audience, women_only, verified_only, club_id, recorded)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10, $11, $12, $13, $14, $15, $16)`, r, p.Shape, p.Category, p.Title, p.Language, by, p.Shape.seats(), db.Millis(now),
		p.Access, s.planned(r, p), p.Capacity, !p.NoAudience, p.WomenOnly, p.VerifiedOnly, club, p.Recorded); err != nil {
		return nil, err
	}
	// The count is exact: the unique index now keeps others from opening one for this host.
	var few bool
	if err := tx.QueryRowContext(ctx, `SELECT kind <> 'member'
		OR (SELECT COUNT(*) FROM rooms WHERE host_id = a.id AND created_at > $1) <= $2
		AND (SELECT COUNT(*) FROM rooms WHERE host_id = a.id AND created_at > $3) <= $4
		FROM accounts a WHERE a.id = $5`,
		db.Millis(now.Add(-time.Hour)), maxPerHour, db.Millis(now.Add(-24*time.Hour)), maxPerDay, by).Scan(&few); err != nil {
		return nil, err
	}
	if !few {
		return nil, errTooMany
	}
	if err := s.apply(ctx, tx, r, by, now, open); err != nil {
		return nil, err
	}
	return append(left, mine...), p.seatsKept(ctx, tx, r, by, db.Millis(now))
}

// Separate applies, in transaction tx, a new exclusion that by has made of other: in
// each room of both, the rule separate decides who leaves.
func (s *Service) Separate(ctx context.Context, tx *sql.Tx, by, other account.ID) (err error) {
	defer fault.Wrap(&err, "separate %s and %s in rooms", by, other)
	rooms, err := db.Select(ctx, tx, scanID, `SELECT DISTINCT room_id FROM room_members
		WHERE account_id IN ($1, $2) AND join_id IS NOT NULL ORDER BY room_id`, by, other)
	if err != nil {
		return err
	}
	for _, r := range rooms {
		room, err := lock(ctx, tx, r)
		if err != nil {
			return err
		}
		st, err := load(ctx, tx, room, by, other)
		if err != nil {
			return err
		}
		if err := s.run(ctx, tx, room, st, s.now(), separate(other)); err != nil && !fault.Is(err, errEnded.Code) {
			return err
		}
	}
	return nil
}

// DeleteEnded deletes the rooms that ended longer than retention ago, with their members. One
// that is not closed at the media server yet is kept, or nobody would know of it.
func (s *Service) DeleteEnded(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "delete ended rooms")
	for more := true; more; {
		if err := s.db.Tx(ctx, func(tx *sql.Tx) error {
			more, err = db.Changed(tx.ExecContext(ctx, `DELETE FROM rooms WHERE id IN (SELECT id FROM rooms WHERE ended_at <= $1 AND NOT audio LIMIT 200)`,
				db.Millis(s.now().Add(-retention))))
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// Join makes by a present member of a room; they leave every other room. joinID is the
// id of the new join, which voids every older one.
func (s *Service) Join(ctx context.Context, by account.ID, r ID) (_ Room, joinID string, err error) {
	defer fault.Wrap(&err, "join %s", r)
	now := s.now()
	var left []ID
	again := false
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		// Of two rooms joined at once neither transaction would see the other.
		if err := account.Lock(ctx, tx, by); err != nil {
			return err
		}
		if left, err = s.leaveOthers(ctx, tx, by, r, now); err != nil {
			return err
		}
		return s.apply(ctx, tx, r, by, now, func(st *state) error {
			m := st.members[by]
			again = m != nil && m.Present
			return join(st)
		})
	})
	if err != nil {
		return Room{}, "", err
	}
	s.after(ctx, by, left...)
	room, err := s.Get(ctx, by, r)
	if err != nil {
		return Room{}, "", err
	}
	me, ok := room.Member(by)
	if !ok {
		return Room{}, "", errNotInRoom
	}
	if again {
		s.audio.DisconnectOlder(ctx, string(r), me.Identity(), me.joinID)
	}
	return room, me.joinID, nil
}

// Leave ends the current join. It does nothing for a person who is not in the room.
func (s *Service) Leave(ctx context.Context, by account.ID, r ID) (err error) {
	defer fault.Wrap(&err, "leave %s", r)
	err = s.command(ctx, by, r, by, leave)
	if fault.Is(err, errEnded.Code) {
		return nil
	}
	return err
}

// LeaveAll makes a person leave every room, because they talk elsewhere.
func (s *Service) LeaveAll(ctx context.Context, who account.ID) (err error) {
	defer fault.Wrap(&err, "leave all rooms")
	var left []ID
	if err := s.db.Tx(ctx, func(tx *sql.Tx) (err error) {
		left, err = s.leaveOthers(ctx, tx, who, "", s.now())
		return err
	}); err != nil {
		return err
	}
	s.after(ctx, who, left...)
	return nil
}

// Sit takes a seat, 1 to Seats, or the first free one if seat is 0. A seated member
// changes seats.
func (s *Service) Sit(ctx context.Context, by account.ID, r ID, seat int) (_ Changed, err error) {
	defer fault.Wrap(&err, "take seat %d of %s", seat, r)
	return s.change(ctx, by, r, by, sit(seat))
}

// Stand gives up the seat.
func (s *Service) Stand(ctx context.Context, by account.ID, r ID) (_ Changed, err error) {
	defer fault.Wrap(&err, "stand up in %s", r)
	return s.change(ctx, by, r, by, stand)
}

// Mute mutes or unmutes the acting person's microphone.
func (s *Service) Mute(ctx context.Context, by account.ID, r ID, muted bool) (_ Changed, err error) {
	defer fault.Wrap(&err, "microphone in %s", r)
	return s.change(ctx, by, r, by, mute(muted))
}

// MoveToAudience takes the seat and the permission to speak away from who.
func (s *Service) MoveToAudience(ctx context.Context, by account.ID, r ID, who account.ID) (_ Changed, err error) {
	defer fault.Wrap(&err, "move %s to the audience of %s", who, r)
	return s.change(ctx, by, r, who, moveToAudience(who))
}

// AllowToSpeak permits who to take a free seat.
func (s *Service) AllowToSpeak(ctx context.Context, by account.ID, r ID, who account.ID) (_ Changed, err error) {
	defer fault.Wrap(&err, "allow %s to speak in %s", who, r)
	return s.change(ctx, by, r, who, allowToSpeak(who))
}

// Remove makes who leave and bars them from joining again. Somebody who has left can be removed.
func (s *Service) Remove(ctx context.Context, by account.ID, r ID, who account.ID) (_ Changed, err error) {
	defer fault.Wrap(&err, "remove %s from %s", who, r)
	return s.takeAway(ctx, by, r, who, remove(who))
}

// takeAway runs remove or ban.
func (s *Service) takeAway(ctx context.Context, by account.ID, r ID, who account.ID, f rule) (Changed, error) {
	asks := false
	out, err := s.change(ctx, by, r, who, func(st *state) error {
		err := f(st)
		asks = slices.ContainsFunc(st.log, func(e entry) bool { return e.action == LogAskedRemoval })
		return err
	})
	if err == nil && asks {
		return Changed{}, errAskHost
	}
	if err == nil {
		s.listeners.CloseOwner(string(r), previewIdentity(who), "")
	}
	return out, err
}

// End ends the room for everybody. It does nothing if the room has ended.
func (s *Service) End(ctx context.Context, by account.ID, r ID) (err error) {
	defer fault.Wrap(&err, "end %s", r)
	err = s.command(ctx, by, r, by, end(EndedByHost))
	if fault.Is(err, errEnded.Code) {
		return nil
	}
	return err
}

// Get returns a room as viewer may see it. Viewers inside see the seated members, the
// newest listeners and themselves; others see the seated members. It fails with not
// found for a viewer to whom the room is closed, and for a removed one. Room.Gate says what
// stands between the viewer and the room; one whom it keeps from knowing reads no members.
func (s *Service) Get(ctx context.Context, viewer account.ID, r ID) (_ Room, err error) {
	defer fault.Wrap(&err, "read %s", r)
	// One transaction, so that seq and members belong together.
	tx, err := s.db.BeginTx(ctx, s.db.ReadOnly())
	if err != nil {
		return Room{}, err
	}
	defer func() { _ = tx.Rollback() }()
	room, me, at, err := lookAt(ctx, tx, r, viewer)
	if err != nil {
		return Room{}, err
	}
	if room.EndedAt.IsZero() {
		room.Gate = gateOf(can(me, actionJoin, at))
	}
	if !me.present {
		room.Link = "" // for those inside
	}
	if can(me, actionListen, at) != nil {
		return room, s.hideClubs(ctx, tx, viewer, &room)
	}
	if err := s.hideClubs(ctx, tx, viewer, &room); err != nil {
		return Room{}, err
	}
	if err := readMembers(ctx, tx, &room, viewer); err != nil {
		return Room{}, err
	}
	if room.EndedAt.IsZero() && !room.Audience && !me.stays() && !room.hasFreeSeat() {
		room.Gate = GateFull
	}
	return room, nil
}

// change runs a command about one member and returns the fact of how they changed. If
// nothing changed, it returns how they stand, without a cause.
func (s *Service) change(ctx context.Context, by account.ID, r ID, about account.ID, f rule) (out Changed, err error) {
	now := s.now()
	changed := false
	if err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		st, err := s.applied(ctx, tx, r, by, now, f, about)
		if err == nil {
			out, changed = st.fact(r, about), st.isChanged()
		}
		return err
	}); err != nil {
		return Changed{}, err
	}
	if changed { // or anybody could keep the media server busy
		s.after(ctx, about, r)
	}
	return out, nil
}

// command is change for who wants no answer.
func (s *Service) command(ctx context.Context, by account.ID, r ID, about account.ID, f rule) error {
	_, err := s.change(ctx, by, r, about, f)
	return err
}

// after wakes the relay and syncs the audio of a person in the rooms that changed.
func (s *Service) after(ctx context.Context, who account.ID, rooms ...ID) {
	s.wake()
	for _, r := range rooms {
		if err := s.SyncMedia(ctx, r, who); err != nil {
			s.log.Warn("room: the media server is not synced; the reconciler repeats it", "room", r, "who", who, "err", err)
		}
	}
}

// apply locks a room, runs one rule, writes what it changed and appends the facts.
func (s *Service) apply(ctx context.Context, tx *sql.Tx, r ID, by account.ID, now time.Time, f rule, about ...account.ID) error {
	_, err := s.applied(ctx, tx, r, by, now, f, about...)
	return err
}

// applied is apply, and returns the state with its facts. For somebody excluded who is not
// inside the room does not exist, whatever they do and whether it has ended; see actionRead.
func (s *Service) applied(ctx context.Context, tx *sql.Tx, r ID, by account.ID, now time.Time, f rule, about ...account.ID) (*state, error) {
	room, err := lock(ctx, tx, r)
	if err != nil {
		return nil, err
	}
	st, err := s.prepared(ctx, tx, room, by, now, about...)
	if err != nil {
		return nil, err
	}
	return st, s.run(ctx, tx, room, st, now, f)
}

// prepared reads the state of a room for a rule of by, and fails for whom the room does not exist.
func (s *Service) prepared(ctx context.Context, tx *sql.Tx, room Room, by account.ID, now time.Time, about ...account.ID) (*state, error) {
	st, err := load(ctx, tx, room, by, about...)
	if err != nil {
		return nil, err
	}
	if st.me.isolated && !st.person(by).present {
		return nil, st.can(actionRead, target{})
	}
	if room.Club != "" && !st.person(by).present {
		in, err := s.clubs.ClubMember(ctx, tx, room.Club, by)
		if err != nil {
			return nil, err
		}
		if in.Banned { // as if its host had removed them
			st.removed[by] = true
		}
	}
	st.follows = func(by, other account.ID) (bool, error) { return s.follows(ctx, tx, by, other) }
	st.hold = func(who account.ID) (hold, error) { return readHold(ctx, tx, room.ID, room.Host, who) }
	st.removals, err = removals(ctx, tx, room.ID, by, now)
	return st, err
}

// run runs one rule on a loaded room.
func (s *Service) run(ctx context.Context, tx *sql.Tx, room Room, st *state, now time.Time, f rule) error {
	r, by := room.ID, st.by
	if !room.EndedAt.IsZero() {
		return errEnded
	}
	if err := f(st); err != nil {
		return err
	}
	var facts []outbox.Fact
	seen := false
	for _, c := range st.changes {
		isLost := room.Crowded && st.isLost(c)
		if c.cause != "" && !isLost {
			room.Seq++
		}
		seen = seen || c.cause != ""
		if c.member.Hand == handNext {
			c.member.Hand = room.Seq
		}
		if err := write(ctx, tx, r, st, c.member, now, now.Add(connectTimeout)); err != nil {
			return err
		}
		if c.cause == "" {
			continue
		}
		if isLost {
			facts = append(facts, Counted{Room: r, Seq: room.Seq, Account: c.member.Account, Left: c.cause == Left})
			continue
		}
		fact := Changed{Room: r, Seq: room.Seq, At: now, Cause: c.cause, Member: c.member}
		st.facts = append(st.facts, fact)
		facts = append(facts, fact)
	}
	for _, other := range st.hidden {
		facts = append(facts, Hidden{Room: r, Seq: room.Seq, A: by, B: other})
	}
	if st.shared != room.Shared {
		room.Seq++
		room.Shared = st.shared
		facts = append(facts, Sharing{Room: r, Seq: room.Seq, At: now, Shared: room.Shared})
	}
	room.Host = st.host
	wasCrowded := room.Crowded
	if seen {
		if err := count(ctx, tx, &room, st); err != nil {
			return err
		}
	}
	if st.pinHash != room.pinHash || st.entry.Access != room.Access { // whom the door as it was let in asks anew
		if _, err := tx.ExecContext(ctx, `DELETE FROM room_admissions WHERE room_id = $1`, r); err != nil {
			return err
		}
	}
	room.pinHash = st.pinHash
	if st.look != room.look() || st.entry != room.Entry || wasCrowded != room.Crowded {
		room.Seq++
		room.setLook(st.look)
		room.Entry = st.entry
		facts = append(facts, Edited{Room: r, Seq: room.Seq, At: now, Title: room.Title, Category: room.Category, Link: room.Link,
			Chat: room.Chat.Chat, Slow: room.Chat.Slow, Hands: room.Hands, Locked: room.Locked(), Crowded: room.Crowded, Entry: room.Entry})
	}
	for _, who := range st.invited {
		facts = append(facts, Invited{Room: r, Seq: room.Seq, Account: who, By: by})
	}
	if err := writeBans(ctx, tx, st.host, now, st.bans); err != nil {
		return err
	}
	if err := writeLog(ctx, tx, r, by, now, st.log); err != nil {
		return err
	}
	st.seq = room.Seq
	if st.ended != "" {
		room.Seq++
		room.EndedAt, room.EndReason = now, st.ended
		facts = append(facts, Ended{Room: r, Seq: room.Seq, At: now, Reason: st.ended})
	}
	if err := finish(ctx, tx, room, st.seated(), now, now.Add(emptyTimeout)); err != nil {
		return err
	}
	return outbox.Append(ctx, tx, now, facts...)
}

// leaveOthers makes a person leave every room but r, and returns the ones left.
func (s *Service) leaveOthers(ctx context.Context, tx *sql.Tx, who account.ID, r ID, now time.Time) ([]ID, error) {
	rooms, err := elsewhere(ctx, tx, who, r)
	if err != nil {
		return nil, err
	}
	for _, o := range rooms {
		if err := s.apply(ctx, tx, o, who, now, leave); err != nil && !fault.Is(err, errEnded.Code) {
			return nil, err
		}
	}
	return rooms, nil
}
