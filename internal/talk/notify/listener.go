package notify

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/outbox"
	"heyy/internal/meet/call"
	"heyy/internal/meet/discovery"
	"heyy/internal/meet/matchmaking"
	"heyy/internal/people/account"
	"heyy/internal/people/safety"
	"heyy/internal/people/verification"
	"heyy/internal/rooms/club"
	"heyy/internal/rooms/replay"
	"heyy/internal/rooms/room"
	"heyy/internal/rooms/schedule"
	"heyy/internal/talk/card"
	"heyy/internal/talk/message"
	"heyy/internal/talk/presence"
)

// Listener returns the outbox listener.
func (s *Service) Listener() outbox.Listener {
	return outbox.Listener{Name: "notify", Take: s.take}
}

// take turns a fact into notifications. Facts of other kinds are none of its business.
func (s *Service) take(ctx context.Context, r outbox.Record) error {
	switch r.Kind {
	case discovery.KindMatched:
		return handle(r, func(f discovery.Matched) error {
			n := news{Kind: Match, Source: r.ID, At: r.At, Listed: true}
			return s.notify(ctx, n.of(f.A, f.B), n.of(f.B, f.A))
		})
	case discovery.KindEnded:
		return handle(r, func(f discovery.Ended) error { return s.forget(ctx, f.A, f.B) })
	case discovery.KindSomebodyFits:
		return handle(r, func(f discovery.SomebodyFits) error {
			return s.notify(ctx, news{Account: f.Account, Kind: Fits, Source: r.ID, At: r.At, Listed: true})
		})
	case matchmaking.KindAlerted:
		return handle(r, func(f matchmaking.Alerted) error {
			return s.notify(ctx, news{Account: f.Account, Kind: CallProposal, Source: r.ID, At: r.At, Listed: true})
		})
	case verification.KindDecided:
		return handle(r, func(f verification.Decided) error {
			outcome := Declined
			if f.Approved {
				outcome = Approved
			}
			return s.notify(ctx, news{Account: f.Account, Kind: Verification, Source: r.ID, Outcome: outcome, At: r.At, Listed: true})
		})
	case safety.KindDecided:
		return handle(r, func(f safety.Decided) error {
			return s.notify(ctx, news{Account: f.Account, Kind: Safety, Source: r.ID, At: r.At, Listed: true})
		})
	case presence.KindSettingsChanged:
		return handle(r, func(f presence.SettingsChanged) error { return s.release(ctx, f.Account) })
	case account.KindNewDevice:
		return handle(r, func(f account.NewDevice) error {
			return s.notify(ctx, news{Account: f.Account, Kind: NewDevice, Source: r.ID, Detail: f.Device, Except: f.Session, At: r.At, Listed: true})
		})
	case room.KindAppeared:
		return handle(r, func(f room.Appeared) error { return s.live(ctx, f.Room, "", r.At) })
	case KindLiveContinued:
		return handle(r, func(f LiveContinued) error { return s.live(ctx, f.Room, f.After, r.At) })
	case card.KindChanged:
		return handle(r, func(f card.Changed) error { return s.cardChanged(ctx, f, r) })
	case club.KindRequested:
		return handle(r, func(f club.Requested) error { return s.clubRequested(ctx, f, r) })
	case club.KindAnswered:
		return handle(r, func(f club.Answered) error { return s.clubAnswered(ctx, f, r) })
	case schedule.KindNews:
		return handle(r, func(f schedule.News) error { return s.eventNews(ctx, f, "", r.At) })
	case KindEventContinued:
		return handle(r, func(f EventContinued) error { return s.eventNews(ctx, f.News, f.After, r.At) })
	case replay.KindNews:
		return handle(r, func(f replay.News) error { return s.replayNews(ctx, f, "", r.At) })
	case KindReplayContinued:
		return handle(r, func(f ReplayContinued) error { return s.replayNews(ctx, f.News, f.After, r.At) })
	case message.KindChanged:
		return handle(r, func(f message.Changed) error { return s.written(ctx, f, r.At) })
	case call.KindHappyHourBegan:
		return handle(r, func(f call.HappyHourBegan) error { return s.happyHour(ctx, f, r) })
	case call.KindChanged:
		return handle(r, func(f call.Changed) error { return s.callChanged(ctx, f, r.At) })
	}
	return nil
}

func handle[F any](r outbox.Record, tell func(F) error) error {
	f, err := outbox.Read[F](r)
	if err != nil {
		return err
	}
	return tell(f)
}

