package photo

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/outbox"
	"heyy/internal/people/account"
)

// Reveal is the state between two people, from the view of one.
type Reveal struct {
	Mine     bool      // the viewer offers theirs
	Theirs   bool      // the other offers theirs
	OpenedAt time.Time // both see each other's photos since then; zero: closed
	Photos   []Photo   // the other's, oldest first; only while open
}

// pair orders two ids as in their row.
func pair(x, y account.ID) (a, b account.ID) { return min(x, y), max(x, y) }

// Offer offers by's current photos to other. If other has offered, the reveal opens for
// both at this moment. While it is open, another offer adds photos uploaded since. Faults:
// match.none without a match, photo.none without photos.
func (s *Service) Offer(ctx context.Context, by, other account.ID) (_ Reveal, err error) {
	defer fault.Wrap(&err, "%s offers photos to %s", by, other)
	matched, err := s.matches.Matched(ctx, by, other)
	if err != nil {
		return Reveal{}, err
	}
	if !matched || by == other {
		return Reveal{}, notMatched()
	}
	a, b := pair(by, other)
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		for _, who := range []account.ID{a, b} {
			if err := account.Lock(ctx, tx, who); err != nil {
				return err
			}
		}
		upto := func(who account.ID, most int64) (nr int64, err error) {
			err = tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(nr), 0) FROM photos WHERE account_id = $1 AND nr <= $2`, string(who), most).Scan(&nr)
			return nr, err
		}
		mine, err := upto(by, 1<<62)
		if err != nil {
			return err
		}
		if mine == 0 {
			return fault.New(fault.Conflict, "photo.none", "You don't have a photo to offer yet. Add one first.")
		}
		f := RevealChanged{A: a, B: b}
		var offers struct{ a, b, opened sql.NullInt64 }
		if err := tx.QueryRowContext(ctx, `INSERT INTO reveals (a_id, b_id, seq) VALUES ($1, $2, 1)
			ON CONFLICT (a_id, b_id) DO UPDATE SET seq = reveals.seq + 1 RETURNING a_upto, b_upto, opened_at, seq`,
			string(a), string(b)).Scan(&offers.a, &offers.b, &offers.opened, &f.Seq); err != nil {
			return err
		}
		me, they := &offers.a, &offers.b
		if by == b {
			me, they = they, me
		}
		*me = sql.NullInt64{Int64: mine, Valid: true}
		if they.Valid {
			// Remove has voided offers without photos; they must not open a reveal.
			theirs, err := upto(other, they.Int64)
			if err != nil {
				return err
			}
			they.Valid = theirs > 0
		}
		switch {
		case !they.Valid:
			offers.opened.Valid = false
		case !offers.opened.Valid:
			offers.opened = sql.NullInt64{Int64: db.Millis(s.now()), Valid: true}
		}
		if _, err := tx.ExecContext(ctx, `UPDATE reveals SET a_upto = $1, b_upto = $2, opened_at = $3 WHERE a_id = $4 AND b_id = $5`,
			offers.a, offers.b, offers.opened, string(a), string(b)); err != nil {
			return err
		}
		return outbox.Append(ctx, tx, s.now(), f)
	})
	if err != nil {
		return Reveal{}, err
	}
	s.wake()
	now, err := s.Between(ctx, by, other)
	return now[other], err
}

func notMatched() error {
	return fault.New(fault.NotFound, "match.none", "You two haven't matched.")
}

// Withdraw takes back by's offer to other. An unanswered offer is deleted; an open reveal
// closes for both, and needs both offers again. It is no error if there is none.
func (s *Service) Withdraw(ctx context.Context, by, other account.ID) (err error) {
	defer fault.Wrap(&err, "%s withdraws photos from %s", by, other)
	a, b := pair(by, other)
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		if by == a {
			return s.closeAll(ctx, tx, `a_id = $1 AND b_id = $2 AND a_upto IS NOT NULL`, string(a), string(b))
		}
		return s.closeAll(ctx, tx, `a_id = $1 AND b_id = $2 AND b_upto IS NOT NULL`, string(a), string(b))
	})
	if err == nil {
		s.wake()
	}
	return err
}

// CloseReveal closes the reveal of a pair and voids their offers, in the transaction that
// ends their match. The caller wakes the relay.
func (s *Service) CloseReveal(ctx context.Context, tx *sql.Tx, x, y account.ID) (err error) {
	defer fault.Wrap(&err, "forget what %s and %s show each other", x, y)
	a, b := pair(x, y)
	return s.closeAll(ctx, tx, `a_id = $1 AND b_id = $2 AND (a_upto IS NOT NULL OR b_upto IS NOT NULL)`, string(a), string(b))
}

// closeEmpty closes every reveal and voids every offer of a person that no longer covers a
// photo. The person's row is locked.
func (s *Service) closeEmpty(ctx context.Context, tx *sql.Tx, who account.ID) error {
	if err := s.closeAll(ctx, tx, `a_id = $1 AND a_upto IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM photos p WHERE p.account_id = $1 AND p.nr <= reveals.a_upto)`, string(who)); err != nil {
		return err
	}
	return s.closeAll(ctx, tx, `b_id = $1 AND b_upto IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM photos p WHERE p.account_id = $1 AND p.nr <= reveals.b_upto)`, string(who))
}

// closeAll closes reveals for both sides, with a fact for each.
func (s *Service) closeAll(ctx context.Context, tx *sql.Tx, where string, args ...any) error {
	closed, err := db.Select(ctx, tx, func(row interface{ Scan(...any) error }) (f RevealChanged, err error) {
		err = row.Scan(&f.A, &f.B, &f.Seq)
		return f, err
	}, `UPDATE reveals SET a_upto = NULL, b_upto = NULL, opened_at = NULL, seq = seq + 1 WHERE `+where+` RETURNING a_id, b_id, seq`, args...)
	if err != nil {
		return err
	}
	for _, f := range closed {
		if err := outbox.Append(ctx, tx, s.now(), f); err != nil {
			return err
		}
	}
	return nil
}

// Between returns the reveals of viewer with each of others. All of others are in the map;
// without a match the Reveal is empty.
func (s *Service) Between(ctx context.Context, viewer account.ID, others ...account.ID) (_ map[account.ID]Reveal, err error) {
	defer fault.Wrap(&err, "what %s sees", viewer)
	all := make(map[account.ID]Reveal, len(others))
	for some := range slices.Chunk(others, 500) { // databases limit the parameters of a statement
		if err := s.between(ctx, viewer, some, all); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (s *Service) between(ctx context.Context, viewer account.ID, others []account.ID, all map[account.ID]Reveal) error {
	args := []any{string(viewer)}
	for _, o := range others {
		all[o] = Reveal{}
		args = append(args, string(o))
	}
	marks := db.Placeholders(2, len(others))
	// One statement reads one snapshot: no photo of a reveal that has just closed.
	rows, err := s.db.QueryContext(ctx, `SELECT r.a_id, r.b_id, r.a_upto IS NOT NULL, r.b_upto IS NOT NULL, r.opened_at,
			COALESCE(p.id, ''), COALESCE(p.blob_key, ''), COALESCE(p.width, 0), COALESCE(p.height, 0), COALESCE(p.blurhash, ''), COALESCE(p.created_at, 0)
		FROM reveals r LEFT JOIN photos p ON r.opened_at IS NOT NULL
			AND p.account_id = CASE WHEN r.a_id = $1 THEN r.b_id ELSE r.a_id END
			AND p.nr <= CASE WHEN r.a_id = $1 THEN r.b_upto ELSE r.a_upto END
		WHERE r.a_id = $1 AND r.b_id IN (`+marks+`) OR r.b_id = $1 AND r.a_id IN (`+marks+`) ORDER BY p.nr`, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var a, b account.ID
		var fromA, fromB bool
		var opened sql.NullInt64
		var p Photo
		var created int64
		if err := rows.Scan(&a, &b, &fromA, &fromB, &opened, &p.ID, &p.Key, &p.Width, &p.Height, &p.Blurhash, &created); err != nil {
			return err
		}
		other, mine, theirs := b, fromA, fromB
		if viewer == b {
			other, mine, theirs = a, fromB, fromA
		}
		r := all[other]
		r.Mine, r.Theirs = mine, theirs
		if opened.Valid {
			r.OpenedAt = time.UnixMilli(opened.Int64)
		}
		if p.ID != "" {
			p.CreatedAt = time.UnixMilli(created)
			r.Photos = append(r.Photos, p)
		}
		all[other] = r
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if err := rows.Close(); err != nil { // returns the connection to the pool before Matched needs one
		return err
	}
	for _, o := range others {
		if r := all[o]; r.Mine || r.Theirs {
			matched, err := s.matches.Matched(ctx, viewer, o)
			if err != nil {
				return err
			}
			if !matched {
				all[o] = Reveal{}
			}
		}
	}
	return nil
}
