package message

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

// OpenTime: the time after its last message in which a chat counts as open.
const OpenTime = 14 * 24 * time.Hour

// Limits are the numbers of open chats that somebody can choose as their limit; 0: none.
var Limits = []int{0, 3, 5, 8, 12}

var (
	// ErrLimit refuses what would begin another chat.
	ErrLimit = fault.New(fault.Conflict, "chat.limit", "You have as many conversations open as you chose. End one, or change your limit.")

	errLimits = fault.At("body.limit", "chat.limit_unknown", "This limit can't be chosen.")
)

// Settings: a person's choices for their chats.
type Settings struct {
	Requests bool // takes requests of people without a match
	Limit    int  // open chats at a time; 0: as many as come
}

// Settings returns those of a person.
func (s *Service) Settings(ctx context.Context, of account.ID) (o Settings, err error) {
	defer fault.Wrap(&err, "chat settings of %s", of)
	return s.settings(ctx, s.db, of)
}

func (s *Service) settings(ctx context.Context, q db.Querier, of account.ID) (o Settings, err error) {
	err = q.QueryRowContext(ctx, `SELECT requests, most FROM chat_settings WHERE account_id = $1`, string(of)).Scan(&o.Requests, &o.Limit)
	if db.IsNone(err) {
		err = nil
	}
	return o, err
}

// SetSettings stores those of a person. Fault: chat.limit_unknown.
func (s *Service) SetSettings(ctx context.Context, of account.ID, o Settings) (err error) {
	defer fault.Wrap(&err, "set chat settings of %s", of)
	if !slices.Contains(Limits, o.Limit) {
		return errLimits
	}
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO chat_settings (account_id, requests, most) VALUES ($1, $2, $3)
			ON CONFLICT (account_id) DO UPDATE SET requests = excluded.requests, most = excluded.most`, string(of), o.Requests, o.Limit)
		return err
	})
}

// CheckLimit fails with chat.limit if somebody has as many open chats as they chose.
func (s *Service) CheckLimit(ctx context.Context, of account.ID) (err error) {
	defer fault.Wrap(&err, "limit of %s", of)
	return s.checkLimit(ctx, s.db, of, 0)
}

// checkLimit refuses if there are as many open chats as the limit, without the last few that
// were just begun. Open is a chat with a message or match of the last 14 days; one's own
// request is one, a request to them is none.
func (s *Service) checkLimit(ctx context.Context, q db.Querier, of account.ID, begun int) error {
	o, err := s.settings(ctx, q, of)
	if err != nil || o.Limit == 0 {
		return err
	}
	var open int
	err = q.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM chats WHERE a_id = $1 AND at > $2 AND (asked IN ('', 'a') OR asked_both))
		+ (SELECT count(*) FROM chats WHERE b_id = $1 AND at > $2 AND (asked IN ('', 'b') OR asked_both))`,
		string(of), db.Millis(s.now().Add(-OpenTime))).Scan(&open)
	if err == nil && open-begun >= o.Limit {
		err = ErrLimit
	}
	return err
}
