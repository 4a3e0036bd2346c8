package room

import (
	"context"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"heyy/internal/base/fault"
	"heyy/internal/base/textrule"
	"heyy/internal/people/account"
)

// MaxLink is the maximum length of a pinned link in characters.
const MaxLink = 200

// look is what hosts say a room is, beside who is in it.
type look struct {
	title    string
	category string
	link     string
	chat     ChatRules
	hands    Hands
	locked   seatSet
}

func (r Room) look() look { return look{r.Title, r.Category, r.Link, r.Chat, r.Hands, r.locked} }

func (r *Room) setLook(l look) {
	r.Title, r.Category, r.Link, r.Chat, r.Hands, r.locked = l.title, l.category, l.link, l.chat, l.hands, l.locked
}

// Edit is a change of a room; nil: stays.
type Edit struct {
	Title    *string
	Category *string
	Link     *string // https only; empty: none
}

// Edit changes the title, the topic and the pinned link of a room.
func (s *Service) Edit(ctx context.Context, by account.ID, r ID, e Edit) (err error) {
	defer fault.Wrap(&err, "edit %s", r)
	if e.Title != nil {
		title, err := checkedTitle(*e.Title)
		if err != nil {
			return err
		}
		e.Title = &title
	}
	if e.Category != nil && !slices.Contains(Categories, *e.Category) {
		return errCategory
	}
	if e.Link != nil && *e.Link != "" && !isLink(*e.Link) {
		return errLink
	}
	return s.command(ctx, by, r, by, edit(e))
}

func edit(e Edit) rule {
	return func(s *state) error {
		if err := s.can(actionEdit, target{}); err != nil {
			return err
		}
		for _, f := range []struct {
			to     *string
			of     *string
			action LogAction
		}{{e.Title, &s.title, LogTitle}, {e.Category, &s.category, LogCategory}, {e.Link, &s.link, LogLink}} {
			if f.to == nil || *f.to == *f.of {
				continue
			}
			s.logged(entry{action: f.action, before: *f.of})
			*f.of = *f.to
		}
		return nil
	}
}

// undoEdit returns the edit that takes one back.
func undoEdit(e LogEntry) rule {
	switch e.Action {
	case LogTitle:
		return edit(Edit{Title: &e.before})
	case LogCategory:
		return edit(Edit{Category: &e.before})
	default:
		return edit(Edit{Link: &e.before})
	}
}

func checkedTitle(title string) (string, error) {
	title, err := textrule.Line("body.title", title, MaxTitle)
	if err == nil && textrule.TitleClaimsStaff(title) {
		err = fault.At("body.title", "text.reserved", "These words are reserved for the people who run Heyy. Choose others.")
	}
	return title, err
}

// isLink reports whether s is an address that says where it leads: https, a name of a host in
// ASCII, as browsers write it, and no user name, which is read as a host by people.
func isLink(s string) bool {
	if len(s) > MaxLink || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"<>\^{|}`+"`", r) }) {
		return false
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Opaque != "" {
		return false
	}
	host := u.Hostname()
	if _, err := netip.ParseAddr(host); err == nil {
		return false
	}
	return strings.Contains(strings.Trim(host, "."), ".") && !strings.Contains(host, "..") && !strings.HasPrefix(host, ".") &&
		!strings.ContainsFunc(host, func(r rune) bool {
			return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.')
		})
}
