package listen

import (
	"net/netip"
	"slices"
	"sync"
)

// Limits of what is about to connect. An address is a client's as HTTP saw it (addressOf), a
// network what one customer of a provider may have of them (networkOf).
const (
	maxHalfOpen        = 1024 // sessions that are not connected yet; of guests half
	halfOpenPerAddress = 32
	halfOpenPerNetwork = 256

	maxHandshakes        = 256 // at the same time; of guests half
	handshakesPerAddress = 16
	handshakesPerNetwork = 64
)

// crowd is a limited number of places for things that are about to connect, shared so that
// neither one network nor all guests together can take them from everybody else. The places
// are few, so that going through all of them is quick.
type crowd[T comparable] struct {
	limit, perAddress, perNetwork int

	mu     sync.Mutex // nothing else is taken while it is held
	places []place[T] // the oldest first
}

// place is one taken place, and its taker.
type place[T comparable] struct {
	who              T
	address, network netip.Addr
	guest            bool
}

func placeOf[T comparable](who T, o Owner) place[T] {
	return place[T]{who: who, address: addressOf(o.Address), network: networkOf(o.Address), guest: o.guest()}
}

// enter takes a place. Where there is none left, the oldest place of the address or the network
// that has most of them is taken from its owner, out; but guests take none from members. ok
// says whether a place was found, evicted whether out is somebody, who has to be stopped.
func (c *crowd[T]) enter(p place[T]) (out T, evicted, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	address, network, guests := 0, 0, 0
	for i := range c.places {
		q := &c.places[i]
		if q.network == p.network {
			network++
			if q.address == p.address {
				address++
			}
		}
		if q.guest {
			guests++
		}
	}
	// All clients of a machine that serves itself have one address.
	own := p.address.IsLoopback()
	i := -1
	switch {
	case !own && address >= c.perAddress:
		i = c.fullest(p, func(q *place[T]) bool { return q.address == p.address }, addressIn)
	case !own && network >= c.perNetwork:
		i = c.fullest(p, func(q *place[T]) bool { return q.network == p.network }, addressIn)
	case p.guest && guests >= c.limit/2, len(c.places) >= c.limit:
		i = c.fullest(p, func(*place[T]) bool { return true }, networkIn)
	default:
		c.places = append(c.places, p)
		return out, false, true
	}
	if i < 0 {
		return out, false, false
	}
	out = c.places[i].who
	c.places = append(slices.Delete(c.places, i, i+1), p)
	return out, true, true
}

func addressIn[T comparable](p *place[T]) netip.Addr { return p.address }
func networkIn[T comparable](p *place[T]) netip.Addr { return p.network }

// fullest returns the index of the oldest place of the key that has most of them, among those
// that p may take; -1: there is none. mu is held.
func (c *crowd[T]) fullest(p place[T], among func(*place[T]) bool, key func(*place[T]) netip.Addr) int {
	count, first := map[netip.Addr]int{}, map[netip.Addr]int{}
	best := -1
	for i := range c.places {
		q := &c.places[i]
		if p.guest && !q.guest || !among(q) {
			continue
		}
		k := key(q)
		if count[k]++; count[k] == 1 {
			first[k] = i
		}
		if best < 0 || count[k] > count[key(&c.places[best])] || count[k] == count[key(&c.places[best])] && first[k] < best {
			best = first[k]
		}
	}
	return best
}

// force takes a place without asking for the limits.
func (c *crowd[T]) force(p place[T]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.places = append(c.places, p)
}

// leave gives a place back, if there is one.
func (c *crowd[T]) leave(who T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.places = slices.DeleteFunc(c.places, func(p place[T]) bool { return p.who == who })
}

func (c *crowd[T]) len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.places)
}

// networkOf returns the key of the network of an address: an IPv4 /24 or an IPv6 /48.
func networkOf(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	bits := 24
	if a.Is6() {
		bits = 48
	}
	if p, err := a.Prefix(bits); err == nil {
		return p.Addr()
	}
	return a
}
