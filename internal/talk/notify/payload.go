package notify

import (
	"context"
	"database/sql"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/language"
	"heyy/internal/people/account"
)

// Payload is the JSON body of a push for the client's service worker. It can be shown as it is.
type Payload struct {
	Kind    Kind    `json:"kind"` // of Kinds, or "more"
	Outcome Outcome `json:"outcome,omitempty"`
	Title   string  `json:"title"`
	Body    string  `json:"body"`
	Tag     string  `json:"tag"` // a notification replaces the one with the same tag
	URL     string  `json:"url"` // path of the client
	Count   int     `json:"count,omitempty"`
	CallID  string  `json:"call_id,omitempty"` // to accept or decline
	At      int64   `json:"at"`

	Actions []Action `json:"actions,omitempty"` // what can be answered without opening Heyy first
}

// Action is a button of a notification.
type Action struct {
	Action string `json:"action"` // "accept" or "decline", of CallID
	Title  string `json:"title"`
}

// maxDetail bounds what a payload quotes: a record of RFC 8291 holds 4 kB, and a lock
// screen some lines.
const maxDetail = 100 // characters

// payload writes a push from what the rows say now; nil: there is nothing to show. held is
// how long the quiet hours last in which it came, by a retry or a pause.
func (s *Service) payload(ctx context.Context, j job) (_ []byte, held time.Duration, err error) {
	t, err := s.tell(ctx, j)
	if err != nil || t.count == 0 {
		return nil, 0, err
	}
	ids := []account.ID{j.account}
	if t.about != "" {
		ids = append(ids, t.about)
	}
	people, err := s.cfg.Profiles.GetMany(ctx, ids...)
	if err != nil {
		return nil, 0, err
	}
	st, _, err := s.readSettings(ctx, s.db, j.account)
	if err != nil {
		return nil, 0, err
	}
	k, _ := specOf(j.kind)
	if now := s.cfg.Now(); !k.Live && !k.Always {
		if quiet := st.quietUntil(now); !quiet.IsZero() {
			held = quiet.Sub(now)
		}
	}
	p := Payload{Kind: j.kind, Outcome: t.outcome, Tag: j.tag, URL: k.URL, At: t.at}
	p.CallID, _ = strings.CutPrefix(t.source, callSource(""))
	if p.CallID == t.source {
		p.CallID = ""
	}
	if t.count > 1 {
		p.Count = t.count
	}
	if k.URL == chatsURL && t.about != "" {
		p.URL += "/" + string(t.about)
	}
	if r := liveRoom(t.source); r != "" {
		p.URL += "/" + string(r)
	}
	if c := clubOf(t.source); c != "" {
		p.URL += "/" + string(c)
	}
	if r := replayOf(t.source); r != "" {
		p.URL += "/" + string(r)
	}
	if e, r := eventOf(t.source); r != "" {
		p.URL = roomsURL + "/" + string(r)
	} else if e != "" {
		p.URL += "/" + string(e)
	}
	text := language.In(people[j.account].Language).Push[t.text(j.kind)]
	if text.Title == "" {
		return nil, 0, nil // of a kind that is gone
	}
	if p.CallID != "" && t.outcome == Open {
		p.Actions = []Action{{"accept", text.Accept}, {"decline", text.Decline}}
	}
	name := people[t.about].Name
	p.Title, p.Body = text.Title, text.Plain
	private := name != "" && st.PrivateContent
	switch {
	case t.count > 1 && private && text.NamedMany != "":
		p.Body = text.NamedMany
	case t.count > 1 && text.Many != "":
		p.Body = text.Many
	case private && text.Named != "":
		p.Body = text.Named
	}
	p.Body = strings.NewReplacer("{name}", name, "{n}", strconv.Itoa(t.count), "{detail}", shorten(t.detail)).Replace(p.Body)
	data, err := json.Marshal(p)
	return data, held, err
}

// told is what a push is about: one notification, or several.
type told struct {
	count   int
	kind    Kind // of one of several
	source  string
	about   account.ID
	outcome Outcome
	detail  string
	at      int64
}

// text returns the key of the text in language.Texts.
func (t told) text(k Kind) string {
	switch {
	case k == CallProposal && !strings.HasPrefix(t.source, callSource("")):
		return "call_alert"
	case t.outcome != Open:
		return string(k) + "_" + string(t.outcome)
	}
	return string(k)
}

