package notify

import (
	"context"
	"database/sql"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/outbox"
	"heyy/internal/people/account"
	"heyy/internal/talk/card"
)

// cardChanged notifies somebody of a card that is offered to them, once a day of one person, and
// of the answer to their own offer. An offer that is over is in the centre no more.
func (s *Service) cardChanged(ctx context.Context, f card.Changed, r outbox.Record) error {
	n := news{Account: f.Other, Kind: Card, About: f.By, Source: "card:" + string(f.By) + ":" + r.At.UTC().Format(time.DateOnly), Detail: f.Place, At: r.At, Listed: true}
	switch f.Change {
	case card.ChangeOffered:
		if f.Hidden {
			return nil
		}
		n.Expires = f.At.Add(card.OfferTTL)
		return s.notify(ctx, n)
	case card.ChangeExchanged:
		if err := s.endOffer(ctx, f.By, f.Other); err != nil {
			return err
		}
		n.Source, n.Outcome = "card:"+r.ID, Exchanged
		return s.notify(ctx, n)
	case card.ChangeIgnored:
		return s.endOffer(ctx, f.By, f.Other)
	case card.ChangeWithdrawn, card.ChangeExpired:
		if f.Hidden { // it went when it was ignored
			return nil
		}
		return s.endOffer(ctx, f.Other, f.By)
	case card.ChangeRemoved:
		return s.forgetCards(ctx, f.By, f.Other)
	}
	return nil
}

// endOffer takes the offer of a card by about out of the centre of who. Its row stays, so that an
// offer that is made again on that day is not told again.
func (s *Service) endOffer(ctx context.Context, who, about account.ID) error {
	return s.unlist(ctx, []account.ID{who}, `UPDATE notifications SET listed = FALSE, seen_at = $1 WHERE account_id = $2 AND about_id = $3 AND kind = $4 AND outcome = '' AND listed`,
		db.Millis(s.cfg.Now()), string(who), string(about), string(Card))
}

// forgetCards takes all news about the cards of two people, who have none of each other any more, out of the centres.
func (s *Service) forgetCards(ctx context.Context, a, b account.ID) error {
	return s.unlist(ctx, []account.ID{a, b}, `UPDATE notifications SET listed = FALSE, seen_at = $1
		WHERE (account_id = $2 AND about_id = $3 OR account_id = $3 AND about_id = $2) AND kind = $4 AND listed`,
		db.Millis(s.cfg.Now()), string(a), string(b), string(Card))
}

// unlist runs an UPDATE that takes notifications out of the centres of some people, and tells their clients.
func (s *Service) unlist(ctx context.Context, who []account.ID, query string, args ...any) error {
	var any bool
	err := s.db.Tx(ctx, func(tx *sql.Tx) (err error) {
		if any, err = db.Changed(tx.ExecContext(ctx, query, args...)); err != nil || !any {
			return err
		}
		for _, w := range who {
			if err := s.changed(ctx, tx, w); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && any {
		s.cfg.Wake()
	}
	return err
}
