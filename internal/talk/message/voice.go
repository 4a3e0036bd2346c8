package message

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/base/outbox"
	"heyy/internal/media/audio"
	"heyy/internal/people/account"
)

// VoiceLimits is the allowed playing time of a voice message. A recorder may stop late.
var VoiceLimits = audio.Limits{Least: 500 * time.Millisecond, Most: MaxVoice + 500*time.Millisecond, AnySound: true}

const (
	MaxVoice = 2 * time.Minute

	maxHeard    = 100 // listened marks that Changes returns
	sweepVoices = 500 // blobs of one transaction
)

// Voice is the audio of a voice message.
type Voice struct {
	Key   string // blob; audio/ogg
	Ms    int    // playing time
	Peaks []byte // 64 levels, 0..255

	Heard      bool // by the person it was sent to
	HeardShown bool // and none of the two hides read marks
}

// Blobs stores the audio of voice messages; see package blobref.
type Blobs interface {
	Put(ctx context.Context, key string, data []byte) error
	Claim(ctx context.Context, tx *sql.Tx, key string) error
	Drop(ctx context.Context, tx *sql.Tx, keys ...string) error
}

var (
	errNoVoice = fault.New(fault.NotFound, "message.no_voice", "There's no recording in this message.")

	// ErrVoiceLong refuses a recording over MaxVoice.
	ErrVoiceLong = fault.At("body", "message.voice_long", "A voice message is at most two minutes long. Send it in two parts.")
)

// MaySpeak reports whether by may send a voice message with the text of d now, before the
// recording is decoded, which costs. Faults: those of SendVoice.
func (s *Service) MaySpeak(ctx context.Context, by, other account.ID, d Draft) (err error) {
	defer fault.Wrap(&err, "speak to %s", other)
	if _, err := cleanedAlternative(d.Text); err != nil {
		return err
	}
	p := pairOf(by, other)
	var last int64
	var asks bool
	err = s.db.QueryRowContext(ctx, `SELECT last_n, asked = '`+p.side+`' OR asked_both FROM chats c WHERE c.a_id = $1 AND c.b_id = $2 AND `+shownTo(p.side),
		string(p.a), string(p.b)).Scan(&last, &asks)
	switch {
	case db.IsNone(err):
		return ErrNone
	case err != nil:
		return err
	case asks && last > 0:
		return errAsked
	case d.ReplyTo > last:
		return errReply
	}
	if err := s.checkAnswered(ctx, s.db, p, by, last); err != nil {
		return err
	}
	return s.maySpeakMore(ctx, by)
}

// Sent returns the message of by's with this id, if it was sent before. Faults: chat.none,
// message.id_used. It is asked before a recording is decoded, which costs.
func (s *Service) Sent(ctx context.Context, by, other account.ID, of ID) (m Message, sent bool, err error) {
	defer fault.Wrap(&err, "%s to %s", of, other)
	p := pairOf(by, other)
	if err := s.answerable(ctx, s.db, p); err != nil {
		return Message{}, false, err
	}
	m, err = s.byID(ctx, s.db, p, of)
	switch {
	case errors.Is(err, errUnknown):
		return Message{}, false, nil
	case err != nil:
		return Message{}, false, err
	case m.By != by || m.Voice == nil && !m.Deleted:
		return Message{}, false, errIDUsed
	}
	return m, true, nil
}

// SendVoice adds a voice message of by. The text of the draft is its text alternative and
// may be empty. The same id again changes nothing. Faults: those of Send.
func (s *Service) SendVoice(ctx context.Context, by, other account.ID, d Draft, clip audio.Clip) (_ Message, err error) {
	defer fault.Wrap(&err, "send voice %s to %s", d.ID, other)
	if d.Text, err = cleanedAlternative(d.Text); err != nil {
		return Message{}, err
	}
	v := &Voice{Key: "messages/" + id.Opaque() + ".ogg", Ms: int(clip.Duration.Milliseconds()), Peaks: clip.Peaks}
	if err := s.blobs.Put(ctx, v.Key, clip.Ogg); err != nil {
		return Message{}, err
	}
	return s.send(ctx, by, other, d, v)
}

