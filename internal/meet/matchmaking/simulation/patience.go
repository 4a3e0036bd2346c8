package simulation

import (
	"math"
	"math/rand/v2"
	"time"
)

// Patience is the distribution of the time after which people stop waiting.
type Patience struct {
	Name string
	draw func(*rand.Rand) time.Duration
}

// Fixed is the same for everybody. It is unrealistic, and favours matchmakers
// that serve the longest waiting ones first.
func Fixed(d time.Duration) Patience {
	return Patience{"fixed", func(*rand.Rand) time.Duration { return d }}
}

// Exponential has a constant rate of leaving, however long one has waited: the
// usual assumption of queues with impatient customers (Palm 1953; Erlang-A in
// Garnett, Mandelbaum and Reiman 2002).
func Exponential(mean time.Duration) Patience {
	return Patience{"exponential", func(r *rand.Rand) time.Duration {
		return time.Duration(r.ExpFloat64() * float64(mean))
	}}
}

// Lognormal has a rate of leaving that rises to an early peak and falls, so those
// who stay beyond it stay long: the shape found in call by call data (Brown et
// al., Statistical Analysis of a Telephone Call Center, JASA 100, 2005, section
// on patience). Sigma is that of the logarithm.
func Lognormal(median time.Duration, sigma float64) Patience {
	return Patience{"lognormal", func(r *rand.Rand) time.Duration {
		return time.Duration(float64(median) * math.Exp(sigma*r.NormFloat64()))
	}}
}

// Patiences are the distributions that are reported. The last two have the same
// median, one minute.
var Patiences = []Patience{Fixed(3 * time.Minute), Exponential(86_562 * time.Millisecond), Lognormal(time.Minute, 1)}
