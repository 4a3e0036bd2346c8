package profile

import (
	"context"
	"database/sql"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/language"
	"heyy/internal/base/textrule"
	"heyy/internal/people/account"
)

const (
	MaxName      = 40 // runes
	MaxPronouns  = 24
	MaxInterests = 20
	MaxLanguages = 8
	MaxWork      = 60 // runes of role, and of company
	maxLinks     = 3
	MaxLink      = 200 // bytes
	minAge       = 18
	maxAge       = 120
)

// Changes per day of what determines who is shown to whom. With more, somebody
// could probe others: try one gender and preference after another and infer,
// from who is shown, what others are and prefer.
const (
	maxGenderChanges     = 3
	maxPreferenceChanges = 30 // of preferences, intents, languages and interests together
)

// Changes are the fields of an edit; nil leaves a field as it is.
type Changes struct {
	Name        *string
	Language    *string
	Gender      *string // "": not said
	Pronouns    *string // "": none
	Languages   *[]string
	Interests   *[]string
	Intents     *[]string
	Preferences *Preferences // replaced as a whole
	Work        *Work        // replaced as a whole; an empty one removes it
	Onboarded   *bool
	Paused      *bool
	Public      *bool
}

// Edit changes by's profile atomically. More changes a day than maxGenderChanges and
// maxPreferenceChanges are profile.changed_often.
func (s *Service) Edit(ctx context.Context, by account.ID, c Changes) (p Profile, err error) {
	defer fault.Wrap(&err, "edit profile %s", by)
	set, err := c.columns(db.Millis(s.now()))
	if err != nil {
		return Profile{}, err
	}
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		// Row lock: concurrent edits compare with each other's result.
		there, err := db.Changed(tx.ExecContext(ctx, `UPDATE profiles SET updated_at = updated_at WHERE account_id = $1`, string(by)))
		if err != nil {
			return err
		}
		if !there {
			return unknown()
		}
		read := func() (Profile, error) {
			return s.scan(tx.QueryRowContext(ctx, columns+`WHERE p.account_id = $1`, string(by)))
		}
		before, err := read()
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE profiles SET `+set.text+` WHERE account_id = `+set.mark(string(by)), set.args...); err != nil {
			return err
		}
		if p, err = read(); err != nil {
			return err
		}
		if before.Gender != "" && before.Gender != p.Gender {
			if err := s.countChange(ctx, tx, by, "gender", maxGenderChanges); err != nil {
				return err
			}
		}
		if !before.samePreferences(p) {
			if err := s.countChange(ctx, tx, by, "wishes", maxPreferenceChanges); err != nil {
				return err
			}
		}
		if p.Preferences.VerifiedOnly && !p.Verified {
			return fault.At("body.preferences.verified_only", "preferences.verified_first", "Get verified first. Then you can ask the same of others.")
		}
		return nil
	})
	if err != nil {
		return Profile{}, err
	}
	s.invalidate(by)
	return p, nil
}

// samePreferences reports whether p and o are shown the same people, genders aside.
func (p Profile) samePreferences(o Profile) bool {
	v, w := p.Preferences, o.Preferences
	return slices.Equal(p.Languages, o.Languages) && slices.Equal(p.Interests, o.Interests) && slices.Equal(p.Intents, o.Intents) &&
		slices.Equal(v.Meet, w.Meet) && v.From == w.From && v.To == w.To && v.VerifiedOnly == w.VerifiedOnly &&
		slices.Equal(v.Intents, w.Intents) && slices.Equal(v.Languages, w.Languages) && slices.Equal(v.Interests, w.Interests)
}

// countChange counts a change of a kind today (UTC); over most it is profile.changed_often.
func (s *Service) countChange(ctx context.Context, tx *sql.Tx, by account.ID, kind string, most int) error {
	var n int
	err := tx.QueryRowContext(ctx, `INSERT INTO profile_changes (account_id, kind, day, n) VALUES ($1, $2, $3, 1)
		ON CONFLICT (account_id, kind) DO UPDATE SET day = excluded.day, n = CASE WHEN profile_changes.day = excluded.day THEN profile_changes.n + 1 ELSE 1 END RETURNING n`,
		string(by), kind, s.now().UTC().Format(time.DateOnly)).Scan(&n)
	if err == nil && n > most {
		err = fault.New(fault.TooMany, "profile.changed_often", "You've changed this a lot today. You can change it again tomorrow.")
	}
	return err
}

// assignments builds the SET clause of an UPDATE.
type assignments struct {
	text string
	args []any
}

func (a *assignments) mark(value any) string {
	a.args = append(a.args, value)
	return db.Placeholders(len(a.args), 1)
}

func (a *assignments) set(column string, value any) {
	if a.text != "" {
		a.text += ", "
	}
	a.text += column + " = " + a.mark(value)
}

// list sets a column to keys, after checking them against allowed.
func (a *assignments) list(column, field string, keys, allowed []string, most int) error {
	if len(keys) > most {
		return fault.At(field, "list.too_long", "That's too many. Choose fewer.")
	}
	if !allIn(keys, allowed) {
		return fault.At(field, "list.unknown", "One of these isn't on the list, or is there twice.")
	}
	if keys == nil {
		keys = []string{}
	}
	j, err := json.Marshal(keys)
	a.set(column, string(j))
	return err
}

// columns validates the changes and returns what to write.
func (c Changes) columns(now int64) (a *assignments, err error) {
	a = &assignments{}
	a.set("updated_at", now)
	if c.Name != nil {
		name, err := checkName(*c.Name)
		if err != nil {
			return nil, err
		}
		a.set("name", name)
	}
	if c.Language != nil {
		if err := checkLanguage(*c.Language); err != nil {
			return nil, err
		}
		a.set("language", *c.Language)
	}
	if c.Gender != nil {
		if *c.Gender != "" && !slices.Contains(Genders, *c.Gender) {
			return nil, fault.At("body.gender", "list.unknown", "This isn't on the list.")
		}
		a.set("gender", *c.Gender)
	}
	if c.Pronouns != nil {
		pronouns, err := optionalLine("body.pronouns", *c.Pronouns, MaxPronouns)
		if err != nil {
			return nil, err
		}
		if textrule.ClaimsStaff(pronouns) { // they are shown beside the name
			return nil, errReserved("body.pronouns")
		}
		a.set("pronouns", pronouns)
	}
	for _, l := range []struct {
		column  string
		keys    *[]string
		allowed []string
		most    int
	}{
		{"languages", c.Languages, Spoken, MaxLanguages}, {"interests", c.Interests, Interests, MaxInterests}, {"intents", c.Intents, Intents, len(Intents)},
	} {
		if l.keys == nil {
			continue
		}
		if err := a.list(l.column, "body."+l.column, *l.keys, l.allowed, l.most); err != nil {
			return nil, err
		}
	}
	if c.Preferences != nil {
		if err := c.Preferences.columns(a); err != nil {
			return nil, err
		}
	}
	if c.Work != nil {
		if err := c.Work.column(a); err != nil {
			return nil, err
		}
	}
	if c.Onboarded != nil {
		var at any
		if *c.Onboarded {
			at = now
		}
		a.set("settled_at", at)
	}
	if c.Paused != nil {
		a.set("paused", *c.Paused)
	}
	if c.Public != nil {
		a.set("public", *c.Public)
	}
	return a, nil
}

func (w Preferences) columns(a *assignments) error {
	if w.From < minAge || w.To > maxAge || w.From > w.To {
		return fault.At("body.preferences.from", "preferences.ages", "Put the younger age first. Ages run from 18 to 120.")
	}
	a.set("age_from", w.From)
	a.set("age_to", w.To)
	a.set("verified_only", w.VerifiedOnly)
	for _, l := range []struct {
		column, name  string
		keys, allowed []string
		most          int
	}{
		{"meet", "meet", w.Meet, Genders, len(Genders)}, {"wish_intents", "intents", w.Intents, Intents, len(Intents)},
		{"wish_languages", "languages", w.Languages, Spoken, MaxLanguages}, {"wish_interests", "interests", w.Interests, Interests, MaxInterests},
	} {
		if err := a.list(l.column, "body.preferences."+l.name, l.keys, l.allowed, l.most); err != nil {
			return err
		}
	}
	return nil
}

func (c Work) column(a *assignments) (err error) {
	// Being a moderator elsewhere is allowed; claiming to be one here is not.
	for _, l := range []struct {
		field string
		line  *string
	}{{"body.work.role", &c.Role}, {"body.work.company", &c.Company}} {
		if *l.line, err = optionalLine(l.field, *l.line, MaxWork); err != nil {
			return err
		}
		if textrule.WorkClaimsStaff(*l.line) {
			return errReserved(l.field)
		}
	}
	if len(c.Links) > maxLinks {
		return fault.At("body.work.links", "list.too_long", "That's too many links. Use three at most.")
	}
	links := make([]string, len(c.Links))
	for i, l := range c.Links {
		if links[i], err = checkLink(l); err != nil {
			return err
		}
	}
	if !allIn(c.OpenTo, OpenTo) {
		return fault.At("body.work.open_to", "list.unknown", "One of these isn't on the list, or is there twice.")
	}
	if c.Role == "" && c.Company == "" && len(links) == 0 && len(c.OpenTo) == 0 {
		a.set("card", nil)
		return nil
	}
	c.Links = links
	if c.OpenTo == nil {
		c.OpenTo = []string{}
	}
	j, err := json.Marshal(c)
	a.set("card", string(j))
	return err
}

// optionalLine is textrule.Line for a line that may be empty.
func optionalLine(field, line string, most int) (string, error) {
	if strings.TrimSpace(line) == "" {
		return "", nil
	}
	return textrule.Line(field, line, most)
}

// checkLink accepts https addresses that show where they lead: a plain ASCII host name, no
// user, no port.
func checkLink(link string) (string, error) {
	bad := fault.At("body.work.links", "link.wrong", "This isn't a full link. Start with https:// and the site's name.")
	link, err := textrule.Line("body.work.links", link, MaxLink)
	if err != nil {
		return "", err
	}
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "" || len(link) > MaxLink {
		return "", bad
	}
	host := strings.ToLower(u.Hostname())
	top := host[strings.LastIndexByte(host, '.')+1:]
	if !strings.Contains(host, ".") || strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789.-") != "" || len(top) < 2 || strings.Trim(top, "0123456789") == "" {
		return "", bad
	}
	u.Host = host
	return u.String(), nil
}

func checkName(name string) (string, error) {
	name, err := textrule.Line("body.name", name, MaxName)
	if err != nil {
		return "", err
	}
	if textrule.ClaimsStaff(name) {
		return "", fault.At("body.name", "name.reserved", "This name is reserved for the people who run Heyy. Choose another.")
	}
	return name, nil
}

func errReserved(field string) error {
	return fault.At(field, "text.reserved", "These words are reserved for the people who run Heyy. Choose others.")
}

func checkLanguage(tag string) error {
	if !language.Known(tag) {
		return fault.At("body.language", "language.unknown", "Heyy isn't available in this language. Choose one of these: "+strings.Join(language.All, ", ")+".")
	}
	return nil
}
