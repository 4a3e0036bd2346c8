package listen

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"
)

// opener opens half-open sessions with one offer.
type opener struct {
	e     *Engine
	offer string
	n     int
}

func (o *opener) open(t *testing.T, account, address string) (*session, error) {
	t.Helper()
	o.n++
	id, _, err := o.e.Listen(t.Context(), Owner{Room: "r", Identity: fmt.Sprint(o.n), Account: account, Address: netip.MustParseAddr(address)}, time.Time{}, o.offer)
	o.e.mu.RLock()
	defer o.e.mu.RUnlock()
	return o.e.byID[id], err
}

func newOpener(t *testing.T) *opener {
	t.Helper()
	e := start(t, Config{PerAddress: 1 << 20, PerRoom: 1 << 20, HalfOpen: time.Minute})
	_, offer := offerOf(t, 1)
	return &opener{e: e, offer: offer}
}

func (o *opener) lives(s *session) bool {
	_, found := o.e.Find(s.id)
	return found
}

func TestGuestsTakeNoPlaceOfMembers(t *testing.T) {
	o := newOpener(t)
	var members []*session
	for i := range maxHalfOpen / 2 {
		s, err := o.open(t, "account", fmt.Sprintf("10.%d.%d.1", i/256, i%256))
		if err != nil {
			t.Fatal(err)
		}
		members = append(members, s)
	}
	for i := range 2 * maxHalfOpen {
		if _, err := o.open(t, "", fmt.Sprintf("2001:db8:%x::1", i)); err != nil {
			t.Fatalf("guest %d: %v", i, err)
		}
	}
	if n := o.e.halfOpen.len(); n != maxHalfOpen {
		t.Errorf("%d half-open sessions", n)
	}
	for i, s := range members {
		if !o.lives(s) {
			t.Fatalf("member %d of %d has lost the place to guests", i, len(members))
		}
	}
}

func TestNetworksThatFillTheEngineGiveWay(t *testing.T) {
	o := newOpener(t)
	bystander, err := o.open(t, "account", "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 4 * maxHalfOpen { // members, with a /48 that they fill from all its /64
		if _, err := o.open(t, "account", fmt.Sprintf("2001:db8:%x:%x::1", i%9, i/9)); err != nil {
			t.Fatal(err)
		}
	}
	if s, err := o.open(t, "account", "198.51.100.1"); err != nil || !o.lives(s) || !o.lives(bystander) {
		t.Errorf("nine networks shut others out: %v", err)
	}
	if n := o.e.halfOpen.len(); n > maxHalfOpen {
		t.Errorf("%d half-open sessions", n)
	}
}

func TestANetworkOfGuestsGivesWayInAFullRoom(t *testing.T) {
	e := start(t, Config{PerRoom: 40, PerAddress: 200, HalfOpen: time.Minute})
	_, offer := offerOf(t, 1)
	o := &opener{e: e, offer: offer}
	member, err := o.open(t, "account", "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	var all []*session
	for i := range 20 { // one /48 takes all places of guests
		s, err := o.open(t, "", fmt.Sprintf("2001:db8:1:%x::1", i))
		if err != nil {
			t.Fatal(err)
		}
		e.sessionConnected(s)
		all = append(all, s)
	}
	if _, err := o.open(t, "", "2001:db8:1:ffff::1"); !errors.Is(err, ErrRoomFull) {
		t.Errorf("one more of the same network: %v", err)
	}
	for i := range 10 {
		if s, err := o.open(t, "", fmt.Sprintf("203.0.%d.1", i)); err != nil || !o.lives(s) {
			t.Fatalf("guest %d of another network: %v", i, err)
		}
	}
	e.mu.RLock()
	if n := e.rooms["r"].guests; n != 20 {
		t.Errorf("%d guests", n)
	}
	e.mu.RUnlock()
	for i, s := range all {
		if o.lives(s) != (i < 10) {
			t.Errorf("guest %d of the network: lives %v", i, o.lives(s))
		}
	}
	if !o.lives(member) {
		t.Error("a member gives way to a guest")
	}
	for i := range 19 { // members leave guests no more than they have
		if _, err := o.open(t, "account", fmt.Sprintf("198.51.%d.1", i)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := o.open(t, "account", "192.0.2.7"); !errors.Is(err, ErrRoomFull) {
		t.Errorf("a member more than there are places: %v", err)
	}
}

func TestAnAddressHasAShareOfItsNetwork(t *testing.T) {
	o := newOpener(t)
	neighbour, err := o.open(t, "", "192.0.2.2")
	if err != nil {
		t.Fatal(err)
	}
	var last *session
	for range maxHalfOpen {
		if last, err = o.open(t, "", "192.0.2.1"); err != nil {
			t.Fatal(err)
		}
	}
	if !o.lives(neighbour) || !o.lives(last) {
		t.Error("one address takes the places of another, or has none")
	}
	if n := o.e.halfOpen.len(); n != 1+halfOpenPerAddress {
		t.Errorf("%d half-open sessions", n)
	}
}

func TestAMachineThatServesItselfHasNoShares(t *testing.T) {
	o := newOpener(t)
	for i := range maxHalfOpen {
		if s, err := o.open(t, "account", "127.0.0.1"); err != nil || !o.lives(s) {
			t.Fatalf("session %d: %v", i, err)
		}
	}
	if n := o.e.halfOpen.len(); n != maxHalfOpen {
		t.Errorf("%d half-open sessions", n)
	}
}

func TestAReplacementIsNeverRefused(t *testing.T) {
	o := newOpener(t)
	guest := Owner{Room: "r", Identity: "guest", JoinID: "j", Address: netip.MustParseAddr("192.0.2.1")}
	if _, _, err := o.e.Listen(t.Context(), guest, time.Time{}, o.offer); err != nil {
		t.Fatal(err)
	}
	o.e.mu.RLock()
	own := o.e.owners[guest.key()][0]
	o.e.mu.RUnlock()
	o.e.sessionConnected(own)
	for i := range maxHalfOpen {
		if _, err := o.open(t, "account", fmt.Sprintf("10.%d.%d.1", i/256, i%256)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := o.open(t, "", "192.0.2.1"); !errors.Is(err, ErrBusy) {
		t.Errorf("a guest more than there are places: %v", err)
	}
	if _, _, err := o.e.Listen(t.Context(), guest, time.Time{}, o.offer); err != nil {
		t.Errorf("a replacement: %v", err)
	}
}

// What looks like a ClientHello, and says nothing.
var silentHello = []byte{22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1}

func TestHandshakesThatStallShutNobodyOut(t *testing.T) {
	o := newOpener(t)
	var all []*session
	for i := range 2 * maxHandshakes {
		account := ""
		if i%2 == 0 {
			account = "account"
		}
		s, err := o.open(t, account, fmt.Sprintf("2001:db8:%x:%x::1", i%12, i/12))
		if err != nil {
			t.Fatal(err)
		}
		s.record(silentHello)
		all = append(all, s)
	}
	if n := o.e.handshakes.len(); n > maxHandshakes || n < maxHandshakes/2 {
		t.Errorf("%d handshakes", n)
	}
	listen(t, o.e, Owner{Room: "r", Identity: "ada", Account: "account", Address: netip.MustParseAddr("192.0.2.1")}, 1)
	eventually(t, "stalled handshakes have ended", func() bool { return o.e.handshakes.len() == 0 })
	last := all[len(all)-1]
	if !o.lives(last) {
		t.Error("a session has ended with its stalled handshake")
	}
	eventually(t, "a handshake begins anew", func() bool { last.record(silentHello); return o.e.handshakes.len() == 1 })
}
