package profile

import (
	"context"
	"database/sql"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"heyy/internal/account"
	"heyy/internal/db"
	"heyy/internal/fault"
	"heyy/internal/text"
)

const (
	nameMost      = 40 // letters
	pronounsMost  = 24
	interestsMost = 20
	languagesMost = 8
	workMost      = 60 // letters of role and company
	linksMost     = 3
	linkMost      = 200 // bytes
	youngest      = 18
	oldest        = 120
)

// Changes are the parts of a profile to change; nil leaves one as it is.
type Changes struct {
	Name      *string
	Language  *string
	Gender    *string // "" takes it back
	Pronouns  *string // "" takes them back
	Languages *[]string
	Interests *[]string
	Intents   *[]string
	Wishes    *Wishes // all of them
	Card      *Card   // all of it; an empty one takes it away
	Settled   *bool
	Paused    *bool
}

// Edit changes by's own profile, all of the changes or none.
func (s *Service) Edit(ctx context.Context, by account.ID, c Changes) (p Profile, err error) {
	defer fault.Wrap(&err, "edit profile %s", by)
	set, err := c.columns(db.Millis(s.now()))
	if err != nil {
		return Profile{}, err
	}
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		changed, err := db.Changed(tx.ExecContext(ctx, `UPDATE profiles SET `+set.text+` WHERE account_id = `+set.mark(string(by)), set.args...))
		if err != nil {
			return err
		}
		if !changed {
			return unknown()
		}
		if p, err = s.scan(tx.QueryRowContext(ctx, columns+`WHERE p.account_id = $1`, string(by))); err != nil {
			return err
		}
		if p.Wishes.VerifiedOnly && !p.Verified {
			return fault.At("body.wishes.verified_only", "wishes.verified_first", "Verify yourself first; then you may ask the same of others.")
		}
		return nil
	})
	if err != nil {
		return Profile{}, err
	}
	s.changed(by)
	return p, nil
}

// assignments is the SET of an UPDATE, built column by column.
type assignments struct {
	text string
	args []any
}

func (a *assignments) mark(value any) string {
	a.args = append(a.args, value)
	return db.Marks(len(a.args), 1)
}

func (a *assignments) set(column string, value any) {
	if a.text != "" {
		a.text += ", "
	}
	a.text += column + " = " + a.mark(value)
}

// list sets a column to keys, once they have been found in allowed.
func (a *assignments) list(column, field string, keys, allowed []string, most int) error {
	if len(keys) > most {
		return fault.At(field, "list.too_long", "These are too many; choose fewer.")
	}
	if !every(keys, allowed) {
		return fault.At(field, "list.unknown", "One of these is not on the list, or stands there twice.")
	}
	if keys == nil {
		keys = []string{}
	}
	j, err := json.Marshal(keys)
	a.set(column, string(j))
	return err
}

// columns checks the changes and says what to write.
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
			return nil, fault.At("body.gender", "list.unknown", "This is not on the list.")
		}
		a.set("gender", *c.Gender)
	}
	if c.Pronouns != nil {
		pronouns, err := maybe("body.pronouns", *c.Pronouns, pronounsMost)
		if err != nil {
			return nil, err
		}
		if reserved(pronouns) { // they stand beside the name
			return nil, errKept("body.pronouns")
		}
		a.set("pronouns", pronouns)
	}
	for _, l := range []struct {
		column  string
		keys    *[]string
		allowed []string
		most    int
	}{
		{"languages", c.Languages, Spoken, languagesMost}, {"interests", c.Interests, Interests, interestsMost}, {"intents", c.Intents, Intents, len(Intents)},
	} {
		if l.keys == nil {
			continue
		}
		if err := a.list(l.column, "body."+l.column, *l.keys, l.allowed, l.most); err != nil {
			return nil, err
		}
	}
	if c.Wishes != nil {
		if err := c.Wishes.columns(a); err != nil {
			return nil, err
		}
	}
	if c.Card != nil {
		if err := c.Card.column(a); err != nil {
			return nil, err
		}
	}
	if c.Settled != nil {
		var at any
		if *c.Settled {
			at = now
		}
		a.set("settled_at", at)
	}
	if c.Paused != nil {
		a.set("paused", *c.Paused)
	}
	return a, nil
}

func (w Wishes) columns(a *assignments) error {
	if w.From < youngest || w.To > oldest || w.From > w.To {
		return fault.At("body.wishes.from", "wishes.ages", "Ages go from 18 to 120, the younger one first.")
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
		{"wish_languages", "languages", w.Languages, Spoken, languagesMost}, {"wish_interests", "interests", w.Interests, Interests, interestsMost},
	} {
		if err := a.list(l.column, "body.wishes."+l.name, l.keys, l.allowed, l.most); err != nil {
			return err
		}
	}
	return nil
}

func (c Card) column(a *assignments) (err error) {
	// To be a moderator somewhere is work like any other; to be one here is not.
	for _, l := range []struct {
		field string
		line  *string
	}{{"body.card.role", &c.Role}, {"body.card.company", &c.Company}} {
		if *l.line, err = maybe(l.field, *l.line, workMost); err != nil {
			return err
		}
		if ours(*l.line) {
			return errKept(l.field)
		}
	}
	if len(c.Links) > linksMost {
		return fault.At("body.card.links", "list.too_long", "Three links at most.")
	}
	links := make([]string, len(c.Links))
	for i, l := range c.Links {
		if links[i], err = checkLink(l); err != nil {
			return err
		}
	}
	if !every(c.OpenTo, OpenTo) {
		return fault.At("body.card.open_to", "list.unknown", "One of these is not on the list, or stands there twice.")
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

// maybe is a line that may be empty.
func maybe(field, line string, most int) (string, error) {
	if strings.TrimSpace(line) == "" {
		return "", nil
	}
	return text.Line(field, line, most)
}

// checkLink takes https addresses that show where they lead: a plain host name,
// no user, no port, nothing that reads differently than it is.
func checkLink(link string) (string, error) {
	bad := fault.At("body.card.links", "link.wrong", "A link begins with https:// and the name of a site.")
	link, err := text.Line("body.card.links", link, linkMost)
	if err != nil {
		return "", err
	}
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "" || len(link) > linkMost {
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
	name, err := text.Line("body.name", name, nameMost)
	if err != nil {
		return "", err
	}
	if reserved(name) {
		return "", fault.At("body.name", "name.reserved", "This name is kept for those who run Heyy.")
	}
	return name, nil
}

func errKept(field string) error {
	return fault.At(field, "text.reserved", "These words are kept for those who run Heyy.")
}

func checkLanguage(language string) error {
	if !slices.Contains(Languages, language) {
		return fault.At("body.language", "language.unknown", "Heyy speaks English, Italian and Chinese: en, it, zh.")
	}
	return nil
}
