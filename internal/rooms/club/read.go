package club

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/language"
	"heyy/internal/base/page"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

const columns = `c.id, c.name, c.about, c.rules, c.rules_version, c.category, c.language, c.entry, c.members_invite, c.created_at, c.closed_at,
	(SELECT COUNT(*) FROM club_members n WHERE n.club_id = c.id AND n.role <> 'follower'),
	(SELECT COUNT(*) FROM club_members n WHERE n.club_id = c.id AND n.role = 'follower')`

func scanClub(row interface{ Scan(...any) error }) (c Club, err error) {
	return scanSeen(row)
}

// scanSeen scans columns, and more that follow.
func scanSeen(row interface{ Scan(...any) error }, more ...any) (c Club, err error) {
	var created int64
	var closed sql.NullInt64
	err = row.Scan(append([]any{&c.ID, &c.Name, &c.About, &c.Rules, &c.RulesVersion, &c.Category, &c.Language, &c.Entry, &c.MembersInvite, &created, &closed,
		&c.Members, &c.Followers}, more...)...)
	c.CreatedAt, c.closed = time.UnixMilli(created), closed.Valid
	return c, err
}

// Get returns a club as viewer may see it; token is the secret of a link that they have, or "".
// A link that lets nobody in is none.
func (s *Service) Get(ctx context.Context, viewer account.ID, c ID, token string) (_ Club, err error) {
	defer fault.Wrap(&err, "read the club %s", c)
	st, err := load(ctx, s.db, c, viewer)
	if err != nil {
		return Club{}, err
	}
	if token != "" {
		link, err := s.valid(ctx, s.db, c, token)
		if err != nil {
			return Club{}, err
		}
		st.me.invited = link != ""
	}
	if err := st.can(actionRead); err != nil {
		if token != "" && !st.me.invited && fault.Is(err, errNotFound.Code) && !st.me.isolated {
			return Club{}, errInviteGone
		}
		return Club{}, err
	}
	out := st.Club
	out.Role, out.Accepted, out.Asked, out.Banned = st.me.role, st.me.accepted, st.me.asked, st.me.banned
	out.CanInvite = st.can(actionInvite) == nil
	if out.Leaders, err = db.Select(ctx, s.db, scanMember, `SELECT m.account_id, m.role, m.joined_at FROM club_members m
		WHERE m.club_id = $1 AND m.role IN ('founder', 'admin') AND `+notApart("$2", "m")+`
		ORDER BY CASE m.role WHEN 'founder' THEN 0 ELSE 1 END, m.joined_at, m.account_id`, c, viewer); err != nil {
		return Club{}, err
	}
	if st.me.role.leads() {
		err = s.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM club_requests m WHERE m.club_id = $1 AND m.declined_at IS NULL AND `+notApart("$2", "m"), c, viewer).Scan(&out.Requests)
	}
	return out, err
}

// notApart returns the SQL condition that the person of a row is not apart from viewer, an SQL
// expression.
func notApart(viewer, row string) string {
	return `NOT EXISTS (SELECT 1 FROM apart x WHERE x.a_id = ` + viewer + ` AND x.b_id = ` + row + `.account_id)`
}

// founderApart returns the SQL condition that the founder of club c is apart from viewer.
func founderApart(viewer string) string {
	return `EXISTS (SELECT 1 FROM club_members f JOIN apart x ON x.b_id = f.account_id WHERE f.club_id = c.id AND f.role = 'founder' AND x.a_id = ` + viewer + `)`
}

func scanMember(row interface{ Scan(...any) error }) (m Member, err error) {
	var at int64
	err = row.Scan(&m.Account, &m.Role, &at)
	m.JoinedAt = time.UnixMilli(at)
	return m, err
}

func scanMine(row interface{ Scan(...any) error }) (c Club, err error) {
	var role sql.NullString
	var accepted sql.NullInt64
	c, err = scanSeen(row, &role, &accepted)
	c.Role = Role(role.String)
	c.Accepted = c.Rules == "" || accepted.Int64 == c.RulesVersion
	return c, err
}

// Mine returns the open clubs to which by belongs, the last joined first; at most MaxJoined.
func (s *Service) Mine(ctx context.Context, by account.ID) (_ []Club, err error) {
	defer fault.Wrap(&err, "clubs of %s", by)
	return db.Select(ctx, s.db, scanMine, `SELECT `+columns+`, me.role, me.rules_accepted FROM club_members me JOIN clubs c ON c.id = me.club_id
		WHERE me.account_id = $1 AND c.closed_at IS NULL ORDER BY me.joined_at DESC, c.id LIMIT $2`, by, MaxJoined)
}

// Filter says which clubs to find; empty fields take all.
type Filter struct {
	Query    string // words of the name, the last one may be a beginning
	Category string
	Language string
}

// Find returns a page of the clubs that people can come to without a link, the newest first.
// Faults: search.too_long, search.characters, search.empty, room.category_unknown,
// language.unknown.
func (s *Service) Find(ctx context.Context, viewer account.ID, f Filter, r page.Request) (_ []Club, next page.Cursor, err error) {
	defer fault.Wrap(&err, "find clubs")
	if f.Category != "" && !slices.Contains(room.Categories, f.Category) {
		return nil, next, fault.At("query.category", "room.category_unknown", "This topic isn't on the list. Choose another.")
	}
	if f.Language != "" && !language.Known(f.Language) {
		return nil, next, fault.At("query.language", "language.unknown", "This language isn't on the list. Choose another.")
	}
	matches := func(string) bool { return true }
	var ranges [][2]string
	if f.Query != "" {
		if ranges, matches, err = s.search.Query(f.Query); err != nil {
			return nil, next, err
		}
	}
	at, before, limit := r.Args()
	args := []any{viewer, f.Category, f.Language, at, before}
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	query := `SELECT ` + columns + `, me.role, me.rules_accepted FROM clubs c LEFT JOIN club_members me ON me.club_id = c.id AND me.account_id = $1
		WHERE c.closed_at IS NULL AND c.entry <> 'invite' AND (me.account_id IS NOT NULL OR NOT ` + founderApart("$1") + `)
		AND ($2 = '' OR c.category = $2) AND ($3 = '' OR c.language = $3) AND (c.created_at < $4 OR c.created_at = $4 AND c.id > $5)`
	for _, w := range ranges {
		query += ` AND c.id IN (SELECT w.club_id FROM club_words w WHERE w.word >= ` + arg([]byte(w[0])) + ` AND w.word < ` + arg([]byte(w[1])) + `)`
	}
	all, err := db.Select(ctx, s.db, scanMine, query+` ORDER BY c.created_at DESC, c.id LIMIT `+arg(limit), args...)
	if err != nil {
		return nil, next, err
	}
	all, next = page.Cut(r, all, func(c Club) page.Cursor { return page.Of(c.CreatedAt, string(c.ID)) })
	// The words propose, the name decides.
	return slices.DeleteFunc(all, func(c Club) bool { return !matches(c.Name) }), next, nil
}

func byJoined(m Member) page.Cursor { return page.Of(m.JoinedAt, string(m.Account)) }

// Members returns a page of the people with a role, the last joined first, without those apart from by:
// members and admins for members, followers for admins.
func (s *Service) Members(ctx context.Context, by account.ID, c ID, role Role, r page.Request) (_ []Member, next page.Cursor, err error) {
	defer fault.Wrap(&err, "members of %s", c)
	st, err := load(ctx, s.db, c, by)
	if err != nil {
		return nil, next, err
	}
	do := actionListMembers
	if role == Follower {
		do = actionListFollowers
	}
	if err := st.can(do); err != nil {
		return nil, next, err
	}
	at, before, limit := r.Args()
	all, err := db.Select(ctx, s.db, scanMember, `SELECT m.account_id, m.role, m.joined_at FROM club_members m
		WHERE m.club_id = $1 AND m.role = $2 AND `+notApart("$3", "m")+` AND (m.joined_at < $4 OR m.joined_at = $4 AND m.account_id > $5)
		ORDER BY m.joined_at DESC, m.account_id LIMIT $6`, c, role, by, at, before, limit)
	if err != nil {
		return nil, next, err
	}
	all, next = page.Cut(r, all, byJoined)
	return all, next, nil
}

// Voices returns a page of the members who have an intro and have not paused being shown, the
// last joined first, without those apart from by.
func (s *Service) Voices(ctx context.Context, by account.ID, c ID, r page.Request) (_ []Member, next page.Cursor, err error) {
	defer fault.Wrap(&err, "voices of %s", c)
	st, err := load(ctx, s.db, c, by)
	if err != nil {
		return nil, next, err
	}
	if err := st.can(actionListMembers); err != nil {
		return nil, next, err
	}
	at, before, limit := r.Args()
	all, err := db.Select(ctx, s.db, scanMember, `SELECT m.account_id, m.role, m.joined_at FROM club_members m
		WHERE m.club_id = $1 AND m.role <> 'follower' AND `+notApart("$2", "m")+`
		AND EXISTS (SELECT 1 FROM clips k WHERE k.account_id = m.account_id AND k.place = 0)
		AND EXISTS (SELECT 1 FROM profiles p WHERE p.account_id = m.account_id AND NOT p.paused)
		AND (m.joined_at < $3 OR m.joined_at = $3 AND m.account_id > $4)
		ORDER BY m.joined_at DESC, m.account_id LIMIT $5`, c, by, at, before, limit)
	if err != nil {
		return nil, next, err
	}
	all, next = page.Cut(r, all, byJoined)
	return all, next, nil
}

// Asking is a request without an answer.
type Asking struct {
	Account account.ID
	Note    string
	At      time.Time
}

// Requests returns a page of the requests that by can answer, the oldest first: who waits longest is
// answered first, and who asks while somebody reads is on the last page.
func (s *Service) Requests(ctx context.Context, by account.ID, c ID, r page.Request) (_ []Asking, next page.Cursor, err error) {
	defer fault.Wrap(&err, "requests to %s", c)
	st, err := load(ctx, s.db, c, by)
	if err != nil {
		return nil, next, err
	}
	if err := st.can(actionListFollowers); err != nil {
		return nil, next, err
	}
	after, limit := r.Before, r.Size()+1
	all, err := db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (a Asking, err error) {
		var ms int64
		err = row.Scan(&a.Account, &a.Note, &ms)
		a.At = time.UnixMilli(ms)
		return a, err
	}, `SELECT m.account_id, m.note, m.at FROM club_requests m WHERE m.club_id = $1 AND m.declined_at IS NULL AND `+notApart("$2", "m")+`
		AND (m.at > $3 OR m.at = $3 AND m.account_id > $4) ORDER BY m.at, m.account_id LIMIT $5`, c, by, after.At, after.ID, limit)
	if err != nil {
		return nil, next, err
	}
	all, next = page.Cut(r, all, func(a Asking) page.Cursor { return page.Of(a.At, string(a.Account)) })
	return all, next, nil
}

// Bans returns a page of those who are banned, the last first, without those apart from by.
func (s *Service) Bans(ctx context.Context, by account.ID, c ID, r page.Request) (_ []Member, next page.Cursor, err error) {
	defer fault.Wrap(&err, "bans of %s", c)
	st, err := load(ctx, s.db, c, by)
	if err != nil {
		return nil, next, err
	}
	if err := st.can(actionListFollowers); err != nil {
		return nil, next, err
	}
	at, before, limit := r.Args()
	all, err := db.Select(ctx, s.db, scanMember, `SELECT m.account_id, '', m.at FROM club_bans m WHERE m.club_id = $1 AND `+notApart("$2", "m")+`
		AND (m.at < $3 OR m.at = $3 AND m.account_id > $4) ORDER BY m.at DESC, m.account_id LIMIT $5`, c, by, at, before, limit)
	if err != nil {
		return nil, next, err
	}
	all, next = page.Cut(r, all, byJoined)
	return all, next, nil
}

// Leaders returns the name of a club and its founder and admins, for notifications; of a closed
// club, nobody. Fault: club.not_found.
func (s *Service) Leaders(ctx context.Context, c ID) (name string, who []account.ID, err error) {
	defer fault.Wrap(&err, "leaders of %s", c)
	err = s.db.QueryRowContext(ctx, `SELECT name FROM clubs WHERE id = $1`, c).Scan(&name)
	if db.IsNone(err) {
		return "", nil, errNotFound
	}
	if err != nil {
		return "", nil, err
	}
	who, err = db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (a account.ID, err error) {
		err = row.Scan(&a)
		return a, err
	}, `SELECT m.account_id FROM club_members m JOIN clubs c ON c.id = m.club_id WHERE m.club_id = $1 AND m.role IN ('founder', 'admin') AND c.closed_at IS NULL`, c)
	return name, who, err
}

// ClubMember says how somebody stands to a club, for rooms; see room.Clubs. Nobody stands to a
// closed club, or to none.
func (s *Service) ClubMember(ctx context.Context, q db.Querier, c ID, who account.ID) (in room.InClub, err error) {
	defer fault.Wrap(&err, "membership of %s in %s", who, c)
	st, err := load(ctx, q, c, who)
	if fault.Is(err, errNotFound.Code) {
		return in, nil
	}
	if err != nil {
		return in, err
	}
	return room.InClub{Member: st.me.role.belongs() && !st.closed, Banned: st.me.banned && !st.closed}, nil
}

// CanOpenRoom says whether somebody may open a room in a club; see room.Clubs. Faults:
// club.members_only, club.rules.
func (s *Service) CanOpenRoom(ctx context.Context, q db.Querier, c ID, who account.ID) (err error) {
	defer fault.Wrap(&err, "open a room in the club %s", c)
	st, err := load(ctx, q, c, who)
	if err != nil {
		return err
	}
	return st.can(actionOpenRoom)
}