// isNear hides what is about somebody who is excluded from its reader.
const isNear = `(n.about_id IS NULL OR NOT EXISTS (SELECT 1 FROM apart x WHERE x.a_id = n.account_id AND x.b_id = n.about_id))`

// tell reads what j is about. A count of 0: it was seen, is over, or must not be told any more.
func (s *Service) tell(ctx context.Context, j job) (t told, err error) {
	if who, ok := strings.CutPrefix(j.tag, string(j.kind)+":"); ok && (j.kind == Message || j.kind == MomentAnswer) {
		t.about, t.at = account.ID(who), db.Millis(s.cfg.Now())
		t.count, err = s.unread(ctx, j.account, t.about)
		return t, err
	}
	if j.notification == "" {
		return s.tellAll(ctx, j)
	}
	var about sql.NullString
	var seen sql.NullInt64
	err = s.db.QueryRowContext(ctx, `SELECT n.source, n.about_id, n.outcome, n.detail, n.at, n.seen_at FROM notifications n WHERE n.id = $1 AND `+isNear, j.notification).
		Scan(&t.source, &about, &t.outcome, &t.detail, &t.at, &seen)
	if db.IsNone(err) {
		return told{}, nil
	}
	if err != nil {
		return told{}, err
	}
	t.about, t.count = account.ID(about.String), 1
	if r := liveRoom(t.source); r != "" {
		if open, err := s.stillLive(ctx, j.account, r); err != nil || !open {
			return told{}, err
		}
	}
	if _, r := eventOf(t.source); r != "" {
		if _, open, err := s.openRoom(ctx, j.account, r); err != nil || !open {
			return told{}, err
		}
	}
	switch {
	case t.outcome == Answered || t.outcome == Declined && j.kind != Verification && j.kind != ClubAnswer:
		if !j.shown { // nothing to replace
			t.count = 0
		}
	case seen.Valid && !j.shown:
		t.count = 0
	}
	return t, nil
}

// tellAll reads the unseen notifications of a kind, or for a digest of all.
func (s *Service) tellAll(ctx context.Context, j job) (t told, err error) {
	now := s.cfg.Now()
	k, _ := specOf(j.kind)
	kind, since := string(j.kind), now.Add(-max(digestWindow, k.TTL))
	if j.kind == digest {
		kind = ""
	}
	args := []any{string(j.account), db.Millis(since), kind}
	unseen := `n.seen_at IS NULL`
	if k.Always { // a stranger who has just signed in sees it first: what waited for the gap is told all the same
		unseen = `(n.seen_at IS NULL OR n.at > $4)`
		args = append(args, db.Millis(now.Add(-k.Gap-time.Minute)))
	}
	args = append(args, maxCounted)
	rows, err := db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (t told, err error) {
		var about sql.NullString
		err = row.Scan(&t.kind, &t.source, &about, &t.outcome, &t.detail, &t.at)
		t.about = account.ID(about.String)
		return t, err
	}, `SELECT n.kind, n.source, n.about_id, n.outcome, n.detail, n.at FROM notifications n
		WHERE n.account_id = $1 AND n.at > $2 AND (n.kind = $3 OR $3 = '') AND n.listed AND `+isNear+` AND `+unseen+` ORDER BY n.at DESC, n.id LIMIT $`+strconv.Itoa(len(args)), args...)
	if err != nil {
		return told{}, err
	}
	if j.kind == digest {
		st, _, err := s.readSettings(ctx, s.db, j.account)
		if err != nil {
			return told{}, err
		}
		t.at = db.Millis(now)
		for _, row := range rows {
			if st.Push[row.kind] { // what is switched off is no news
				t.count++
			}
		}
		if st.Push[Message] {
			chats, err := s.cfg.Chats.UnreadChats(ctx, j.account, since)
			t.count += chats
			return t, err
		}
		return t, nil
	}
	if len(rows) == 0 {
		return told{}, nil
	}
	t = rows[0]
	t.count = len(rows)
	if t.count > 1 {
		t = told{count: t.count, at: t.at}
	}
	return t, nil
}

const (
	digestWindow = 24 * time.Hour
	maxCounted   = 99
)

func shorten(s string) string {
	r := []rune(s)
	if len(r) <= maxDetail {
		return s
	}
	return string(r[:maxDetail-1]) + "…"
}
