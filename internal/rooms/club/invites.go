package club

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"slices"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/people/account"
)

// InviteID identifies a link; it is no secret.
type InviteID string

// Link is a link that lets people in.
type Link struct {
	ID        InviteID
	By        account.ID
	CreatedAt time.Time
	ExpiresAt time.Time
	Most      int // uses
	Uses      int
}

// MakeLink makes a link that lets in most people within lifetime, one of Lifetimes. The token
// is its secret, which nothing tells again. Faults: club.no_invites, club.invites_many,
// club.link_limits.
func (s *Service) MakeLink(ctx context.Context, by account.ID, c ID, lifetime time.Duration, most int) (l Link, token string, err error) {
	defer fault.Wrap(&err, "make a link to %s", c)
	if !slices.Contains(Lifetimes, lifetime) || most < 1 || most > MaxUses {
		return l, "", fault.New(fault.Invalid, "club.link_limits", "A link is for an hour, a day or a week, and for 1 to 1,000 people.")
	}
	token = id.Secret()
	err = s.command(ctx, by, c, func(tx *sql.Tx, st *state) error {
		if err := st.can(actionInvite); err != nil {
			return err
		}
		now := s.now()
		var open int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM club_invites i WHERE i.club_id = $1 AND `+letsIn("$2"), c, db.Millis(now)).Scan(&open); err != nil {
			return err
		}
		if open >= MaxInvites {
			return errManyInvites
		}
		l = Link{ID: InviteID(id.Opaque()), By: by, CreatedAt: now, ExpiresAt: now.Add(lifetime), Most: most}
		_, err := tx.ExecContext(ctx, `INSERT INTO club_invites (id, club_id, by_id, token_hash, created_at, expires_at, most) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			l.ID, c, by, tokenHash(token), db.Millis(now), db.Millis(l.ExpiresAt), most)
		return err
	})
	return l, token, err
}

// tokenHash returns the stored form of a token. It needs no salt: a token is random.
func tokenHash(token string) string {
	sum := sha256.Sum256([]byte("club " + token))
	return hex.EncodeToString(sum[:])
}

// letsIn is the SQL condition that link i lets somebody in at a time, an SQL expression: while
// whoever made it may make links.
func letsIn(at string) string {
	return `i.revoked_at IS NULL AND i.uses < i.most AND i.expires_at > ` + at + ` AND EXISTS (SELECT 1 FROM club_members m JOIN clubs c ON c.id = m.club_id
		WHERE m.club_id = i.club_id AND m.account_id = i.by_id AND (m.role IN ('founder', 'admin') OR m.role = 'member' AND c.members_invite))`
}

// valid returns the link to a club that has a token, or "" if it lets nobody in any more.
func (s *Service) valid(ctx context.Context, q db.Querier, c ID, token string) (link string, err error) {
	err = q.QueryRowContext(ctx, `SELECT i.id FROM club_invites i WHERE i.token_hash = $1 AND i.club_id = $2 AND `+letsIn("$3"),
		tokenHash(token), c, db.Millis(s.now())).Scan(&link)
	if db.IsNone(err) {
		return "", nil
	}
	return link, err
}

// use counts that somebody has come by a link: each person once, however often they come.
func use(ctx context.Context, tx *sql.Tx, link string, who account.ID) error {
	first, err := db.Changed(tx.ExecContext(ctx, `INSERT INTO club_invite_uses (invite_id, account_id) VALUES ($1, $2) ON CONFLICT (invite_id, account_id) DO NOTHING`, link, who))
	if err != nil || !first {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE club_invites SET uses = uses + 1 WHERE id = $1`, link)
	return err
}

// Links returns the links to a club that let people in, the newest first: for admins all, for
// others their own.
func (s *Service) Links(ctx context.Context, by account.ID, c ID) (_ []Link, err error) {
	defer fault.Wrap(&err, "links to %s", c)
	st, err := load(ctx, s.db, c, by)
	if err != nil {
		return nil, err
	}
	if err := st.can(actionInvite); err != nil {
		return nil, err
	}
	return db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (l Link, err error) {
		var made, until int64
		err = row.Scan(&l.ID, &l.By, &made, &until, &l.Most, &l.Uses)
		l.CreatedAt, l.ExpiresAt = time.UnixMilli(made), time.UnixMilli(until)
		return l, err
	}, `SELECT i.id, i.by_id, i.created_at, i.expires_at, i.most, i.uses FROM club_invites i WHERE i.club_id = $1 AND `+letsIn("$2")+` AND ($3 OR i.by_id = $4)
		ORDER BY i.created_at DESC, i.id LIMIT $5`, c, db.Millis(s.now()), st.me.role.leads(), by, MaxInvites)
}

// Revoke turns a link off. It is idempotent. Fault: club.admins_only, for the links of others.
func (s *Service) Revoke(ctx context.Context, by account.ID, c ID, link InviteID) (err error) {
	defer fault.Wrap(&err, "revoke the link %s", link)
	return s.command(ctx, by, c, func(tx *sql.Tx, st *state) error {
		on := st.target()
		if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM club_invites WHERE id = $1 AND club_id = $2 AND by_id = $3)`, link, c, by).Scan(&on.self); err != nil {
			return err
		}
		if err := can(st.me, actionRevoke, on); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE club_invites SET revoked_at = $1 WHERE id = $2 AND club_id = $3 AND revoked_at IS NULL`, db.Millis(s.now()), link, c)
		return err
	})
}
