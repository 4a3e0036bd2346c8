package listen

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"
)

const (
	tcpQueue    = 64 << 10 // bytes that wait for a slow connection; what comes then is dropped
	tcpWrite    = 10 * time.Second
	tcpUnknown  = 10 * time.Second // a connection without a session is closed
	maxTCP      = 8192
	maxTCPPerIP = 128
)

// Connections without a session yet, which anybody opens who reaches the port.
const (
	maxStrangers        = 1024
	strangersPerAddress = 32
	strangersPerNetwork = 256
)

// tcpConn is a connection of ICE-TCP (RFC 6544): packets in frames of RFC 4571.
type tcpConn struct {
	conn net.Conn
	from netip.AddrPort
	wake chan struct{} // capacity 1

	mu      sync.Mutex
	waiting []byte
	closed  bool
}

// serveTCP accepts connections until the listener is closed.
func (e *Engine) serveTCP(l net.Listener, a Addr) {
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond) // such as too many open files
			continue
		}
		remote, ok := conn.RemoteAddr().(*net.TCPAddr)
		if !ok {
			_ = conn.Close()
			continue
		}
		from := remote.AddrPort()
		from = netip.AddrPortFrom(from.Addr().Unmap().WithZone(""), from.Port())
		c := &tcpConn{conn: conn, from: from, wake: make(chan struct{}, 1)}
		if a.OnlySelf && from.Addr() != a.IP || !e.addTCP(c) {
			_ = conn.Close()
			continue
		}
		e.running.Go(func() {
			defer e.removeTCP(c)
			c.read(e)
		})
		e.running.Go(c.write)
	}
}

// addTCP counts a connection, and refuses one too many. Where too many have no session yet, one of
// whoever has most of them is closed.
func (e *Engine) addTCP(c *tcpConn) bool {
	e.mu.Lock()
	at := addressOf(c.from.Addr())
	if e.closed || len(e.tcps) >= maxTCP || e.tcpsFrom[at] >= maxTCPPerIP {
		e.mu.Unlock()
		return false
	}
	e.tcps[c] = true
	e.tcpsFrom[at]++
	e.mu.Unlock()
	// All take places of all, so that there always is one.
	if out, evicted, _ := e.strangers.enter(place[*tcpConn]{who: c, address: at, network: networkOf(at)}); evicted {
		out.close()
	}
	return true
}

func (e *Engine) removeTCP(c *tcpConn) {
	c.close()
	e.strangers.leave(c)
	e.mu.Lock()
	defer e.mu.Unlock()
	at := addressOf(c.from.Addr())
	if delete(e.tcps, c); e.tcpsFrom[at] > 1 {
		e.tcpsFrom[at]--
	} else {
		delete(e.tcpsFrom, at)
	}
}

// read handles frames until the connection ends. One that nobody owns, or that is quiet for
// longer than consent lasts, is closed.
func (c *tcpConn) read(e *Engine) {
	in := e.newReader()
	r := bufio.NewReaderSize(c.conn, 2048)
	buf := make([]byte, bufSize)
	_ = c.conn.SetReadDeadline(time.Now().Add(tcpUnknown))
	for stranger := true; ; {
		if _, err := io.ReadFull(r, buf[:2]); err != nil {
			return
		}
		n := int(binary.BigEndian.Uint16(buf))
		if n > len(buf) {
			return // nothing that a client sends is so long
		}
		if _, err := io.ReadFull(r, buf[:n]); err != nil {
			return
		}
		if in.handle(endpoint{tcp: c, addr: c.from}, buf[:n]) {
			if stranger {
				stranger = false
				e.strangers.leave(c)
			}
			_ = c.conn.SetReadDeadline(time.Now().Add(e.c.Consent + tcpUnknown))
		}
	}
}

// queue appends a packet to what waits to be written, or drops it.
func (c *tcpConn) queue(packet []byte, stats *counters) bool {
	c.mu.Lock()
	ok := !c.closed && len(c.waiting)+2+len(packet) <= tcpQueue
	if ok {
		c.waiting = binary.BigEndian.AppendUint16(c.waiting, uint16(len(packet)))
		c.waiting = append(c.waiting, packet...)
	}
	c.mu.Unlock()
	if !ok {
		stats.dropped.Add(1)
		return false
	}
	stats.packets.Add(1)
	stats.bytes.Add(uint64(len(packet)))
	select {
	case c.wake <- struct{}{}:
	default:
	}
	return true
}

// write writes what waits, until the connection is closed.
func (c *tcpConn) write() {
	var out []byte
	for range c.wake {
		c.mu.Lock()
		if c.closed {
			c.mu.Unlock()
			return
		}
		out, c.waiting = c.waiting, out[:0]
		c.mu.Unlock()
		if len(out) == 0 {
			continue
		}
		_ = c.conn.SetWriteDeadline(time.Now().Add(tcpWrite))
		if _, err := c.conn.Write(out); err != nil {
			c.close()
			return
		}
	}
}

// close ends the connection; what waits is not sent any more.
func (c *tcpConn) close() {
	c.mu.Lock()
	was := c.closed
	c.closed = true
	c.waiting = nil
	c.mu.Unlock()
	if was {
		return
	}
	if t, ok := c.conn.(*net.TCPConn); ok {
		_ = t.SetLinger(0) // what the kernel still holds is thrown away, too
	}
	_ = c.conn.Close()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}
