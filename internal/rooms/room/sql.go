package room

import (
	"context"
	"database/sql"
	"math"
	"math/rand/v2"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/people/account"
)

const roomColumns = `id, shape, category, title, language, host_id, seats, locked_seats, seq, created_at, ended_at, ended_why, shared, hands, crowded, link, chat, slow_seconds, access, pin_hash, capacity, audience, women_only, verified_only, listening, recorded, club_id,
	(SELECT CASE WHEN c.entry = 'invite' THEN '' ELSE c.name END FROM clubs c WHERE c.id = club_id AND c.closed_at IS NULL)`

func scanRoom(row interface{ Scan(...any) error }) (r Room, err error) {
	var created int64
	var ended sql.NullInt64
	var why, club, clubName sql.NullString
	err = row.Scan(&r.ID, &r.Shape, &r.Category, &r.Title, &r.Language, &r.Host, &r.Seats, &r.locked, &r.Seq, &created, &ended, &why, &r.Shared, &r.Hands, &r.Crowded,
		&r.Link, &r.Chat.Chat, &r.Chat.Slow, &r.Access, &r.pinHash, &r.Capacity, &r.Audience, &r.WomenOnly, &r.VerifiedOnly, &r.listening, &r.Recorded, &club, &clubName)
	r.CreatedAt, r.EndReason = time.UnixMilli(created), EndReason(why.String)
	if clubName.Valid {
		r.Club, r.ClubName = ClubID(club.String), clubName.String
	}
	if ended.Valid {
		r.EndedAt = time.UnixMilli(ended.Int64)
	}
	return r, err
}

const memberColumns = `account_id, role, seat, muted, muted_by_host, can_speak, chat_muted, invited, hand_seq, hand_note, join_id, voice`

func scanMember(row interface{ Scan(...any) error }) (m Member, err error) {
	var seat, hand sql.NullInt64
	var join sql.NullString
	err = row.Scan(&m.Account, &m.Role, &seat, &m.Muted, &m.MutedByHost, &m.CanSpeak, &m.ChatMuted, &m.Invited, &hand, &m.note, &join, &m.Voice)
	m.Seat, m.Hand, m.joinID, m.Present = int(seat.Int64), hand.Int64, join.String, join.Valid
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
	// IN, not EXISTS: who is excluded is read once, not for each of a thousand listeners.
	const visible = ` FROM room_members m WHERE room_id = $1 AND seat IS NULL AND join_id IS NOT NULL
		AND account_id NOT IN (SELECT b_id FROM apart WHERE a_id = $2)`
	if err := q.QueryRowContext(ctx, `SELECT COUNT(*)`+visible, room.ID, viewer).Scan(&room.Listeners); err != nil || !me.Present {
		return err
	}
	listed := visible + ` ORDER BY joined_at DESC, account_id DESC LIMIT $3`
	if room.Crowded {
		listed = visible + ` AND hand_seq IS NOT NULL ORDER BY hand_seq LIMIT $3`
	}
	listeners, err := db.Select(ctx, q, scanMember, `SELECT `+memberColumns+listed, room.ID, viewer, MaxListed)
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
	s := &state{shape: room.Shape, seats: room.Seats, look: room.look(), shared: room.Shared, entry: room.Entry, audience: room.Audience, pinHash: room.pinHash, club: room.Club, host: room.Host, by: by,
		members: map[account.ID]*Member{}, before: map[account.ID]Member{}, removed: map[account.ID]bool{}, excluded: map[account.ID]bool{}, apart: map[account.ID]bool{}}
	args := []any{room.ID, by, room.Host}
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
	if len(about) > 0 {
		met, err := db.Select(ctx, tx, scanAccount, `SELECT DISTINCT b_id FROM apart WHERE a_id = $1 AND b_id IN (`+db.Placeholders(2, len(about))+`)`,
			append([]any{by}, args[3:3+len(about)]...)...)
		if err != nil {
			return nil, err
		}
		for _, o := range met {
			s.apart[o] = true
		}
	}
	if s.me, s.full, err = readEntrant(ctx, tx, room.ID, by); err != nil {
		return nil, err
	}
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(DISTINCT x.b_id) FROM apart x JOIN room_members m ON m.account_id = x.b_id
		WHERE m.room_id = $1 AND x.a_id = $2 AND x.by_a`, room.ID, by).Scan(&s.blocked); err != nil {
		return nil, err
	}
	type row struct {
		Member
		removed sql.NullInt64
	}
	all, err := db.Select(ctx, tx, func(x interface{ Scan(...any) error }) (o row, err error) {
		o.Member, err = scanMember(extraColumn{x, &o.removed})
		return o, err
	}, `SELECT `+memberColumns+`, removed_at FROM room_members WHERE room_id = $1 AND seat IS NOT NULL
		UNION ALL SELECT `+memberColumns+`, removed_at FROM room_members WHERE room_id = $1 AND seat IS NULL AND account_id IN (`+db.Placeholders(2, len(args)-1)+`)`, args...) // an OR reads all members
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		s.members[o.Account], s.before[o.Account], s.removed[o.Account] = &o.Member, o.Member, o.removed.Valid
	}
	if m := s.members[by]; m == nil || m.Voice == 0 {
		s.voice, err = freeVoice(ctx, tx, room.ID)
	}
	return s, err
}

// freeVoice draws a voice that no member of a locked room has.
func freeVoice(ctx context.Context, tx *sql.Tx, r ID) (voice uint32, err error) {
	for taken := true; taken && err == nil; {
		voice = 1 + rand.Uint32N(math.MaxUint32)
		err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM room_members WHERE room_id = $1 AND voice = $2 AND voice <> 0)`, r, int64(voice)).Scan(&taken)
	}
	return voice, err
}

