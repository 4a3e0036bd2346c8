package room

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"heyy/internal/account"
	"heyy/internal/db"
)

const roomColumns = `id, category, title, language, host_id, seats, seq, created_at, ended_at, ended_why`

func scanRoom(row interface{ Scan(...any) error }) (r Room, err error) {
	var created int64
	var ended sql.NullInt64
	var why sql.NullString
	err = row.Scan(&r.ID, &r.Category, &r.Title, &r.Language, &r.Host, &r.Seats, &r.Seq, &created, &ended, &why)
	r.CreatedAt, r.EndedWhy = time.UnixMilli(created), Why(why.String)
	if ended.Valid {
		r.EndedAt = time.UnixMilli(ended.Int64)
	}
	return r, err
}

const memberColumns = `account_id, seat, muted, may_sit, join_id`

func scanMember(row interface{ Scan(...any) error }) (m Member, err error) {
	var seat sql.NullInt64
	var join sql.NullString
	err = row.Scan(&m.Account, &seat, &m.Muted, &m.MaySit, &join)
	m.Seat, m.admission, m.Here = int(seat.Int64), join.String, join.Valid
	return m, err
}

func readRoom(ctx context.Context, q db.Querier, r ID) (Room, error) {
	room, err := scanRoom(q.QueryRowContext(ctx, `SELECT `+roomColumns+` FROM rooms WHERE id = $1`, r))
	if db.IsNone(err) {
		return room, errNone
	}
	return room, err
}

// readMembers fills in who is there: all who sit, the newest listeners, and
// viewer wherever they stand.
func readMembers(ctx context.Context, q db.Querier, room *Room, viewer account.ID) error {
	seated, err := db.Select(ctx, q, scanMember,
		`SELECT `+memberColumns+` FROM room_members WHERE room_id = $1 AND seat IS NOT NULL ORDER BY seat`, room.ID)
	if err != nil {
		return err
	}
	listening, err := db.Select(ctx, q, scanMember,
		`SELECT `+memberColumns+` FROM room_members WHERE room_id = $1 AND seat IS NULL AND join_id IS NOT NULL
		 ORDER BY joined_at DESC, account_id LIMIT $2`, room.ID, Shown)
	if err != nil {
		return err
	}
	room.Members = append(seated, listening...)
	if room.Listeners = len(listening); room.Listeners == Shown {
		if err := q.QueryRowContext(ctx,
			`SELECT COUNT(*) FROM room_members WHERE room_id = $1 AND seat IS NULL AND join_id IS NOT NULL`, room.ID).Scan(&room.Listeners); err != nil {
			return err
		}
	}
	if _, there := room.Member(viewer); there || viewer == "" {
		return nil
	}
	m, err := scanMember(q.QueryRowContext(ctx,
		`SELECT `+memberColumns+` FROM room_members WHERE room_id = $1 AND account_id = $2`, room.ID, viewer))
	if err == nil && m.Here {
		room.Members = append(room.Members, m)
	}
	if db.IsNone(err) {
		return nil
	}
	return err
}

// lock takes the room's row for this transaction.
func lock(ctx context.Context, tx *sql.Tx, r ID) (Room, error) {
	hit, err := db.Changed(tx.ExecContext(ctx, `UPDATE rooms SET seq = seq WHERE id = $1`, r))
	if err != nil {
		return Room{}, err
	}
	if !hit {
		return Room{}, errNone
	}
	return readRoom(ctx, tx, r)
}

