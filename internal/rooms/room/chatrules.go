package room

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

// Chat says whether people write in a room, a column of rooms.
type Chat string

// On and off: when it is off, what was written before can still be read.
const (
	ChatOn  Chat = "on"
	ChatOff Chat = "off"
)

// ChatRules are the settings of the chat of a room. The messages belong to package
// roomchat, which asks here who may write, read and delete.
type ChatRules struct {
	Chat Chat
	Slow int // seconds between two messages of one person, one of SlowSteps
}

// SlowSteps are the pauses that hosts can choose, in seconds.
var SlowSteps = []int{0, 10, 30, 60}

// By whom a message was deleted.
const (
	ByAuthor = "author"
	ByHost   = "host"
	ByCoHost = "co_host"
)

// SetChat says whether people write in a room, and how often one person may.
func (s *Service) SetChat(ctx context.Context, by account.ID, r ID, rules ChatRules) (err error) {
	defer fault.Wrap(&err, "set the chat of %s", r)
	if rules.Chat != ChatOn && rules.Chat != ChatOff || !slices.Contains(SlowSteps, rules.Slow) {
		return errChatRules
	}
	return s.command(ctx, by, r, by, setChat(rules))
}

// MuteChat keeps who from writing in a room.
func (s *Service) MuteChat(ctx context.Context, by account.ID, r ID, who account.ID) (_ Changed, err error) {
	defer fault.Wrap(&err, "mute the chat of %s in %s", who, r)
	return s.change(ctx, by, r, who, muteChat(who, true))
}

// AllowToWrite lets who write again.
func (s *Service) AllowToWrite(ctx context.Context, by account.ID, r ID, who account.ID) (_ Changed, err error) {
	defer fault.Wrap(&err, "let %s write in %s", who, r)
	return s.change(ctx, by, r, who, muteChat(who, false))
}

func setChat(rules ChatRules) rule {
	return func(s *state) error {
		if err := s.can(actionSetChat, target{}); err != nil {
			return err
		}
		if s.chat.Chat != rules.Chat {
			s.logged(entry{action: LogChat, before: string(s.chat.Chat)})
		}
		if s.chat.Slow != rules.Slow {
			s.logged(entry{action: LogSlow, before: strconv.Itoa(s.chat.Slow)})
		}
		s.chat = rules
		return nil
	}
}

// undoChat takes one of the two settings back, and leaves the other as it is now.
func undoChat(e LogEntry) rule {
	return func(s *state) error {
		rules := s.chat
		if e.Action == LogSlow {
			rules.Slow, _ = strconv.Atoi(e.before) // written by setChat
		} else {
			rules.Chat = Chat(e.before)
		}
		return setChat(rules)(s)
	}
}

func muteChat(who account.ID, muted bool) rule {
	do, action, cause := actionAllowToWrite, LogAllowedWrite, AllowedToWrite
	if muted {
		do, action, cause = actionMuteChat, LogChatMuted, ChatMuted
	}
	return func(s *state) error {
		if err := s.can(do, s.target(who)); err != nil {
			return err
		}
		if m := s.members[who]; m.ChatMuted != muted {
			m.ChatMuted = muted
			s.logged(entry{action: action, about: who})
			s.changed(cause, m)
		}
		return nil
	}
}

// inChat returns an open room and by as its chat treats them. Faults: those of Get, and room.ended.
func inChat(ctx context.Context, q db.Querier, by account.ID, r ID) (Room, person, error) {
	room, err := readableRoom(ctx, q, r, by)
	if err != nil {
		return Room{}, person{}, err
	}
	if !room.EndedAt.IsZero() {
		return Room{}, person{}, errEnded
	}
	m, err := readMember(ctx, q, r, by)
	return room, person{role: m.Role, known: m.Account != "", present: m.Present, chatMuted: m.ChatMuted, chatOff: room.Chat.Chat == ChatOff}, err
}

