package room

import (
	"context"
	"database/sql"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/people/account"
)

const roomColumns = `id, shape, category, title, language, host_id, seats, locked_seats, seq, created_at, ended_at, ended_why`

func scanRoom(row interface{ Scan(...any) error }) (r Room, err error) {
	var created int64
	var ended sql.NullInt64
	var why sql.NullString
	err = row.Scan(&r.ID, &r.Shape, &r.Category, &r.Title, &r.Language, &r.Host, &r.Seats, &r.locked, &r.Seq, &created, &ended, &why)
	r.CreatedAt, r.EndReason = time.UnixMilli(created), EndReason(why.String)
	if ended.Valid {
		r.EndedAt = time.UnixMilli(ended.Int64)
	}
	return r, err
}

const memberColumns = `account_id, role, seat, muted, can_speak, hand_seq, join_id`

func scanMember(row interface{ Scan(...any) error }) (m Member, err error) {
	var seat, hand sql.NullInt64
	var join sql.NullString
	err = row.Scan(&m.Account, &m.Role, &seat, &m.Muted, &m.CanSpeak, &hand, &join)
	m.Seat, m.hand, m.joinID, m.Present = int(seat.Int64), hand.Int64, join.String, join.Valid
	return m, err
}

func readRoom(ctx context.Context, q db.Querier, r ID) (Room, error) {
	room, err := scanRoom(q.QueryRowContext(ctx, `SELECT `+roomColumns+` FROM rooms WHERE id = $1`, r))
	if db.IsNone(err) {
		return room, errNotFound
	}
	return room, err
}

// readMembers sets the members that viewer may see: the seated ones and, for a viewer
// inside, the newest listeners and themselves. Listeners excluded from viewer are neither
// listed nor counted, from inside, from outside and in the lobby alike: a difference
// between two counts would reveal them.
func readMembers(ctx context.Context, q db.Querier, room *Room, viewer account.ID) error {
	seated, err := db.Select(ctx, q, scanMember,
		`SELECT `+memberColumns+` FROM room_members WHERE room_id = $1 AND seat IS NOT NULL ORDER BY seat`, room.ID)
	if err != nil {
		return err
	}
	room.Members = seated
	me, err := readMember(ctx, q, room.ID, viewer)
	if err != nil {
		return err
	}
	const visible = ` FROM room_members m WHERE room_id = $1 AND seat IS NULL AND join_id IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM apart x WHERE x.a_id = $2 AND x.b_id = m.account_id)`
	if err := q.QueryRowContext(ctx, `SELECT COUNT(*)`+visible, room.ID, viewer).Scan(&room.Listeners); err != nil || !me.Present {
		return err
	}
	listeners, err := db.Select(ctx, q, scanMember,
		`SELECT `+memberColumns+visible+` ORDER BY joined_at DESC, account_id LIMIT $3`, room.ID, viewer, MaxListed)
	if err != nil {
		return err
	}
	room.Members = append(room.Members, listeners...)
	if _, there := room.Member(viewer); !there {
		room.Members = append(room.Members, me)
	}
	return nil
}

// readMember returns one member, or the zero Member for a person who never joined.
func readMember(ctx context.Context, q db.Querier, r ID, who account.ID) (Member, error) {
	m, err := scanMember(q.QueryRowContext(ctx,
		`SELECT `+memberColumns+` FROM room_members WHERE room_id = $1 AND account_id = $2`, r, who))
	if db.IsNone(err) {
		return Member{}, nil
	}
	return m, err
}

// closedTo returns the SQL condition that viewer, an SQL expression, is excluded from the
// host of room r or from a speaker: for them the room does not exist. To its host a room
// is never closed.
func closedTo(viewer string) string {
	return `EXISTS (SELECT 1 FROM apart x WHERE x.a_id = ` + viewer + ` AND x.a_id <> r.host_id AND (x.b_id = r.host_id
		OR EXISTS (SELECT 1 FROM room_members o WHERE o.room_id = r.id AND o.account_id = x.b_id AND o.seat IS NOT NULL)))`
}

// lock locks the room's row for this transaction.
func lock(ctx context.Context, tx *sql.Tx, r ID) (Room, error) {
	hit, err := db.Changed(tx.ExecContext(ctx, `UPDATE rooms SET seq = seq WHERE id = $1`, r))
	if err != nil {
		return Room{}, err
	}
	if !hit {
		return Room{}, errNotFound
	}
	return readRoom(ctx, tx, r)
}