// news is something to notify one account of.
type news struct {
	Account account.ID
	Kind    Kind
	Source  string            // an account is notified of it once
	About   account.ID        // may be ""
	Outcome Outcome           //
	Detail  string            // what the sentence names
	Except  account.SessionID // is not told by push: it is the cause
	At      time.Time
	Expires time.Time     // zero: the TTL of the kind after At
	Delay   time.Duration // of the push: by then it may be seen
	Listed  bool          // in the notification centre
}

// of returns n for one account about another.
func (n news) of(who, about account.ID) news {
	n.Account, n.About = who, about
	return n
}

// atOnce is how many people one transaction notifies.
const atOnce = 100

// happyHour notifies those who said that they come, which may be thousands: a ring that is
// next must not wait for a commit for each of them. A repeated fact goes on where it stopped.
func (s *Service) happyHour(ctx context.Context, f call.HappyHourBegan, r outbox.Record) error {
	coming, err := db.Select(ctx, s.db, scanAccount, `SELECT account_id FROM happy_rsvps WHERE hour_id = $1 ORDER BY account_id`, f.Hour)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(coming, atOnce) {
		all := make([]news, len(some))
		for i, who := range some {
			all[i] = news{Account: who, Kind: HappyHour, Source: "hour:" + f.Hour, Detail: f.Title, At: r.At, Expires: f.EndsAt, Listed: true}
		}
		if err := s.notify(ctx, all...); err != nil {
			return err
		}
	}
	return nil
}

func scanAccount(row interface{ Scan(...any) error }) (id account.ID, err error) {
	err = row.Scan(&id)
	return id, err
}

// readTime is how long a chat that is open on some screen has to be read there.
const readTime = 3 * time.Second

// written notifies the other of the two of a new message. For who takes no pushes nothing but
// a digest is queued, once: chats have their own unread counts, and messages come by the hundred.
func (s *Service) written(ctx context.Context, f message.Changed, at time.Time) error {
	if !f.New {
		return nil
	}
	to := f.A
	if f.By == to {
		to = f.B
	}
	devices, mailed, err := s.reach(ctx, to)
	if err != nil || devices == 0 && !mailed {
		return err
	}
	if unread, err := s.unread(ctx, to, f.By); err != nil || unread == 0 {
		return err
	}
	m, err := s.cfg.Chats.Get(ctx, f.A, f.B, f.N)
	if fault.KindOf(err) == fault.NotFound {
		return nil // with the match
	}
	if err != nil {
		return err
	}
	kind := Message
	if m.Moment != "" {
		kind = MomentAnswer
	}
	if devices == 0 {
		k, _ := specOf(kind)
		return s.db.Tx(ctx, func(tx *sql.Tx) error { return s.wait(ctx, tx, to, k) })
	}
	return s.notify(ctx, news{
		Account: to, Kind: kind, About: f.By, Source: fmt.Sprintf("message:%s:%d", f.By, f.Seq), At: at, Delay: readTime,
	})
}

// unread returns how many messages of other wait for who; 0 without a chat.
func (s *Service) unread(ctx context.Context, who, other account.ID) (int, error) {
	c, err := s.cfg.Chats.Chat(ctx, who, other)
	if fault.KindOf(err) == fault.NotFound || c.Asked == message.AskedTheirs { // requests wake nobody
		return 0, nil
	}
	return c.Unread, err
}

// callChanged notifies of rings and proposals, and of their end. It reads what each side
// may see now: the fact may be late, and what it says of the other side is private.
func (s *Service) callChanged(ctx context.Context, f call.Changed, at time.Time) error {
	for _, to := range f.Recipients {
		c, err := s.cfg.Calls.Get(ctx, to, f.Call)
		if fault.KindOf(err) == fault.NotFound {
			continue // one of the two accounts is deleted
		}
		if err != nil {
			return err
		}
		if c.Caller {
			continue
		}
		n := news{Account: to, Kind: CallProposal, Source: callSource(c.ID), At: at, Expires: c.DeadlineAt}
		if c.Kind == call.Direct { // who is proposed by the queue has no name before both accept
			n.Kind, n.About, n.Listed = CallRing, c.Other.Account, !c.Offered
		}
		outcome := outcomeOf(c)
		if c.Offered && outcome == Missed { // no word is kept of an offer that nobody answered
			outcome = Declined
		}
		if outcome == Open {
			err = s.notify(ctx, n)
		} else {
			err = s.endRing(ctx, n, outcome)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// outcomeOf says how a ring or proposal ended for the person who sees c.
func outcomeOf(c call.Call) Outcome {
	switch {
	case c.Me.Accepted:
		return Answered
	case c.State == call.Proposed:
		return Open
	case c.EndedByMe:
		return Declined
	}
	return Missed
}

func callSource(c call.ID) string { return "call:" + string(c) }
