package room

import (
	"context"
	"database/sql"
	"log/slog"
	"time"

	"heyy/internal/account"
	"heyy/internal/db"
	"heyy/internal/event"
	"heyy/internal/fault"
	"heyy/internal/id"
	"heyy/internal/keyed"
)

// Voices carries out at the media server what the rows say.
type Voices interface {
	Grant(ctx context.Context, room, person string, maySpeak bool) error
	Remove(ctx context.Context, room, person string) error
	Close(ctx context.Context, room string) error
	// Present is who is connected, and whether they may speak.
	Present(ctx context.Context, room string) (map[string]bool, error)
}

// Times of a room.
const (
	connectTime = 30 * time.Second // from join to the first audio connection
	awayTime    = 10 * time.Second // from a lost connection to counting as left
	emptyTime   = 2 * time.Minute  // from the last person's leaving to the end
	settleTime  = 3 * time.Second  // for the media server to answer
)

// Service is the rooms of one database.
type Service struct {
	db     *db.DB
	voices Voices
	wake   func() // stirs the relay after a commit
	now    func() time.Time
	log    *slog.Logger
	one    keyed.Mutex[ID] // settles one room at a time
}

// New makes the service. wake is called after each commit that appended facts.
func New(d *db.DB, v Voices, wake func(), now func() time.Time, log *slog.Logger) *Service {
	return &Service{db: d, voices: v, wake: wake, now: now, log: log}
}

