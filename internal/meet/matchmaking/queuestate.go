package matchmaking

import (
	"time"

	"heyy/internal/meet/discovery"
	"heyy/internal/meet/matchmaking/pool"
	"heyy/internal/people/account"
)

// queueState is the queue as the leader knows it: the pool that chooses, and the
// rows as they were last read. It may lag behind the rows, which decide.
type queueState struct {
	*pool.Pool
	entries map[account.ID]*entry
}

// entry is the row of one person as it was last read.
type entry struct {
	row
	cohort string // see cohortOf; "": unknown
	pass   uint32 // of leader.pass, when it was last seen
}

func newQueueState() *queueState { return &queueState{pool.New(), map[account.ID]*entry{}} }

// put stores the row r of one person. me is their profile, nil if they cannot be
// shown to anybody now; exclusions are people who cannot be proposed to them.
func (c *queueState) put(r row, me *discovery.Person, exclusions []account.ID, pass uint32, now time.Time) {
	k := &entry{row: r, pass: pass}
	if me != nil {
		k.cohort = cohortOf(me)
	} else if before := c.entries[r.who]; before != nil {
		k.cohort = before.cohort
	}
	c.entries[r.who] = k
	w := r.poolTicket(me, now)
	w.Exclusions = append(w.Exclusions, exclusions...)
	c.Put(w, now)
}

// drop removes one person.
func (c *queueState) drop(who account.ID) {
	delete(c.entries, who)
	c.Drop(who)
}

// suspend excludes a person with an open proposal from choices until their row is
// put again.
func (c *queueState) suspend(who account.ID) {
	if k := c.entries[who]; k != nil {
		k.call = "?" // differs from every row, so that the next read counts as a change
	}
	c.Suspend(who)
}

// poolTicket converts r to a ticket of the pool.
func (r *row) poolTicket(me *discovery.Person, now time.Time) pool.Ticket {
	w := pool.Ticket{
		ID: r.id, EnteredAt: time.UnixMilli(r.enteredAt), WasProposed: r.wasProposed,
		AgeFrom: r.ageFrom, AgeTo: r.ageTo, VerifiedOnly: r.privacy == Verified, Exclusions: r.exclusions(),
	}
	if me == nil {
		w.Person.ID = r.who
		return w
	}
	var fits bool
	w.Person, fits = me.Narrow(r.filter())
	w.Ready = fits && r.isFree() && me.Shown(now)
	return w
}
