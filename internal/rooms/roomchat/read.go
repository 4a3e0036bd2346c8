package roomchat

import (
	"context"
	"database/sql"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/page"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

const (
	// mostSearched is how many messages one request reads. The next page goes on behind them.
	mostSearched = 5000
	searchBatch  = 500
)

// Page returns messages, the newest first, without those of people whom viewer must not meet.
// Faults: those of room.MayReadChat.
func (s *Service) Page(ctx context.Context, viewer account.ID, r room.ID, p page.Request) (_ []Message, next page.Cursor, err error) {
	defer fault.Wrap(&err, "read the chat of %s", r)
	tx, done, err := s.reading(ctx, viewer, r)
	if err != nil {
		return nil, page.Cursor{}, err
	}
	defer done()
	before, _, limit := p.Args()
	all, err := s.batch(ctx, tx, viewer, r, before, limit, true)
	all, next = page.Cut(p, all, cursor)
	return all, next, err
}

// Search returns the messages that have all words of a query, the newest first. A page may have
// fewer than asked for, or none, and be followed by another. Faults: those of Page and of the query.
func (s *Service) Search(ctx context.Context, viewer account.ID, r room.ID, query string, p page.Request) (found []Message, next page.Cursor, err error) {
	defer fault.Wrap(&err, "search the chat of %s", r)
	matches, err := s.matcher(query)
	if err != nil {
		return nil, page.Cursor{}, err
	}
	tx, done, err := s.reading(ctx, viewer, r)
	if err != nil {
		return nil, page.Cursor{}, err
	}
	defer done()
	before, _, _ := p.Args()
	for read := 0; read < mostSearched; read += searchBatch {
		some, err := s.batch(ctx, tx, viewer, r, before, searchBatch, false)
		if err != nil {
			return nil, page.Cursor{}, err
		}
		for _, m := range some {
			if !matches(m.Text) {
				continue
			}
			if len(found) == p.Size() {
				return found, cursor(found[len(found)-1]), nil
			}
			found = append(found, m)
		}
		if len(some) < searchBatch {
			return found, page.Cursor{}, nil
		}
		next = cursor(some[len(some)-1])
		before = next.At
	}
	return found, next, nil
}

func cursor(m Message) page.Cursor { return page.Of(m.At, string(m.ID)) }

// reading begins a snapshot in which viewer may read.
func (s *Service) reading(ctx context.Context, viewer account.ID, r room.ID) (tx *sql.Tx, done func(), err error) {
	tx, err = s.db.BeginTx(ctx, s.db.ReadOnly())
	if err != nil {
		return nil, nil, err
	}
	done = func() { _ = tx.Rollback() }
	if err := s.rooms.MayReadChat(ctx, tx, viewer, r); err != nil {
		done()
		return nil, nil, err
	}
	return tx, done, nil
}

// batch reads the messages before a time.
func (s *Service) batch(ctx context.Context, q db.Querier, viewer account.ID, r room.ID, before int64, limit int, deleted bool) ([]Message, error) {
	return db.Select(ctx, q, func(row interface{ Scan(...any) error }) (Message, error) {
		m, err := scan(row)
		return m.For(viewer), err
	}, `SELECT `+columns+` FROM room_messages WHERE room_id = $1 AND at < $2 AND `+notApart+` AND ($4 OR text IS NOT NULL) ORDER BY at DESC LIMIT $5`,
		r, before, viewer, deleted, limit)
}
