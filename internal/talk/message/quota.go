package message

import (
	"context"
	"database/sql"
	"time"
	"unicode/utf8"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

// What one person may send, in all chats: so much at once, and then as much as a day is past of
// it. Far more than anybody types or says.
const (
	DayText  = 200_000       // characters written, edits included
	DayVoice = 2 * time.Hour // of playing time

	quotaDay    = 24 * time.Hour
	perText     = 25 // characters that a text counts beside its own: short ones have rows, too
	msOfChar    = int64(quotaDay/time.Millisecond) / DayText
	msOfVoiceMs = int64(quotaDay / DayVoice)
)

var (
	errTextDay  = fault.New(fault.TooMany, "message.text_day", "You've written a lot today. Try again later.")
	errVoiceDay = fault.New(fault.TooMany, "message.voice_day", "You've recorded a lot today. Try again later.")
)

// takeText counts a text that by sends or changes. Fault: message.text_day.
func (s *Service) takeText(ctx context.Context, tx *sql.Tx, by account.ID, text string) error {
	if text == "" {
		return nil
	}
	return s.take(ctx, tx, by, "text_until", int64(perText+utf8.RuneCountInString(text))*msOfChar, errTextDay)
}

// takeVoice counts a recording that by sends. Fault: message.voice_day.
func (s *Service) takeVoice(ctx context.Context, tx *sql.Tx, by account.ID, ms int) error {
	return s.take(ctx, tx, by, "voice_until", int64(ms)*msOfVoiceMs, errVoiceDay)
}

// take moves on the time until which what by sent is counted, or fails if that is more than a
// day ahead. The row is locked: what is sent in several chats at once counts in turn.
func (s *Service) take(ctx context.Context, tx *sql.Tx, by account.ID, until string, cost int64, spent error) error {
	now := db.Millis(s.now())
	var at int64
	err := tx.QueryRowContext(ctx, `INSERT INTO message_quotas (account_id, `+until+`) VALUES ($1, CAST($2 AS BIGINT) + CAST($3 AS BIGINT))
		ON CONFLICT (account_id) DO UPDATE SET `+until+` = CASE WHEN message_quotas.`+until+` < $2 THEN $2 ELSE message_quotas.`+until+` END + $3 RETURNING `+until,
		string(by), now, cost).Scan(&at)
	if err == nil && at > now+quotaDay.Milliseconds() {
		err = spent
	}
	return err
}

// maySpeakMore fails with message.voice_day if nothing is left of by's day.
func (s *Service) maySpeakMore(ctx context.Context, by account.ID) error {
	var at int64
	err := s.db.QueryRowContext(ctx, `SELECT voice_until FROM message_quotas WHERE account_id = $1`, string(by)).Scan(&at)
	switch {
	case db.IsNone(err):
		return nil
	case err == nil && at >= db.Millis(s.now().Add(quotaDay)):
		return errVoiceDay
	}
	return err
}
