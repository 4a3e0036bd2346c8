package bench

import (
	"context"
	"time"
)

// Warm measures the time from the start of the program until /readyz succeeds, first with
// an empty folder, then with its own data.
func Warm(ctx context.Context, binary string, o Options) (how string, f Figures, err error) {
	o = o.usual()
	how = "From starting the process to /readyz answering 200, asked every 2 ms. Fresh: an empty data folder. Warm: the same folder again; the program is in the page cache."
	s, err := Start(ctx, binary, "")
	if err != nil {
		return how, nil, err
	}
	defer func() {
		if stopped := s.Stop(); err == nil {
			err = stopped
		}
	}()
	f.Add("fresh_ms", Millis(s.Started))
	idle, err := MemoryMB(s.PID())
	if err != nil {
		return how, nil, err
	}
	var warm []time.Duration
	for range o.Starts {
		if err := s.halt(); err != nil {
			return how, nil, err
		}
		if err := s.Again(ctx); err != nil {
			return how, nil, err
		}
		warm = append(warm, s.Started)
	}
	f.Add("starts", float64(o.Starts))
	f.Add("warm_p50_ms", Millis(Percentile(warm, 50)))
	f.Add("warm_max_ms", Millis(Percentile(warm, 100)))
	f.Add("memory_idle_mb", idle)
	return how, f, nil
}