// count sets how many listen to a room after the changes of st, and whether it is crowded. It
// counts no further than it must: beyond MaxListed it adds what has changed.
func count(ctx context.Context, tx *sql.Tx, room *Room, st *state) error {
	n := 0
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM room_members WHERE room_id = $1 AND seat IS NULL AND join_id IS NOT NULL LIMIT $2) AS listeners`,
		room.ID, MaxListed+1).Scan(&n); err != nil {
		return err
	}
	if n > MaxListed {
		n = max(n, room.listening+st.listenersMore())
	}
	room.listening, room.Crowded = n, n > MaxListed || room.Crowded && n > crowdEnds
	return nil
}

// write stores a changed member of st. A new join must connect until due. Whoever joined before
// and is only invited, say, has no deadline: with the media server down, nobody would clear it.
func write(ctx context.Context, tx *sql.Tx, r ID, st *state, m Member, now, due time.Time) error {
	var seat, hand, join, deadline, gone any
	if m.Seat != 0 {
		seat = m.Seat
	}
	if m.Hand != 0 {
		hand = m.Hand
	}
	if m.Present {
		join = m.joinID
	}
	if st.removed[m.Account] {
		gone = db.Millis(now)
	}
	fresh := m.Present && m.joinID != st.before[m.Account].joinID
	if fresh {
		deadline = db.Millis(due)
	}
	serves := m.Present && m.Role.serves(m.Seat != 0)
	hit, err := db.Changed(tx.ExecContext(ctx, `UPDATE room_members SET role = $1, seat = $2, muted = $3, can_speak = $4, hand_seq = $5, join_id = $6, removed_at = $7,
		joined_at = CASE WHEN join_id IS NULL THEN $8 ELSE joined_at END,
		left_at = CASE WHEN join_id IS NULL THEN left_at ELSE $8 END,
		deadline_at = CASE WHEN $9 THEN $10 WHEN $11 THEN deadline_at ELSE NULL END, audio_version = audio_version + 1, voice = $12,
		sfu_until = CASE WHEN seat IS NOT NULL THEN $13 ELSE sfu_until END,
		muted_by_host = $14, invited = $15, hand_note = $16, serving_since = CASE WHEN $17 THEN COALESCE(serving_since, $18) ELSE NULL END, chat_muted = $19
		WHERE room_id = $20 AND account_id = $21`,
		m.Role, seat, m.Muted, m.CanSpeak, hand, join, gone, db.Millis(now), fresh, deadline, m.Present, int64(m.Voice), db.Millis(now.Add(handoverTimeout)),
		m.MutedByHost, m.Invited, m.note, serves, db.Millis(now), m.ChatMuted, r, m.Account))
	if err != nil || hit {
		return err
	}
	var since any
	if serves {
		since = db.Millis(now)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO room_members (room_id, account_id, role, seat, muted, can_speak, hand_seq, join_id, joined_at, deadline_at, removed_at, voice, serving_since)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		r, m.Account, m.Role, seat, m.Muted, m.CanSpeak, hand, join, db.Millis(now), deadline, gone, int64(m.Voice), since)
	return err
}

// finish stores the room after a rule, with seated people: its seq, whether it is shared, its
// end, and its deadline if nobody is present.
func finish(ctx context.Context, tx *sql.Tx, room Room, seated int, now, empty time.Time) error {
	if !room.EndedAt.IsZero() {
		if _, err := tx.ExecContext(ctx, `UPDATE room_members SET join_id = NULL, seat = NULL, hand_seq = NULL, hand_note = '', invited = FALSE, deadline_at = NULL,
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
	// The host is missed from the first change on that finds them gone.
	var deadline any
	if !here {
		deadline = db.Millis(empty)
	}
	_, err := tx.ExecContext(ctx, `UPDATE rooms SET seq = $1, shared = $2, deadline_at = CASE WHEN $3 THEN NULL ELSE COALESCE(deadline_at, $4) END,
		hands = $5, locked_seats = $6, host_id = $7, crowded = $8,
		host_left_at = CASE WHEN EXISTS (SELECT 1 FROM room_members m WHERE m.room_id = rooms.id AND m.role = $9 AND m.join_id IS NOT NULL)
			THEN NULL ELSE COALESCE(host_left_at, $10) END,
		title = $11, category = $12, link = $13, chat = $14, slow_seconds = $15,
		access = $16, pin_hash = $17, capacity = $18, women_only = $19, verified_only = $20, listening = $21, lively = $22
		WHERE id = $23`, room.Seq, room.Shared, here, deadline, room.Hands, room.locked, room.Host, room.Crowded, Host, db.Millis(now),
		room.Title, room.Category, room.Link, room.Chat.Chat, room.Chat.Slow,
		room.Access, room.pinHash, room.Capacity, room.WomenOnly, room.VerifiedOnly, room.listening, room.lively(seated), room.ID)
	return err
}

// elsewhere returns the rooms in which a person is present, except one.
func elsewhere(ctx context.Context, q db.Querier, who account.ID, but ID) ([]ID, error) {
	return db.Select(ctx, q, func(row interface{ Scan(...any) error }) (r ID, err error) {
		err = row.Scan(&r)
		return r, err
	}, `SELECT room_id FROM room_members WHERE account_id = $1 AND join_id IS NOT NULL AND room_id <> $2 ORDER BY room_id`, who, but)
}
