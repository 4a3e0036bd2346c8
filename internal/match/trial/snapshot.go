package trial

import (
	"fmt"
	"math/rand/v2"
	"time"

	"heyy/internal/account"
	"heyy/internal/match/pool"
)

// Name is the i-th name that a trial gives, as long as a real one.
func Name(i int) account.ID { return account.ID(fmt.Sprintf("%036d", i)) }

// Pool is n of these people who wait at Start, some of them since long, all
// hungry: what somebody finds who comes to lead. Beyond their number they come
// again under other names.
func Pool(people []Somebody, n int, seed uint64) *pool.Pool {
	r := rand.New(rand.NewPCG(seed, 0x706f6f6c))
	p := pool.New()
	for i := range n {
		waited := time.Duration(min(120, r.ExpFloat64()*20) * float64(time.Second))
		p.Put(people[r.IntN(len(people))].Waiter(Name(i), Start.Add(-waited)), Start)
	}
	return p
}
