package simulation

import (
	"fmt"
	"math/rand/v2"
	"time"

	"heyy/internal/meet/matchmaking/pool"
	"heyy/internal/people/account"
)

// Name returns the i-th account id of a simulation, as long as a real one.
func Name(i int) account.ID { return account.ID(fmt.Sprintf("%036d", i)) }

// Pool returns a pool of n of these people who wait at Start, some of them for
// long, all pending: what a new leader finds. Beyond their number people are
// repeated under other ids.
func Pool(people []SyntheticPerson, n int, seed uint64) *pool.Pool {
	r := rand.New(rand.NewPCG(seed, 0x706f6f6c))
	p := pool.New()
	for i := range n {
		waited := time.Duration(min(120, r.ExpFloat64()*20) * float64(time.Second))
		p.Put(people[r.IntN(len(people))].Ticket(Name(i), Start.Add(-waited)), Start)
	}
	return p
}