// load reads the state of a locked room for one rule.
func load(ctx context.Context, tx *sql.Tx, room Room, by account.ID, about ...account.ID) (*state, error) {
	s := &state{shape: room.Shape, seats: room.Seats, locked: room.locked, by: by, members: map[account.ID]*Member{}, removed: map[account.ID]bool{}, excluded: map[account.ID]bool{}}
	args := []any{room.ID, by}
	for _, a := range about {
		args = append(args, a)
	}
	apart, err := db.Select(ctx, tx, scanAccount, `SELECT DISTINCT b_id FROM apart WHERE a_id = $1
		AND EXISTS (SELECT 1 FROM room_members m WHERE m.room_id = $2 AND m.account_id = b_id AND m.join_id IS NOT NULL)`, by, room.ID)
	if err != nil {
		return nil, err
	}
	for _, o := range apart {
		s.excluded[o] = true
		args = append(args, o)
	}
	if err := tx.QueryRowContext(ctx, `SELECT `+closedTo("$1")+`, (SELECT COUNT(DISTINCT x.b_id) FROM apart x JOIN room_members m ON m.account_id = x.b_id
		WHERE m.room_id = r.id AND x.a_id = $1 AND x.by_a) FROM rooms r WHERE r.id = $2`, by, room.ID).Scan(&s.isolated, &s.blocked); err != nil {
		return nil, err
	}
	type row struct {
		Member
		removed sql.NullInt64
	}
	all, err := db.Select(ctx, tx, func(x interface{ Scan(...any) error }) (o row, err error) {
		o.Member, err = scanMember(extraColumn{x, &o.removed})
		return o, err
	}, `SELECT `+memberColumns+`, removed_at FROM room_members
		WHERE room_id = $1 AND (seat IS NOT NULL OR account_id IN (`+db.Placeholders(2, len(args)-1)+`))`, args...)
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		s.members[o.Account], s.removed[o.Account] = &o.Member, o.removed.Valid
	}
	return s, nil
}

// write stores a changed member. A new join must connect until due.
func write(ctx context.Context, tx *sql.Tx, r ID, c change, removed bool, now, due time.Time) error {
	m := c.member
	var seat, hand, join, deadline, gone any
	if m.Seat != 0 {
		seat = m.Seat
	}
	if m.hand != 0 {
		hand = m.hand
	}
	if m.Present {
		join = m.joinID
	}
	if removed {
		gone = db.Millis(now)
	}
	fresh := c.cause == Joined || c.cause == "" && m.Present
	if fresh {
		deadline = db.Millis(due)
	}
	hit, err := db.Changed(tx.ExecContext(ctx, `UPDATE room_members SET role = $1, seat = $2, muted = $3, can_speak = $4, hand_seq = $5, join_id = $6, removed_at = $7,
		joined_at = CASE WHEN join_id IS NULL THEN $8 ELSE joined_at END,
		deadline_at = CASE WHEN $9 THEN $10 WHEN $11 THEN deadline_at ELSE NULL END, audio_version = audio_version + 1
		WHERE room_id = $12 AND account_id = $13`,
		m.Role, seat, m.Muted, m.CanSpeak, hand, join, gone, db.Millis(now), fresh, deadline, m.Present, r, m.Account))
	if err != nil || hit {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO room_members (room_id, account_id, role, seat, muted, can_speak, hand_seq, join_id, joined_at, deadline_at, removed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		r, m.Account, m.Role, seat, m.Muted, m.CanSpeak, hand, join, db.Millis(now), deadline, gone)
	return err
}

// finish stores the room after a rule: its seq, its end, and its deadline if nobody is
// present.
func finish(ctx context.Context, tx *sql.Tx, room Room, now, empty time.Time) error {
	if !room.EndedAt.IsZero() {
		if _, err := tx.ExecContext(ctx, `UPDATE room_members SET join_id = NULL, seat = NULL, hand_seq = NULL, deadline_at = NULL,
			role = CASE WHEN role = $1 THEN $2 ELSE role END WHERE room_id = $3 AND join_id IS NOT NULL`, Speaker, Speaker.unseated(), room.ID); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE rooms SET seq = $1, ended_at = $2, ended_why = $3, deadline_at = NULL WHERE id = $4 AND ended_at IS NULL`,
			room.Seq, db.Millis(room.EndedAt), room.EndReason, room.ID)
		return err
	}
	var here bool
	if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM room_members WHERE room_id = $1 AND join_id IS NOT NULL)`, room.ID).Scan(&here); err != nil {
		return err
	}
	if here {
		_, err := tx.ExecContext(ctx, `UPDATE rooms SET seq = $1, deadline_at = NULL WHERE id = $2`, room.Seq, room.ID)
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE rooms SET seq = $1, deadline_at = COALESCE(deadline_at, $2) WHERE id = $3`,
		room.Seq, db.Millis(empty), room.ID)
	return err
}

// elsewhere returns the rooms in which a person is present, except one.
func elsewhere(ctx context.Context, q db.Querier, who account.ID, but ID) ([]ID, error) {
	return db.Select(ctx, q, func(row interface{ Scan(...any) error }) (r ID, err error) {
		err = row.Scan(&r)
		return r, err
	}, `SELECT room_id FROM room_members WHERE account_id = $1 AND join_id IS NOT NULL AND room_id <> $2 ORDER BY room_id`, who, but)
}