// load reads the part of a locked room that a rule looks at.
func load(ctx context.Context, tx *sql.Tx, room Room, by account.ID, about ...account.ID) (*state, error) {
	s := &state{host: room.Host, seats: room.Seats, by: by, members: map[account.ID]*Member{}, removed: map[account.ID]bool{}}
	args := []any{room.ID, by}
	for _, a := range about {
		args = append(args, a)
	}
	rows, err := tx.QueryContext(ctx, `SELECT `+memberColumns+`, removed_at FROM room_members
		WHERE room_id = $1 AND (seat IS NOT NULL OR account_id IN (`+db.Marks(2, len(args)-1)+`))`, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var m Member
		var seat, removed sql.NullInt64
		var join sql.NullString
		if err := rows.Scan(&m.Account, &seat, &m.Muted, &m.MaySit, &join, &removed); err != nil {
			return nil, err
		}
		m.Seat, m.admission, m.Here = int(seat.Int64), join.String, join.Valid
		s.members[m.Account], s.removed[m.Account] = &m, removed.Valid
	}
	return s, rows.Err()
}

// write keeps a changed member. A fresh admission must connect by due.
func write(ctx context.Context, tx *sql.Tx, r ID, c change, removed bool, now, due time.Time) error {
	m := c.member
	var seat, join, deadline, gone any
	if m.Seat != 0 {
		seat = m.Seat
	}
	if m.Here {
		join = m.admission
	}
	if removed {
		gone = db.Millis(now)
	}
	fresh := c.cause == Joined || c.cause == ""
	if fresh {
		deadline = db.Millis(due)
	}
	hit, err := db.Changed(tx.ExecContext(ctx, `UPDATE room_members SET seat = $1, muted = $2, may_sit = $3, join_id = $4, removed_at = $5,
		joined_at = CASE WHEN join_id IS NULL THEN $6 ELSE joined_at END,
		deadline_at = CASE WHEN $7 THEN $8 WHEN $9 THEN deadline_at ELSE NULL END
		WHERE room_id = $10 AND account_id = $11`,
		seat, m.Muted, m.MaySit, join, gone, db.Millis(now), fresh, deadline, m.Here, r, m.Account))
	if err != nil || hit {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO room_members (room_id, account_id, seat, muted, may_sit, join_id, joined_at, deadline_at, removed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		r, m.Account, seat, m.Muted, m.MaySit, join, db.Millis(now), deadline, gone)
	return err
}

// close keeps how the room stands after a rule: its number, and when it ends.
func finish(ctx context.Context, tx *sql.Tx, room Room, now, empty time.Time) error {
	if !room.EndedAt.IsZero() {
		if _, err := tx.ExecContext(ctx, `UPDATE room_members SET join_id = NULL, seat = NULL, deadline_at = NULL WHERE room_id = $1 AND join_id IS NOT NULL`, room.ID); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE rooms SET seq = $1, ended_at = $2, ended_why = $3, deadline_at = NULL WHERE id = $4 AND ended_at IS NULL`,
			room.Seq, db.Millis(room.EndedAt), room.EndedWhy, room.ID)
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

// elsewhere is the other rooms in which somebody is.
func elsewhere(ctx context.Context, q db.Querier, who account.ID, but ID) ([]ID, error) {
	return db.Select(ctx, q, func(row interface{ Scan(...any) error }) (r ID, err error) {
		err = row.Scan(&r)
		return r, err
	}, `SELECT room_id FROM room_members WHERE account_id = $1 AND join_id IS NOT NULL AND room_id <> $2 ORDER BY room_id`, who, but)
}

// standing is what the rows say about one person in one room right now.
type standing struct {
	open, here, maySpeak bool
	admission            string
}

func standingOf(ctx context.Context, q db.Querier, r ID, who account.ID) (standing, error) {
	var s standing
	var ended, seat sql.NullInt64
	var join sql.NullString
	err := q.QueryRowContext(ctx, `SELECT r.ended_at, m.seat, m.join_id FROM rooms r
		LEFT JOIN room_members m ON m.room_id = r.id AND m.account_id = $1 WHERE r.id = $2`, who, r).Scan(&ended, &seat, &join)
	if errors.Is(err, sql.ErrNoRows) {
		return s, nil
	}
	s.open = !ended.Valid
	s.here = s.open && join.Valid
	s.maySpeak = s.here && seat.Valid
	s.admission = join.String
	return s, err
}
