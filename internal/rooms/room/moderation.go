package room

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/people/account"
)

const (
	// UndoTime is how long an action of a host can be undone.
	UndoTime = 10 * time.Minute
	// maxRemovals is how many people one co-host removes within removalTime without the host.
	maxRemovals = 10
	removalTime = time.Minute
)

// LogAction is an action of a host as the log of a room names it.
type LogAction string

// Actions in the log of a room.
const (
	LogMoved         LogAction = "moved_to_audience"
	LogAllowed       LogAction = "allowed_to_speak"
	LogRemoved       LogAction = "removed"
	LogBanned        LogAction = "banned"
	LogAskedRemoval  LogAction = "asked_to_remove" // a co-host who has removed too many: the host decides
	LogMutedMember   LogAction = "muted"
	LogAllowedUnmute LogAction = "allowed_to_unmute"
	LogLocked        LogAction = "seat_locked"
	LogUnlocked      LogAction = "seat_unlocked"
	LogCoHost        LogAction = "made_co_host"
	LogNoCoHost      LogAction = "unmade_co_host"
	LogHandedOver    LogAction = "handed_over"
	LogInherited     LogAction = "inherited"
	LogHands         LogAction = "set_hands"
	LogShared        LogAction = "set_sharing"
	LogChat          LogAction = "set_chat"
	LogSlow          LogAction = "set_slow"
	LogChatMuted     LogAction = "chat_muted"
	LogAllowedWrite  LogAction = "allowed_to_write"
	LogTitle         LogAction = "set_title"
	LogCategory      LogAction = "set_category"
	LogLink          LogAction = "set_link"
	LogAccess        LogAction = "set_access"
)

// entry is one line of the log, as a rule writes it.
type entry struct {
	action LogAction
	about  account.ID // "": nobody
	seat   int        // 0: none
	before string     // the value that was changed
}

func (s *state) logged(e entry) { s.log = append(s.log, e) }

// LogEntry is one line of the log of a room.
type LogEntry struct {
	ID      string
	At      time.Time
	By      account.ID
	Action  LogAction
	About   account.ID // "": nobody
	Seat    int        // 0: none
	Undone  bool
	CanUndo bool // by the reader, now
	before  string
}

// MuteMember mutes who and keeps them from opening the microphone again by themselves.
func (s *Service) MuteMember(ctx context.Context, by account.ID, r ID, who account.ID) (_ Changed, err error) {
	defer fault.Wrap(&err, "mute %s in %s", who, r)
	return s.change(ctx, by, r, who, muteMember(who))
}

// AllowToUnmute lets who open the microphone again.
func (s *Service) AllowToUnmute(ctx context.Context, by account.ID, r ID, who account.ID) (_ Changed, err error) {
	defer fault.Wrap(&err, "let %s open the microphone in %s", who, r)
	return s.change(ctx, by, r, who, allowToUnmute(who))
}

// LockSeat keeps a free seat for hosts, or opens it again.
func (s *Service) LockSeat(ctx context.Context, by account.ID, r ID, seat int, locked bool) (err error) {
	defer fault.Wrap(&err, "lock seat %d of %s", seat, r)
	return s.command(ctx, by, r, by, lockSeat(seat, locked))
}

func muteMember(who account.ID) rule {
	return func(s *state) error {
		if err := s.can(actionMuteMember, s.target(who)); err != nil {
			return err
		}
		if m := s.members[who]; !m.MutedByHost || !m.Muted {
			m.MutedByHost, m.Muted = true, true
			s.logged(entry{action: LogMutedMember, about: who})
			s.changed(MutedByHost, m)
		}
		return nil
	}
}

func allowToUnmute(who account.ID) rule {
	return func(s *state) error {
		if err := s.can(actionAllowToUnmute, s.target(who)); err != nil {
			return err
		}
		if m := s.members[who]; m.MutedByHost {
			m.MutedByHost = false
			if m.Seat != 0 {
				m.lowerHand()
			}
			s.logged(entry{action: LogAllowedUnmute, about: who})
			s.changed(AllowedToUnmute, m)
		}
		return nil
	}
}

func lockSeat(n int, locked bool) rule {
	return func(s *state) error {
		_, seat := s.seat(n)
		if n == 0 {
			seat = seatUnknown
		}
		if err := s.can(actionLockSeat, target{seat: seat}); err != nil {
			return err
		}
		if s.locked.has(n) == locked {
			return nil
		}
		s.locked ^= 1 << (n - 1)
		action := LogUnlocked
		if locked {
			action = LogLocked
		}
		s.logged(entry{action: action, seat: n})
		return nil
	}
}

// setCoHost makes who a co-host, or a speaker or listener again.
func setCoHost(who account.ID, on bool) rule {
	return func(s *state) error {
		do, action, cause := actionUnmakeCoHost, LogNoCoHost, UnmadeCoHost
		if on {
			do, action, cause = actionMakeCoHost, LogCoHost, MadeCoHost
		}
		if err := s.can(do, s.target(who)); err != nil {
			return err
		}
		m := s.members[who]
		role, another := m.Role.demoted(m.Seat != 0)
		if on {
			role, another = m.Role.promoted()
		}
		if !another {
			return nil
		}
		if m.Role = role; on {
			m.CanSpeak, m.MutedByHost, m.Invited = true, false, false
			m.lowerHand()
		}
		s.logged(entry{action: action, about: who})
		if !m.Present {
			cause = "" // others see nothing change
		}
		s.changed(cause, m)
		return nil
	}
}

