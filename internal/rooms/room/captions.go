package room

import (
	"context"

	"heyy/internal/base/fault"
	"heyy/internal/base/textrule"
	"heyy/internal/people/account"
)

// MaxCaption is the most characters of a caption: one line of what somebody on stage says.
const MaxCaption = 300

// Caption checks a caption of by and returns its stored form, which nothing stores: captions are
// published to those inside and kept nowhere. One that was typed is taken from a muted speaker,
// too. Faults: those of Get and of the text, room.ended, room.not_here, room.no_seat,
// room.caption_muted, room.muted_by_host, and room.chat_muted for who may write nothing.
func (s *Service) Caption(ctx context.Context, by account.ID, r ID, text string, typed bool) (_ string, err error) {
	defer fault.Wrap(&err, "caption in %s", r)
	clean, err := textrule.Line("body.text", text, MaxCaption)
	switch {
	case fault.Is(err, "text.too_long"):
		return "", errCaptionLong
	case err != nil:
		return "", err
	}
	room, err := readableRoom(ctx, s.db, r, by)
	if err != nil {
		return "", err
	}
	if !room.EndedAt.IsZero() {
		return "", errEnded
	}
	m, err := readMember(ctx, s.db, r, by)
	if err != nil {
		return "", err
	}
	me := person{role: m.Role, known: m.Account != "", present: m.Present, seated: m.Seat != 0, mutedByHost: m.MutedByHost, chatMuted: m.ChatMuted}
	if err := can(me, actionCaption, target{}); err != nil {
		return "", err
	}
	if m.Muted && !typed {
		return "", errCaptionMuted
	}
	return clean, nil
}
