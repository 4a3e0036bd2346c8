package listen

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/stun/v3"
)

func TestConnectionsWithoutASessionShutNobodyOut(t *testing.T) {
	e := start(t, Config{TCP: true})
	connect := func(from string) *tcpConn {
		conn, far := net.Pipe()
		t.Cleanup(func() { _ = conn.Close(); _ = far.Close() })
		c := &tcpConn{conn: conn, from: netip.AddrPortFrom(netip.MustParseAddr(from), 1), wake: make(chan struct{}, 1)}
		if !e.addTCP(c) {
			t.Fatalf("a connection of %s is refused", from)
		}
		return c
	}
	open := func(c *tcpConn) bool { c.mu.Lock(); defer c.mu.Unlock(); return !c.closed }
	bystander := connect("192.0.2.1")
	var all []*tcpConn
	for i := range 4 * strangersPerNetwork { // one /48, from all its /64
		all = append(all, connect(fmt.Sprintf("2001:db8:1:%x::1", i)))
		if i >= strangersPerNetwork {
			e.removeTCP(all[i-strangersPerNetwork]) // as its goroutine does
		}
	}
	n := 0
	for _, c := range all {
		if open(c) {
			n++
		}
	}
	if n > strangersPerNetwork {
		t.Errorf("a network holds %d connections", n)
	}
	if another := connect("198.51.100.1"); !open(bystander) || !open(another) {
		t.Error("a network takes the connections of others")
	}
}

// A session whose client opens one connection after another would have all that there may be.
func TestASessionHasFewConnections(t *testing.T) {
	e := start(t, Config{TCP: true, HalfOpen: time.Minute})
	_, check, _ := halfOpenSession(t, e, 0)
	for range 3 * maxAddresses {
		conn, err := net.Dial("tcp4", netip.AddrPortFrom(loopback4, uint16(e.Port())).String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		data := check()
		_, _ = conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(data))), data...))
		_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		head := make([]byte, 2)
		if _, err := io.ReadFull(conn, head); err != nil {
			t.Fatal(err)
		}
		m := &stun.Message{Raw: make([]byte, binary.BigEndian.Uint16(head))}
		if _, err := io.ReadFull(conn, m.Raw); err != nil || m.Decode() != nil || m.Type != stun.BindingSuccess {
			t.Fatalf("%v, %v", m, err)
		}
	}
	eventually(t, "the oldest are closed", func() bool { e.mu.RLock(); defer e.mu.RUnlock(); return len(e.tcps) == maxAddresses })
	if n := e.strangers.len(); n != 0 {
		t.Errorf("%d connections with a session count as such without", n)
	}
}