// MakeCoHost and UnmakeCoHost change the role of who.
func (s *Service) MakeCoHost(ctx context.Context, by account.ID, r ID, who account.ID) (_ Changed, err error) {
	defer fault.Wrap(&err, "make %s a co-host of %s", who, r)
	return s.change(ctx, by, r, who, setCoHost(who, true))
}

// UnmakeCoHost makes a co-host a speaker, or a listener without a seat.
func (s *Service) UnmakeCoHost(ctx context.Context, by account.ID, r ID, who account.ID) (_ Changed, err error) {
	defer fault.Wrap(&err, "make %s no co-host of %s", who, r)
	return s.change(ctx, by, r, who, setCoHost(who, false))
}

// Log returns what hosts have done in a room, the newest first, for hosts. A co-host is not told
// about whom they must not meet.
func (s *Service) Log(ctx context.Context, by account.ID, r ID) (_ []LogEntry, err error) {
	defer fault.Wrap(&err, "read the log of %s", r)
	if err := s.mayLead(ctx, by, r); err != nil {
		return nil, err
	}
	tx, err := s.db.BeginTx(ctx, s.db.ReadOnly())
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }()
	all, err := db.Select(ctx, tx, scanEntry, `SELECT `+entryColumns+` FROM room_log WHERE room_id = $1
		AND (by_id = $2 OR account_id IS NULL OR account_id NOT IN (SELECT b_id FROM apart WHERE a_id = $2) OR EXISTS (SELECT 1 FROM rooms WHERE id = $1 AND host_id = $2))
		ORDER BY at DESC, id DESC LIMIT $3`, r, by, maxLog)
	if err != nil {
		return nil, err
	}
	return all, s.markUndoable(ctx, tx, by, r, all)
}

// markUndoable sets which lines of the log by can undo now: those of which Undo's own rule says
// so, tried on a copy of the room.
func (s *Service) markUndoable(ctx context.Context, tx *sql.Tx, by account.ID, r ID, all []LogEntry) error {
	now := s.now()
	var about []account.ID
	fresh := false
	for _, e := range all {
		if e.isUndoable(now) {
			fresh = true
			if e.About != "" && !slices.Contains(about, e.About) {
				about = append(about, e.About)
			}
		}
	}
	if !fresh {
		return nil
	}
	room, err := readRoom(ctx, tx, r)
	if err != nil || !room.EndedAt.IsZero() {
		return err
	}
	st, err := s.prepared(ctx, tx, room, by, now, about...)
	if err != nil {
		return err
	}
	for i, e := range all {
		if !e.isUndoable(now) {
			continue
		}
		switch err := undoOf(e, now)(st.copy()); {
		case err == nil:
			all[i].CanUndo = true
		case fault.As(err) == nil:
			return err
		}
	}
	return nil
}

// maxLog is how many lines of the log are read at once.
const maxLog = 200

const entryColumns = `id, at, by_id, action, account_id, seat, before, undone_at`

func scanEntry(row interface{ Scan(...any) error }) (e LogEntry, err error) {
	var at int64
	var about sql.NullString
	var seat, undone sql.NullInt64
	err = row.Scan(&e.ID, &at, &e.By, &e.Action, &about, &seat, &e.before, &undone)
	e.At, e.About, e.Seat, e.Undone = time.UnixMilli(at), account.ID(about.String), int(seat.Int64), undone.Valid
	return e, err
}

// isUndoable reports whether e can be undone now.
func (e LogEntry) isUndoable(now time.Time) bool {
	_, known := inverse(e)
	return known && !e.Undone && now.Sub(e.At) < UndoTime
}

// inverse returns the rule that takes an action back.
func inverse(e LogEntry) (undo rule, ok bool) {
	switch e.Action {
	case LogMoved:
		return allowToSpeak(e.About), true
	case LogAllowed:
		return moveToAudience(e.About), true
	case LogRemoved, LogBanned:
		return takeBack(e), true
	case LogMutedMember:
		return allowToUnmute(e.About), true
	case LogAllowedUnmute:
		return muteMember(e.About), true
	case LogLocked, LogUnlocked:
		return lockSeat(e.Seat, e.Action == LogUnlocked), true
	case LogCoHost, LogNoCoHost:
		return setCoHost(e.About, e.Action == LogNoCoHost), true
	case LogHands:
		return setHands(Hands(e.before)), true
	case LogChat, LogSlow:
		return undoChat(e), true
	case LogChatMuted, LogAllowedWrite:
		return muteChat(e.About, e.Action == LogAllowedWrite), true
	case LogTitle, LogCategory, LogLink:
		return undoEdit(e), true
	case LogAccess:
		return restoreEntry(e.before), true
	}
	return nil, false
}

