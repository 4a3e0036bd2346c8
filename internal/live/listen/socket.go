package listen

import (
	"errors"
	"net"
	"net/netip"
	"time"
)

const (
	bufSize   = 1536 // bytes of one datagram, in and out
	batchSize = 128  // datagrams of one batched write
	bufferAim = 4 << 20
)

// datagrams is one UDP socket.
type datagrams interface {
	port() uint16
	// drain passes all datagrams that have arrived to handle and returns without waiting;
	// after a bounded number it stops. handle must not keep data.
	drain(handle func(from netip.AddrPort, data []byte))
	// receive does the same and waits for more until the socket is closed. A socket that
	// can be drained returns at once.
	receive(handle func(from netip.AddrPort, data []byte))
	// send sends one datagram and reports whether the system took it. It never waits.
	send(data []byte, to netip.AddrPort) bool
	// batch makes a writer of many datagrams. Several may be used at the same time.
	batch() batch
	close()
}

// batch collects datagrams and sends them together. It is not safe for concurrent use, and
// allocates nothing after it was made.
type batch interface {
	// buffer returns room for the next datagram.
	buffer() []byte
	// add queues the first n bytes of the last buffer; a full batch is sent.
	add(n int, to netip.AddrPort)
	// flush sends what is queued.
	flush()
	// counts returns how many datagrams and bytes were sent, and how many datagrams were
	// dropped, since the last call.
	counts() (sent, bytes, dropped uint64)
}

// netSocket is a UDP socket by package net: for systems without a batched write.
type netSocket struct{ conn *net.UDPConn }

func openNet(at netip.AddrPort) (datagrams, error) {
	network := "udp4"
	if at.Addr().Is6() {
		network = "udp6"
	}
	conn, err := net.ListenUDP(network, net.UDPAddrFromAddrPort(at))
	if err != nil {
		return nil, err
	}
	// As much as the system allows.
	_ = conn.SetReadBuffer(bufferAim)
	_ = conn.SetWriteBuffer(bufferAim)
	return &netSocket{conn}, nil
}

func (s *netSocket) port() uint16 { return s.conn.LocalAddr().(*net.UDPAddr).AddrPort().Port() }

func (s *netSocket) drain(func(netip.AddrPort, []byte)) {}

func (s *netSocket) receive(handle func(netip.AddrPort, []byte)) {
	buf := make([]byte, bufSize)
	for {
		n, from, err := s.conn.ReadFromUDPAddrPort(buf)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			time.Sleep(time.Millisecond) // an error of one destination, or of the system
		default:
			handle(netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), buf[:n])
		}
	}
}

func (s *netSocket) send(data []byte, to netip.AddrPort) bool {
	_, err := s.conn.WriteToUDPAddrPort(data, to)
	return err == nil
}

func (s *netSocket) close() { _ = s.conn.Close() }

func (s *netSocket) batch() batch { return &netBatch{conn: s.conn, buf: make([]byte, bufSize)} }

// netBatch sends each datagram at once.
type netBatch struct {
	conn                 *net.UDPConn
	buf                  []byte
	sent, bytes, dropped uint64
}

func (b *netBatch) buffer() []byte { return b.buf }

func (b *netBatch) add(n int, to netip.AddrPort) {
	if _, err := b.conn.WriteToUDPAddrPort(b.buf[:n], to); err != nil {
		b.dropped++
		return
	}
	b.sent++
	b.bytes += uint64(n)
}

func (b *netBatch) flush() {}

func (b *netBatch) counts() (sent, bytes, dropped uint64) {
	sent, bytes, dropped = b.sent, b.bytes, b.dropped
	b.sent, b.bytes, b.dropped = 0, 0, 0
	return sent, bytes, dropped
}
