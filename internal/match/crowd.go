package match

import (
	"time"

	"heyy/internal/account"
	"heyy/internal/discovery"
	"heyy/internal/match/pool"
)

// crowd is who waits as the leader knows them: the pool that chooses, and the
// rows it was told. The rows decide.
type crowd struct {
	*pool.Pool
	known map[account.ID]*known
}

// known is somebody's row as it was read last.
type known struct {
	row
	kin  string // who waits alike; "": not known
	pass uint32
}

func newCrowd() *crowd { return &crowd{pool.New(), map[account.ID]*known{}} }

// put brings somebody up to date: r is their row, me who they are, or nil where
// they cannot be shown to anybody now, apart whom something keeps from them.
func (c *crowd) put(r row, me *discovery.Person, apart []account.ID, pass uint32, now time.Time) {
	k := &known{row: r, pass: pass}
	if me != nil {
		k.kin = kinOf(me)
	} else if before := c.known[r.who]; before != nil {
		k.kin = before.kin
	}
	c.known[r.who] = k
	w := r.waiter(me, now)
	w.Out = append(w.Out, apart...)
	c.Put(w, now)
}

// drop takes somebody out.
func (c *crowd) drop(who account.ID) {
	delete(c.known, who)
	c.Drop(who)
}

// rest takes somebody out of sight until they are put anew: a proposal is out.
func (c *crowd) rest(who account.ID) {
	if k := c.known[who]; k != nil {
		k.call = "?" // as no row has it, so that the row is read when it comes by
	}
	c.Rest(who)
}

// waiter is the one of r for a pool.
func (r *row) waiter(me *discovery.Person, now time.Time) pool.Waiter {
	w := pool.Waiter{
		Coming: r.id, Entered: time.UnixMilli(r.entered), Proposed: r.proposed,
		From: r.from, To: r.to, Verified: r.reach == Verified, Out: r.skipped(),
	}
	if me == nil {
		w.Person.ID = r.who
		return w
	}
	var fits bool
	w.Person, fits = me.Tonight(r.wishes())
	w.Ready = fits && r.free() && me.Shown(now)
	return w
}