// hold is what keeps somebody out of a room: the last removal or ban that was not undone, by
// whom, whether the room has another host since, and whether the host's rooms are closed to them.
type hold struct {
	entry      string // "": none
	by         account.ID
	handedOver bool
	banned     bool
}

func readHold(ctx context.Context, tx *sql.Tx, r ID, host, who account.ID) (h hold, err error) {
	if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM room_bans WHERE host_id = $1 AND account_id = $2)`, host, who).Scan(&h.banned); err != nil {
		return h, err
	}
	err = tx.QueryRowContext(ctx, `SELECT l.id, l.by_id, EXISTS (SELECT 1 FROM room_log o WHERE o.room_id = l.room_id AND o.action IN ($1, $2) AND o.at >= l.at)
		FROM room_log l WHERE l.room_id = $3 AND l.account_id = $4 AND l.action IN ($5, $6) AND l.undone_at IS NULL
		ORDER BY l.at DESC, l.id DESC LIMIT 1`, LogHandedOver, LogInherited, r, who, LogRemoved, LogBanned).Scan(&h.entry, &h.by, &h.handedOver)
	if db.IsNone(err) {
		err = nil
	}
	return h, err
}

// takeBack takes back a removal or a ban, as far as it changed anything: what kept them out
// before does so again.
func takeBack(e LogEntry) rule {
	return func(s *state) error {
		last, err := s.hold(e.About)
		switch {
		case err != nil:
			return err
		case last.entry != e.ID: // a host has kept them out since
			return errNotUndone
		case e.Action == LogBanned && last.handedOver: // it is for the rooms of the host of then
			return errNotUndone
		case e.before == "":
			return readmit(e.About, e.Action == LogBanned)(s)
		case e.Action == LogBanned && LogAction(e.before) == LogRemoved:
			s.bans = map[account.ID]bool{e.About: false}
		}
		return nil
	}
}

// readmit lets a removed or, with lift, a banned person come in again.
func readmit(who account.ID, lift bool) rule {
	return func(s *state) error {
		if !s.removed[who] { // only Undo runs it, which has asked can
			return nil
		}
		delete(s.removed, who)
		if lift {
			s.bans = map[account.ID]bool{who: false}
		}
		s.changed("", s.members[who])
		return nil
	}
}

// undoOf is the rule of Undo.
func undoOf(e LogEntry, now time.Time) rule {
	return func(s *state) error {
		if err := s.can(actionUndo, target{self: e.By == s.by}); err != nil {
			return err
		}
		if !e.isUndoable(now) {
			return errNotUndone
		}
		undo, _ := inverse(e)
		if err := undo(s); err != nil {
			return err
		}
		s.log = nil
		return nil
	}
}

// Undo takes back what a host has done, within UndoTime. It is no action of its own in the log.
func (s *Service) Undo(ctx context.Context, by account.ID, r ID, entryID string) (err error) {
	defer fault.Wrap(&err, "undo in %s", r)
	now := s.now()
	var about account.ID
	if err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := lock(ctx, tx, r); err != nil {
			return err
		}
		e, err := scanEntry(tx.QueryRowContext(ctx, `SELECT `+entryColumns+` FROM room_log WHERE room_id = $1 AND id = $2`, r, entryID))
		if err != nil && !db.IsNone(err) {
			return err
		}
		if about = e.About; about == "" {
			about = by
		}
		_, err = s.applied(ctx, tx, r, by, now, undoOf(e, now), about)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE room_log SET undone_at = $1 WHERE id = $2`, db.Millis(now), e.ID)
		return err
	}); err != nil {
		return err
	}
	s.after(ctx, about, r)
	return s.endGuests(ctx, r)
}

// writeLog appends what a rule has logged. Each line is later than the one before it, whatever
// the clock says: which of two removals was the last, and whether the room was handed over
// since, is read from their times.
func writeLog(ctx context.Context, tx *sql.Tx, r ID, by account.ID, now time.Time, log []entry) error {
	for _, e := range log {
		var about, seat any
		if e.about != "" {
			about = e.about
		}
		if e.seat != 0 {
			seat = e.seat
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO room_log (id, room_id, at, by_id, action, account_id, seat, before) 
			VALUES ($1, $2, (SELECT CASE WHEN MAX(at) >= $3 THEN MAX(at) + 1 ELSE $3 END FROM room_log WHERE room_id = $2), $4, $5, $6, $7, $8)`,
			id.New(), r, db.Millis(now), by, e.action, about, seat, e.before); err != nil {
			return err
		}
	}
	return nil
}

// removals returns how many people by has removed lately, undone or not: whoever is let in
// again has lost their seat and their hand.
func removals(ctx context.Context, tx *sql.Tx, r ID, by account.ID, now time.Time) (n int, err error) {
	err = tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM room_log WHERE room_id = $1 AND by_id = $2 AND action IN ($3, $4) AND at > $5`,
		r, by, LogRemoved, LogBanned, db.Millis(now.Add(-removalTime))).Scan(&n)
	return n, err
}
