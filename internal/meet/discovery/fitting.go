package discovery

import (
	"context"

	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

// Fitting returns those among some people who could be viewer's cards now, in their order, at
// most most: the index decides first, and the rows of this moment at the end. Nobody fits a
// viewer who is paused or not complete.
func (s *Service) Fitting(ctx context.Context, viewer account.ID, among []account.ID, most int) (_ []account.ID, err error) {
	defer fault.Wrap(&err, "who fits %s", viewer)
	if len(among) == 0 || !s.ready(ctx) {
		return nil, ctx.Err()
	}
	me, _, err := s.viewer(ctx, viewer)
	if fault.KindOf(err) == fault.Conflict {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	now := s.now()
	some := s.indexed(me, among, DayOf(now))
	var found []account.ID
	for len(some) > 0 && len(found) < most {
		ids := some[:min(len(some), recheckBatch)]
		some = some[len(ids):]
		them, err := s.relations(ctx, viewer, ids)
		if err != nil {
			return nil, err
		}
		self := them[viewer]
		if self == nil || !self.complete {
			return nil, nil
		}
		for _, id := range ids {
			o := them[id]
			if len(found) < most && o != nil && !o.excluded && !o.decided && o.Shown(now) && Fits(&self.Person, &o.Person, DayOf(now)) {
				found = append(found, id)
			}
		}
	}
	return found, nil
}

// indexed returns those among some people who fit me by the index.
func (s *Service) indexed(me *Person, among []account.ID, today Day) (fit []account.ID) {
	s.index.mu.RLock()
	defer s.index.mu.RUnlock()
	for _, id := range among {
		if k, ok := keyOf(id); ok {
			if row, there := s.index.rows[k]; there && s.index.fits(me, row, today) {
				fit = append(fit, id)
			}
		}
	}
	return fit
}
