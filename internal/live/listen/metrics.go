package listen

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// counters are the figures of an engine.
type counters struct {
	packets, bytes, dropped, nacks, retransmitted atomic.Uint64
	taps                                          atomic.Int64
}

var (
	sessionsDesc      = prometheus.NewDesc("heyy_listen_sessions", "Sessions of listeners, connected or about to be.", nil, nil)
	tapsDesc          = prometheus.NewDesc("heyy_listen_taps", "Rooms that are tapped for listeners.", nil, nil)
	packetsDesc       = prometheus.NewDesc("heyy_listen_packets_total", "Packets sent to listeners.", nil, nil)
	bytesDesc         = prometheus.NewDesc("heyy_listen_bytes_total", "Bytes sent to listeners, without headers of UDP and IP.", nil, nil)
	droppedDesc       = prometheus.NewDesc("heyy_listen_dropped_packets_total", "Packets that were not sent: the system's queue or a connection's was full.", nil, nil)
	nacksDesc         = prometheus.NewDesc("heyy_listen_nacks_total", "Packets that listeners reported missing.", nil, nil)
	retransmittedDesc = prometheus.NewDesc("heyy_listen_retransmitted_packets_total", "Packets sent again.", nil, nil)
)

// Describe implements prometheus.Collector.
func (e *Engine) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{sessionsDesc, tapsDesc, packetsDesc, bytesDesc, droppedDesc, nacksDesc, retransmittedDesc} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (e *Engine) Collect(to chan<- prometheus.Metric) {
	e.mu.RLock()
	sessions := len(e.list)
	e.mu.RUnlock()
	to <- prometheus.MustNewConstMetric(sessionsDesc, prometheus.GaugeValue, float64(sessions))
	to <- prometheus.MustNewConstMetric(tapsDesc, prometheus.GaugeValue, float64(e.stats.taps.Load()))
	for _, c := range []struct {
		d *prometheus.Desc
		n *atomic.Uint64
	}{
		{packetsDesc, &e.stats.packets}, {bytesDesc, &e.stats.bytes}, {droppedDesc, &e.stats.dropped},
		{nacksDesc, &e.stats.nacks}, {retransmittedDesc, &e.stats.retransmitted},
	} {
		to <- prometheus.MustNewConstMetric(c.d, prometheus.CounterValue, float64(c.n.Load()))
	}
}
