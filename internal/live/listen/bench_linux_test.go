package listen

import (
	"fmt"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"heyy/internal/live/slots"
)

// connectedLanes makes an engine that does not run, with a room of so many connected
// listeners, each with a socket of its own.
func connectedLanes(t testing.TB, listeners, slotsOn int, c Config) (e *Engine, r *room, receivers []datagrams) {
	t.Helper()
	c.Addrs, c.Taps = []Addr{{IP: loopback4}}, newStudio()
	if c.Large == 0 {
		c.Large = 1 << 30
	}
	e, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.unbind)
	var media []offeredMedia
	for i := range slotsOn {
		media = append(media, offeredMedia{slot: i, payloadType: 111})
	}
	r = newRoom(e, "r")
	for range listeners {
		s, err := openSocket(netip.AddrPortFrom(loopback4, 0))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.close)
		receivers = append(receivers, s)
		send, _, err := protectors(profiles[0], randomBytes(keyingLength(profiles[0])))
		if err != nil {
			t.Fatal(err)
		}
		r.join(&lane{seal: send, to: endpoint{udp: e.ports[0], addr: netip.AddrPortFrom(loopback4, s.port())}}, media)
	}
	for _, sh := range e.shards {
		sh.work()
	}
	return e, r, receivers
}

// threadTime returns the CPU time of this thread.
func threadTime(t testing.TB) time.Duration {
	var at unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &at); err != nil {
		t.Fatal(err)
	}
	return time.Duration(at.Nano())
}

// BenchmarkSend measures the cost of one packet for each listener: sealed and given to the system.
// Reading it on the other side is not counted. cpu-us/packet is the time of the processor, which
// means more on a busy machine than the time that passed.
func BenchmarkSend(b *testing.B) {
	for _, speakers := range []int{1, 3} {
		for _, listeners := range []int{200, 500, 1000} {
			b.Run(fmt.Sprintf("speakers=%d/listeners=%d", speakers, listeners), func(b *testing.B) {
				e, r, receivers := connectedLanes(b, listeners, speakers, Config{})
				received := 0
				drain := func() {
					for _, s := range receivers {
						s.drain(func(netip.AddrPort, []byte) { received++ })
					}
				}
				packets := make([][]*slots.Packet, speakers)
				for i := range packets {
					packets[i] = []*slots.Packet{{Slot: i, Voice: uint32(i + 1), Payload: opusPacket(1, 1)}}
				}
				send := func(n int) {
					for _, p := range packets {
						p[0].Index, p[0].Timestamp = uint64(n), uint32(n*960)
						r.distribute(time.Time{}, p)
					}
					for _, sh := range e.shards {
						sh.work()
					}
				}
				send(0) // makes the batches
				runtime.LockOSThread()
				defer runtime.UnlockOSThread()
				b.ReportAllocs()
				b.ResetTimer()
				began, used := threadTime(b), time.Duration(0)
				for n := range b.N {
					send(n + 1)
					if n%32 == 31 {
						b.StopTimer()
						used += threadTime(b) - began
						drain()
						began = threadTime(b)
						b.StartTimer()
					}
				}
				b.StopTimer()
				used += threadTime(b) - began
				drain()
				b.ReportMetric(float64(used.Nanoseconds())/1000/float64(b.N*listeners*speakers), "cpu-us/packet")
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*listeners*speakers), "us/packet")
				if sent := (b.N + 1) * listeners * speakers; received != sent || e.stats.packets.Load() != uint64(sent) {
					b.Errorf("%d packets sent, %d counted, %d received", sent, e.stats.packets.Load(), received)
				}
			})
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	for i, name := range []string{"AES-GCM", "AES-CM"} {
		b.Run(name, func(b *testing.B) {
			send, _, err := protectors(profiles[i], randomBytes(keyingLength(profiles[i])))
			if err != nil {
				b.Fatal(err)
			}
			buf, payload := make([]byte, bufSize), make([]byte, 80)
			b.ReportAllocs()
			for n := range b.N {
				send.sealRTP(buf, rtpHeaderSize, payload, 1, uint64(n))
			}
		})
	}
}

// Sending is the part that is done for each packet and listener.
func TestSendingAllocatesNothing(t *testing.T) {
	for i, name := range []string{"AES-GCM", "AES-CM"} {
		t.Run(name, func(t *testing.T) {
			e, r, _ := connectedLanes(t, 10, 1, Config{})
			for _, sh := range e.shards {
				for _, l := range partOf(r, sh).lanes {
					l.seal, _, _ = protectors(profiles[i], randomBytes(keyingLength(profiles[i])))
				}
			}
			p := []*slots.Packet{{Payload: opusPacket(1, 1)}}
			if n := testing.AllocsPerRun(100, func() {
				p[0].Index++
				r.distribute(time.Time{}, p)
				for _, sh := range e.shards {
					sh.work()
				}
			}); n != 0 {
				t.Errorf("%v allocations for a packet to ten listeners", n)
			}
		})
	}
}

func partOf(r *room, of *shard) *part {
	for i, sh := range r.engine.shards {
		if sh == of {
			return r.parts[i]
		}
	}
	return nil
}