// MayWrite locks a room for the rest of tx and returns the pause that by keeps between two
// messages; 0 for hosts. Faults: those of Get, room.ended, room.not_here, room.chat_off and
// room.chat_muted.
func (s *Service) MayWrite(ctx context.Context, tx *sql.Tx, by account.ID, r ID) (slow time.Duration, err error) {
	if _, err := lock(ctx, tx, r); err != nil {
		return 0, err
	}
	room, me, err := inChat(ctx, tx, by, r)
	if err == nil {
		err = can(me, actionWrite, target{})
	}
	if err != nil || me.leads() {
		return 0, err
	}
	return time.Duration(room.Chat.Slow) * time.Second, nil
}

// MayReadChat fails for whoever is not in an open room: nobody is in one that has ended.
func (s *Service) MayReadChat(ctx context.Context, q db.Querier, by account.ID, r ID) error {
	_, me, err := inChat(ctx, q, by, r)
	if err == nil {
		err = can(me, actionReadChat, target{})
	}
	return err
}

// MayDelete locks a room for the rest of tx and returns as what by may delete a message of
// author: ByAuthor, ByHost or ByCoHost. Fault room.host_only otherwise.
func (s *Service) MayDelete(ctx context.Context, tx *sql.Tx, by account.ID, r ID, author account.ID) (as string, err error) {
	if _, err := lock(ctx, tx, r); err != nil {
		return "", err
	}
	_, me, err := inChat(ctx, tx, by, r)
	if err != nil {
		return "", err
	}
	of, err := readMember(ctx, tx, r, author)
	if err != nil {
		return "", err
	}
	err = can(me, actionDeleteMessage, target{person: person{role: of.Role}, self: by == author})
	return me.deletes(by == author), err
}

// MayReact returns how many people are in a room in which by may show a reaction.
func (s *Service) MayReact(ctx context.Context, by account.ID, r ID) (present int, err error) {
	defer fault.Wrap(&err, "react in %s", r)
	_, me, err := inChat(ctx, s.db, by, r)
	if err == nil {
		err = can(me, actionReact, target{})
	}
	if err != nil {
		return 0, err
	}
	err = s.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM room_members WHERE room_id = $1 AND join_id IS NOT NULL`, r).Scan(&present)
	return present, err
}

// Reachable returns those of people who are in a room and whom by may meet.
func (s *Service) Reachable(ctx context.Context, q db.Querier, by account.ID, r ID, people ...account.ID) ([]account.ID, error) {
	if len(people) == 0 {
		return nil, nil
	}
	args := []any{r, by}
	for _, p := range people {
		args = append(args, p)
	}
	return db.Select(ctx, q, scanAccount, `SELECT account_id FROM room_members WHERE room_id = $1 AND join_id IS NOT NULL
		AND account_id NOT IN (SELECT b_id FROM apart WHERE a_id = $2) AND account_id IN (`+db.Placeholders(3, len(people))+`) ORDER BY account_id`, args...)
}

// ApartIn returns, by person in a room, those of the others in it whom they must not meet.
func (s *Service) ApartIn(ctx context.Context, r ID) (_ map[account.ID][]account.ID, err error) {
	defer fault.Wrap(&err, "read who in %s is excluded from whom", r)
	type pair struct{ a, b account.ID }
	all, err := db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (p pair, err error) {
		err = row.Scan(&p.a, &p.b)
		return p, err
	}, `SELECT DISTINCT x.a_id, x.b_id FROM apart x JOIN room_members a ON a.account_id = x.a_id JOIN room_members b ON b.account_id = x.b_id
		WHERE a.room_id = $1 AND a.join_id IS NOT NULL AND b.room_id = $1 AND b.join_id IS NOT NULL`, r)
	if err != nil {
		return nil, err
	}
	apart := map[account.ID][]account.ID{}
	for _, p := range all {
		apart[p.a] = append(apart[p.a], p.b)
	}
	return apart, nil
}