// Open makes a room with by as its host, in seat 1 and not yet connected.
// It leaves whatever room they were in.
func (s *Service) Open(ctx context.Context, by account.ID, p Plan) (_ Room, err error) {
	defer fault.Wrap(&err, "open a room")
	p, err = p.checked()
	if err != nil {
		return Room{}, err
	}
	now := s.now()
	r := ID(id.New())
	var left []ID
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		if left, err = s.leaveOthers(ctx, tx, by, r, now); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO rooms (id, category, title, language, host_id, seats, seq, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, 0, $7)`, r, p.Category, p.Title, p.Language, by, Seats, db.Millis(now)); err != nil {
			return err
		}
		return s.apply(ctx, tx, r, by, now, func(st *state) error {
			if err := join(st); err != nil {
				return err
			}
			return sit(1)(st)
		})
	})
	if err != nil {
		return Room{}, err
	}
	s.after(ctx, by, left...)
	return s.Look(ctx, by, r)
}

// Join admits by to a room, leaving whatever room they were in. The admission
// names this coming: every older one is worthless from now on.
func (s *Service) Join(ctx context.Context, by account.ID, r ID) (_ Room, admission string, err error) {
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
			again = m != nil && m.Here
			return join(st)
		})
	})
	if err != nil {
		return Room{}, "", err
	}
	s.after(ctx, by, left...)
	room, err := s.Look(ctx, by, r)
	if err != nil {
		return Room{}, "", err
	}
	me, ok := room.Member(by)
	if !ok {
		return Room{}, "", errNotHere
	}
	if again {
		s.hangUp(ctx, r, by, me.admission)
	}
	return room, me.admission, nil
}

// hangUp ends the audio of older admissions, while admission is the living one
// and nobody can have connected with it yet: who comes in anew comes in silent.
func (s *Service) hangUp(ctx context.Context, r ID, who account.ID, admission string) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer stop()
	defer s.one.Lock(r)()
	st, err := standingOf(ctx, s.db, r, who)
	if err == nil && st.admission == admission {
		err = s.voices.Remove(ctx, string(r), string(who))
	}
	if err != nil {
		s.log.Warn("room: an older connection is left to its end", "room", r, "person", who, "err", err)
	}
}

// Admission is the living admission of somebody to a room and whether they may
// speak there. It makes a fresh token for a retry of Join.
func (s *Service) Admission(ctx context.Context, by account.ID, r ID) (admission string, maySpeak bool, err error) {
	st, err := standingOf(ctx, s.db, r, by)
	if err != nil {
		return "", false, err
	}
	if !st.here {
		return "", false, errNotHere
	}
	return st.admission, st.maySpeak, nil
}

// Leave is quiet and final for this coming. Who is not here has left already.
func (s *Service) Leave(ctx context.Context, by account.ID, r ID) (err error) {
	defer fault.Wrap(&err, "leave %s", r)
	err = s.command(ctx, by, r, by, leave)
	if fault.Is(err, errEnded.Code) {
		return nil
	}
	return err
}

// LeaveAll takes somebody out of wherever they are: they talk elsewhere now.
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

// Sit takes a seat, 1 to Seats, or the first free one if seat is 0; who sits
// already changes places.
func (s *Service) Sit(ctx context.Context, by account.ID, r ID, seat int) (_ Room, err error) {
	defer fault.Wrap(&err, "take seat %d of %s", seat, r)
	return s.commanded(ctx, by, r, by, sit(seat))
}

// Stand gives the seat up.
func (s *Service) Stand(ctx context.Context, by account.ID, r ID) (_ Room, err error) {
	defer fault.Wrap(&err, "stand up in %s", r)
	return s.commanded(ctx, by, r, by, stand)
}

// Mute says whether by's microphone is off.
func (s *Service) Mute(ctx context.Context, by account.ID, r ID, muted bool) (_ Room, err error) {
	defer fault.Wrap(&err, "microphone in %s", r)
	return s.commanded(ctx, by, r, by, mute(muted))
}

// MoveBack is the host's: who goes to the audience and takes no seat until let.
func (s *Service) MoveBack(ctx context.Context, by account.ID, r ID, who account.ID) (_ Room, err error) {
	defer fault.Wrap(&err, "move %s back in %s", who, r)
	return s.commanded(ctx, by, r, who, moveBack(who))
}

// LetSit is the host's: who may take seats again.
func (s *Service) LetSit(ctx context.Context, by account.ID, r ID, who account.ID) (_ Room, err error) {
	defer fault.Wrap(&err, "let %s sit in %s", who, r)
	return s.commanded(ctx, by, r, who, letSit(who))
}

// Remove is the host's: who is out and has no way back.
func (s *Service) Remove(ctx context.Context, by account.ID, r ID, who account.ID) (_ Room, err error) {
	defer fault.Wrap(&err, "remove %s from %s", who, r)
	return s.commanded(ctx, by, r, who, remove(who))
}

// End is the host's: the room is over for all. An ended room stays ended.
func (s *Service) End(ctx context.Context, by account.ID, r ID) (err error) {
	defer fault.Wrap(&err, "end %s", r)
	err = s.command(ctx, by, r, by, end)
	if fault.Is(err, errEnded.Code) {
		return nil
	}
	return err
}

// Look reads a room as it stands. viewer is found among its members wherever
// they sit; "" views from outside.
func (s *Service) Look(ctx context.Context, viewer account.ID, r ID) (_ Room, err error) {
	defer fault.Wrap(&err, "look at %s", r)
	// One transaction, so that seq and members belong together.
	tx, err := s.db.BeginTx(ctx, s.db.ReadOnly())
	if err != nil {
		return Room{}, err
	}
	defer func() { _ = tx.Rollback() }()
	room, err := readRoom(ctx, tx, r)
	if err != nil {
		return Room{}, err
	}
	return room, readMembers(ctx, tx, &room, viewer)
}

func (s *Service) command(ctx context.Context, by account.ID, r ID, about account.ID, f rule) error {
	now := s.now()
	if err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		return s.apply(ctx, tx, r, by, now, f, about)
	}); err != nil {
		return err
	}
	s.wake()
	return s.settle(ctx, r, about)
}

func (s *Service) commanded(ctx context.Context, by account.ID, r ID, about account.ID, f rule) (Room, error) {
	if err := s.command(ctx, by, r, about, f); err != nil {
		return Room{}, err
	}
	return s.Look(ctx, by, r)
}

// after wakes the relay and settles the rooms that somebody left on the way.
func (s *Service) after(ctx context.Context, who account.ID, left ...ID) {
	s.wake()
	for _, r := range left {
		if err := s.settle(ctx, r, who); err != nil {
			s.log.Warn("room: left but not settled; the sweep will", "room", r, "err", err)
		}
	}
}

// apply runs one rule on a locked room and keeps what it changed.
func (s *Service) apply(ctx context.Context, tx *sql.Tx, r ID, by account.ID, now time.Time, f rule, about ...account.ID) error {
	room, err := lock(ctx, tx, r)
	if err != nil {
		return err
	}
	if !room.EndedAt.IsZero() {
		return errEnded
	}
	st, err := load(ctx, tx, room, by, about...)
	if err != nil {
		return err
	}
	if err := f(st); err != nil {
		return err
	}
	var facts []event.Fact
	for _, c := range st.changes {
		if err := write(ctx, tx, r, c, st.removed[c.member.Account], now, now.Add(connectTime)); err != nil {
			return err
		}
		if c.cause == "" {
			continue
		}
		room.Seq++
		facts = append(facts, Changed{Room: r, Seq: room.Seq, At: now, Cause: c.cause, Role: room.Role(c.member), Member: c.member})
	}
	if st.ended != "" {
		room.Seq++
		room.EndedAt, room.EndedWhy = now, st.ended
		facts = append(facts, Ended{Room: r, Seq: room.Seq, At: now, Why: st.ended})
	}
	if err := finish(ctx, tx, room, now, now.Add(emptyTime)); err != nil {
		return err
	}
	return event.Append(ctx, tx, now, facts...)
}

// leaveOthers takes who out of every room but r: one voice is in one place.
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

// settle carries out at the media server what the rows say about one person.
// One room at a time, reading anew: the last to settle finds the newest state.
func (s *Service) settle(ctx context.Context, r ID, who account.ID) error {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer stop()
	defer s.one.Lock(r)()
	st, err := standingOf(ctx, s.db, r, who)
	if err != nil {
		return err
	}
	switch {
	case !st.open:
		err = s.voices.Close(ctx, string(r))
	case !st.here:
		err = s.voices.Remove(ctx, string(r), string(who))
	default:
		err = s.voices.Grant(ctx, string(r), string(who), st.maySpeak)
	}
	if err != nil {
		// The rows are right and the sweep repeats this; the command stands.
		s.log.Error("room: not settled; the sweep will", "room", r, "person", who, "err", err)
	}
	return nil
}

// Admit is the gate's question: may this person connect under this admission?
func (s *Service) Admit(ctx context.Context, room, person, admission string) (maySpeak bool, err error) {
	st, err := standingOf(ctx, s.db, ID(room), account.ID(person))
	if err != nil {
		return false, err
	}
	if !st.here || st.admission != admission {
		return false, errAdmission
	}
	return st.maySpeak, nil
}

// Arrived is told when somebody's audio has connected. What the rows say may
// have changed since the gate looked, so it is carried out again.
func (s *Service) Arrived(ctx context.Context, room, person, admission string) error {
	if _, err := s.deadline(ctx, room, person, admission, nil); err != nil {
		return err
	}
	return s.settle(ctx, ID(room), account.ID(person))
}

// Departed is told when somebody's audio is gone: they have a while to return.
func (s *Service) Departed(ctx context.Context, room, person, admission string) error {
	until := db.Millis(s.now().Add(awayTime))
	_, err := s.deadline(ctx, room, person, admission, &until)
	return err
}

func (s *Service) deadline(ctx context.Context, room, person, admission string, until *int64) (hit bool, err error) {
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		hit, err = db.Changed(tx.ExecContext(ctx,
			`UPDATE room_members SET deadline_at = $1 WHERE room_id = $2 AND account_id = $3 AND join_id = $4`,
			until, room, person, admission))
		return err
	})
	return hit, err
}