// keep claims the blob of a voice message, in the transaction that inserts the message.
func (s *Service) keep(ctx context.Context, tx *sql.Tx, by account.ID, v *Voice) error {
	if err := s.takeVoice(ctx, tx, by, v.Ms); err != nil {
		return err
	}
	if err := s.blobs.Claim(ctx, tx, v.Key); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO message_blobs (key) VALUES ($1)`, v.Key)
	return err
}

// columns are the values of audio_key, audio_ms and audio_peaks.
func (v *Voice) columns() (key sql.NullString, ms sql.NullInt64, peaks sql.NullString) {
	if v == nil {
		return key, ms, peaks
	}
	return sql.NullString{String: v.Key, Valid: true}, sql.NullInt64{Int64: int64(v.Ms), Valid: true},
		sql.NullString{String: base64.StdEncoding.EncodeToString(v.Peaks), Valid: true}
}

// cleanedAlternative validates a text alternative, which may be empty.
func cleanedAlternative(text string) (string, error) {
	text, err := cleaned(text)
	if fault.Is(err, "message.empty") {
		return "", nil
	}
	return text, err
}

// Audio returns the voice of a message, for one of the two. Faults: chat.none,
// message.not_found, message.no_voice.
func (s *Service) Audio(ctx context.Context, by, other account.ID, of ID) (_ Voice, err error) {
	defer fault.Wrap(&err, "hear %s of %s", of, other)
	p := pairOf(by, other)
	if err := s.answerable(ctx, s.db, p); err != nil {
		return Voice{}, err
	}
	m, err := s.byID(ctx, s.db, p, of)
	if err == nil && m.Voice == nil {
		err = errNoVoice
	}
	if err != nil {
		return Voice{}, err
	}
	return *m.Voice, nil
}

// MarkHeard records that by has listened to a voice message of other's. It is kept outside
// the seq of the chat, as read marks are. One's own message, or one already marked, changes
// nothing. Faults: chat.none, message.not_found, message.no_voice.
func (s *Service) MarkHeard(ctx context.Context, by, other account.ID, of ID) (err error) {
	defer fault.Wrap(&err, "heard %s of %s", of, other)
	p, now := pairOf(by, other), s.now()
	heard := false
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		heard = false // a transaction may run again
		if _, err := s.lock(ctx, tx, p); err != nil {
			return err
		}
		m, err := s.byID(ctx, tx, p, of)
		switch {
		case err != nil:
			return err
		case m.Voice == nil:
			return errNoVoice
		case m.By == by || m.Voice.Heard:
			return nil
		}
		heard = true
		if _, err := tx.ExecContext(ctx, `UPDATE messages SET heard_at = $1 WHERE a_id = $2 AND b_id = $3 AND n = $4`,
			db.Millis(now), string(p.a), string(p.b), m.N); err != nil {
			return err
		}
		return outbox.Append(ctx, tx, now, Heard{By: by, Other: other, N: m.N})
	})
	if err == nil && heard {
		s.wake()
	}
	return err
}

// heard returns the numbers of the newest voice messages with a listened mark that by may
// see.
func (s *Service) heard(ctx context.Context, q db.Querier, p pair, by account.ID, shown bool) ([]int64, error) {
	return db.Select(ctx, q, func(row interface{ Scan(...any) error }) (n int64, err error) {
		err = row.Scan(&n)
		return n, err
	}, `SELECT n FROM messages WHERE a_id || b_id = $1 AND heard_at IS NOT NULL AND (by_id <> $2 OR $3) ORDER BY n DESC LIMIT $4`,
		p.key(), string(by), shown, maxHeard)
}

// Sweep drops the blobs of messages that are gone: deleted, or with their chat, or with an
// account. Nobody can reach them any more. Run it every few minutes, on one server.
func (s *Service) Sweep(ctx context.Context, _ time.Time) (err error) {
	defer fault.Wrap(&err, "sweep voice messages")
	for {
		keys, err := db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (key string, err error) {
			err = row.Scan(&key)
			return key, err
		}, `SELECT b.key FROM message_blobs b LEFT JOIN messages m ON m.audio_key = b.key WHERE m.audio_key IS NULL LIMIT $1`, sweepVoices)
		if err != nil {
			return err
		}
		if err := s.drop(ctx, keys); err != nil || len(keys) < sweepVoices {
			return err
		}
	}
}

func (s *Service) drop(ctx context.Context, keys []string) error {
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		for _, key := range keys {
			there, err := db.Changed(tx.ExecContext(ctx, `DELETE FROM message_blobs WHERE key = $1`, key))
			if err == nil && there {
				err = s.blobs.Drop(ctx, tx, key)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
