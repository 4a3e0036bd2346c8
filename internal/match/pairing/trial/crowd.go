package trial

import "slices"

// crowd is who waits, by what others look for: language, intent, gender and
// whom they wish to meet. Each list is in the order of coming.
type crowd struct {
	lists [languages][intents][genders][1 << genders]list
	there map[int32]*Ticket
	seen  map[int32]struct{}
}

// list keeps those who left until they are half of it.
type list struct {
	tickets []*Ticket
	left    int
}

func newCrowd() *crowd { return &crowd{there: map[int32]*Ticket{}, seen: map[int32]struct{}{}} }

func (c *crowd) listsOf(p *Person, visit func(*list)) {
	for l := range languages {
		for i := range intents {
			if p.Languages>>l&1 == 1 && p.Intents>>i&1 == 1 {
				visit(&c.lists[l][i][p.Gender][p.Wished])
			}
		}
	}
}

func (c *crowd) add(t *Ticket) {
	c.there[t.ID] = t
	c.listsOf(&t.Person, func(l *list) { l.tickets = append(l.tickets, t) })
}

func (c *crowd) remove(t *Ticket) {
	delete(c.there, t.ID)
	c.listsOf(&t.Person, func(l *list) {
		if l.left++; l.left*2 > len(l.tickets) {
			l.left = 0
			l.tickets = slices.DeleteFunc(l.tickets, func(t *Ticket) bool { return c.there[t.ID] == nil })
		}
	})
}

// fitting are those who fit somebody, of each list the oldest first, until so
// many were found.
func (c *crowd) fitting(t *Ticket, most int) (found []*Ticket) {
	clear(c.seen)
	p := &t.Person
	for l := range languages {
		for i := range intents {
			if p.Languages>>l&1 == 0 || p.Intents>>i&1 == 0 {
				continue
			}
			for g := range genders {
				for wished := range 1 << genders {
					if p.Wished>>g&1 == 0 || wished>>p.Gender&1 == 0 {
						continue
					}
					for _, o := range c.lists[l][i][g][wished].tickets {
						if len(found) == most {
							return found
						}
						if o == t || c.there[o.ID] == nil || !Fits(p, &o.Person) {
							continue
						}
						if _, again := c.seen[o.ID]; !again {
							c.seen[o.ID] = struct{}{}
							found = append(found, o)
						}
					}
				}
			}
		}
	}
	return found
}
