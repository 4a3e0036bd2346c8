package room

import (
	"context"
	"database/sql"
	"log/slog"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
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
	db    *db.DB
	audio *reconcile.Reconciler
	wake  func() // wakes the outbox relay after a commit
	now   func() time.Time
}

// New returns a service. wake is called after each commit that appended facts.
func New(d *db.DB, sfu reconcile.SFU, wake func(), now func() time.Time, log *slog.Logger) *Service {
	s := &Service{db: d, wake: wake, now: now}
	s.audio = reconcile.New(audioRows{s}, sfu, log)
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
	var r ID
	var left []ID
	for try := 1; ; try++ {
		r = ID(id.New())
		err = s.db.Tx(ctx, func(tx *sql.Tx) (err error) {
			left, err = s.open(ctx, tx, by, r, p)
			return err
		})
		// Of two concurrent calls the unique index accepts one. The other finds that
		// room when it tries again, and ends it.
		if !db.IsUnique(err) {
			break
		}
		if try == 3 {
			return Room{}, errTooMany
		}
	}
	if err != nil {
		return Room{}, err
	}
	s.after(ctx, by, left...)
	return s.Get(ctx, by, r)
}

func (s *Service) open(ctx context.Context, tx *sql.Tx, by account.ID, r ID, p Plan) (left []ID, err error) {
	now := s.now()
	mine, err := db.Select(ctx, tx, scanID, `SELECT id FROM rooms WHERE host_id = $1 AND ended_at IS NULL`, by)
	if err != nil {
		return nil, err
	}
	for _, o := range mine {
		if err := s.apply(ctx, tx, o, by, now, end); err != nil && !fault.Is(err, errEnded.Code) {
			return nil, err
		}
	}
	if left, err = s.leaveOthers(ctx, tx, by, r, now); err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO rooms (id, shape, category, title, language, host_id, seats, seq, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8)`, r, Lounge, p.Category, p.Title, p.Language, by, Seats, db.Millis(now)); err != nil {
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
	return append(left, mine...), s.apply(ctx, tx, r, by, now, open)
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
		s.audio.DisconnectOlder(ctx, string(r), string(by), me.joinID)
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

// Remove makes who leave and bars them from joining again.
func (s *Service) Remove(ctx context.Context, by account.ID, r ID, who account.ID) (_ Changed, err error) {
	defer fault.Wrap(&err, "remove %s from %s", who, r)
	return s.change(ctx, by, r, who, remove(who))
}

// End ends the room for everybody. It does nothing if the room has ended.
func (s *Service) End(ctx context.Context, by account.ID, r ID) (err error) {
	defer fault.Wrap(&err, "end %s", r)
	err = s.command(ctx, by, r, by, end)
	if fault.Is(err, errEnded.Code) {
		return nil
	}
	return err
}

// Get returns a room as viewer may see it. Viewers inside see the seated members, the
// newest listeners and themselves; others see the seated members. It fails with not
// found for a viewer to whom the room is closed, and for a removed one.
func (s *Service) Get(ctx context.Context, viewer account.ID, r ID) (_ Room, err error) {
	defer fault.Wrap(&err, "read %s", r)
	// One transaction, so that seq and members belong together.
	tx, err := s.db.BeginTx(ctx, s.db.ReadOnly())
	if err != nil {
		return Room{}, err
	}
	defer func() { _ = tx.Rollback() }()
	room, err := readableRoom(ctx, tx, r, viewer)
	if err != nil {
		return Room{}, err
	}
	return room, readMembers(ctx, tx, &room, viewer)
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
		s.audio.SyncCommitted(ctx, string(r), string(who))
	}
}

// apply locks a room, runs one rule, writes what it changed and appends the facts.
func (s *Service) apply(ctx context.Context, tx *sql.Tx, r ID, by account.ID, now time.Time, f rule, about ...account.ID) error {
	_, err := s.applied(ctx, tx, r, by, now, f, about...)
	return err
}

// applied is apply, and returns the state with its facts. For somebody excluded who is not
// inside the room does not exist, whatever they do and whether it has ended.
func (s *Service) applied(ctx context.Context, tx *sql.Tx, r ID, by account.ID, now time.Time, f rule, about ...account.ID) (*state, error) {
	room, err := lock(ctx, tx, r)
	if err != nil {
		return nil, err
	}
	st, err := load(ctx, tx, room, by, about...)
	if err != nil {
		return nil, err
	}
	if st.isolated && !st.person(by).present {
		return nil, errNotFound
	}
	return st, s.run(ctx, tx, room, st, now, f)
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
	for _, c := range st.changes {
		if err := write(ctx, tx, r, c, st.removed[c.member.Account], now, now.Add(connectTimeout)); err != nil {
			return err
		}
		if c.cause == "" {
			continue
		}
		room.Seq++
		fact := Changed{Room: r, Seq: room.Seq, At: now, Cause: c.cause, Member: c.member}
		st.facts = append(st.facts, fact)
		facts = append(facts, fact)
	}
	st.seq = room.Seq
	for _, other := range st.hidden {
		facts = append(facts, Hidden{Room: r, Seq: room.Seq, A: by, B: other})
	}
	if st.ended != "" {
		room.Seq++
		room.EndedAt, room.EndReason = now, st.ended
		facts = append(facts, Ended{Room: r, Seq: room.Seq, At: now, Reason: st.ended})
	}
	if err := finish(ctx, tx, room, now, now.Add(emptyTimeout)); err != nil {
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
