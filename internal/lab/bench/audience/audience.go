package audience

import (
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/dtls/v3/pkg/crypto/selfsign"
)

const (
	perSocket  = 64 // listeners: what they get in two ticks has to fit into its buffer
	most       = 60_000
	tick       = 5 * time.Millisecond
	tickHasty  = time.Millisecond // while somebody connects
	checkEvery = 2500 * time.Millisecond
	checkSteps = 25 // the listeners' checks are spread over so many steps
)

// Audience is the listeners of one process.
type Audience struct {
	onPacket    func(*Listener, *Packet)
	certificate tls.Certificate
	fingerprint string
	connecting  atomic.Int32
	stop        chan struct{}
	stopped     sync.WaitGroup
	packet      Packet // of the reader, used again

	mu        sync.RWMutex
	sockets   []*socket
	listeners []*Listener // by number
}

// New returns an audience. onPacket is called for each RTP packet, on one goroutine; it must
// not keep the packet.
func New(onPacket func(*Listener, *Packet)) (*Audience, error) {
	certificate, err := selfsign.GenerateSelfSigned()
	if err != nil {
		return nil, fmt.Errorf("audience: certificate: %w", err)
	}
	sum := sha256.Sum256(certificate.Certificate[0])
	a := &Audience{onPacket: onPacket, certificate: certificate, stop: make(chan struct{})}
	a.fingerprint = strings.ToUpper(strings.ReplaceAll(fmt.Sprintf("% x", sum), " ", ":"))
	a.stopped.Go(a.readAll)
	a.stopped.Go(a.checkAll)
	return a, nil
}

// Close ends all listeners, without a word to the server.
func (a *Audience) Close() {
	close(a.stop)
	a.stopped.Wait()
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, s := range a.sockets {
		s.close()
	}
	a.sockets = nil
}

// addressOf returns the address of a listener, in 127.1.0.0/16.
func addressOf(number int) [4]byte {
	return [4]byte{127, 1, byte((number + 1) >> 8), byte(number + 1)}
}

func numberOf(address [4]byte) int {
	if address[0] != 127 || address[1] != 1 {
		return -1
	}
	return int(address[2])<<8 + int(address[3]) - 1
}

// add makes a listener with an address and a socket.
func (a *Audience) add() (*Listener, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := len(a.listeners)
	if n == most {
		return nil, errors.New("audience: no address left")
	}
	if n/perSocket == len(a.sockets) {
		s, err := openSocket()
		if err != nil {
			return nil, err
		}
		a.sockets = append(a.sockets, s)
	}
	l := &Listener{Number: n, audience: a, address: addressOf(n), socket: a.sockets[n/perSocket], answered: make(chan struct{}), first: make(chan struct{})}
	a.listeners = append(a.listeners, l)
	return l, nil
}

// readAll reads all sockets, every tick.
func (a *Audience) readAll() {
	for {
		pause := tick
		if a.connecting.Load() > 0 {
			pause = tickHasty
		}
		select {
		case <-a.stop:
			return
		case <-time.After(pause):
		}
		a.mu.RLock()
		sockets, listeners := a.sockets, a.listeners
		a.mu.RUnlock()
		for _, s := range sockets {
			s.read(func(to [4]byte, at int64, packet []byte) {
				if n := numberOf(to); n >= 0 && n < len(listeners) {
					listeners[n].receive(at, packet)
				}
			})
		}
	}
}

// checkAll sends each connected listener's checks, by which the server knows that it is there.
func (a *Audience) checkAll() {
	steps := time.NewTicker(checkEvery / checkSteps)
	defer steps.Stop()
	for step := 0; ; step = (step + 1) % checkSteps {
		select {
		case <-a.stop:
			return
		case <-steps.C:
		}
		a.mu.RLock()
		listeners := a.listeners
		a.mu.RUnlock()
		for n := step; n < len(listeners); n += checkSteps {
			if listeners[n].state.Load() == connected {
				_ = listeners[n].check() // a lost check is like a lost packet
			}
		}
	}
}
