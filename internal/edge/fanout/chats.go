package fanout

import (
	"context"
	"errors"
	"slices"

	"heyy/internal/base/fault"
	"heyy/internal/base/outbox"
	"heyy/internal/edge/apitypes"
	"heyy/internal/people/account"
	"heyy/internal/talk/message"
	"heyy/internal/talk/moment"
)

// messageChanged sends a message, as it is now, to both.
func (f *Fanout) messageChanged(ctx context.Context, c message.Changed) error {
	m, err := f.messages.Get(ctx, c.A, c.B, c.N)
	if fault.KindOf(err) == fault.NotFound {
		return outbox.ErrGone // with the match
	}
	if err != nil {
		return err
	}
	return both(c.A, c.B, func(to, other account.ID) error {
		chat, err := f.messages.Chat(ctx, to, other)
		if fault.KindOf(err) == fault.NotFound {
			return nil // it ended, or they have declined it
		}
		if err != nil {
			return err
		}
		if chat.Asked == message.AskedTheirs {
			return f.out.PublishTo(string(to), apitypes.RequestEvent{Type: "request"})
		}
		return f.out.PublishTo(string(to), apitypes.MessageEvent{
			Type: "message", PersonID: string(other), Seq: c.Seq, Message: apitypes.ToMessage(m, to), Unread: chat.Unread,
		})
	})
}

// messagesRead tells the devices of who has read, and the other unless one of the two hides
// read marks.
func (f *Fanout) messagesRead(ctx context.Context, r message.Read) error {
	mine, err := f.messages.Chat(ctx, r.By, r.Other)
	if err != nil {
		return unlessGone(err)
	}
	err = f.out.PublishTo(string(r.By), apitypes.ReadEvent{Type: "read", PersonID: string(r.Other), Mine: true, N: r.N, Unread: mine.Unread})
	theirs, unseen := f.messages.Chat(ctx, r.Other, r.By)
	if unseen != nil {
		return errors.Join(err, unlessGone(unseen))
	}
	if theirs.TheirReadN < r.N || theirs.Asked == message.AskedTheirs { // hidden, or not theirs yet
		return err
	}
	return errors.Join(err, f.out.PublishTo(string(r.Other), apitypes.ReadEvent{Type: "read", PersonID: string(r.By), N: r.N, Unread: theirs.Unread}))
}

// voiceHeard tells the devices of who has listened, and the other unless one of the two
// hides read marks.
func (f *Fanout) voiceHeard(ctx context.Context, h message.Heard) error {
	m, err := f.messages.Get(ctx, h.By, h.Other, h.N)
	if err != nil {
		return unlessGone(err)
	}
	if m.Voice == nil {
		return outbox.ErrGone // deleted
	}
	err = f.out.PublishTo(string(h.By), apitypes.HeardEvent{Type: "heard", PersonID: string(h.Other), Mine: true, N: h.N})
	if !m.Voice.HeardShown {
		return err
	}
	return errors.Join(err, f.out.PublishTo(string(h.Other), apitypes.HeardEvent{Type: "heard", PersonID: string(h.By), N: h.N}))
}

// chatChanged tells those for whom a chat is or was there to read their chats and requests again.
func (f *Fanout) chatChanged(c message.ChatChanged) error {
	return both(c.By, c.Other, func(to, other account.ID) error {
		if !slices.Contains(c.To, to) {
			return nil
		}
		return errors.Join(
			f.out.PublishTo(string(to), apitypes.ChatEvent{Type: "chat", PersonID: string(other)}),
			f.out.PublishTo(string(to), apitypes.RequestEvent{Type: "request"}))
	})
}

// momentsChanged tells an author and a bounded number of matches to read the moments again. It
// is for all of them the same, and names nobody: who may hear what is decided when they read.
// Followers and strangers see it the next time they look, for a post must not cost more the
// more people follow.
func (f *Fanout) momentsChanged(ctx context.Context, c moment.Changed) error {
	told, err := f.moments.Told(ctx, c.Author)
	for _, to := range told {
		err = errors.Join(err, f.out.PublishTo(string(to), apitypes.MomentsEvent{Type: "moments"}))
	}
	return err
}

func unlessGone(err error) error {
	if fault.KindOf(err) == fault.NotFound {
		return outbox.ErrGone
	}
	return err
}

// Typing tells somebody that another is typing. It is no fact: who is not there misses
// nothing.
func (f *Fanout) Typing(by, to account.ID) error {
	return f.out.PublishTo(string(to), apitypes.TypingEvent{Type: "typing", PersonID: string(by)})
}
