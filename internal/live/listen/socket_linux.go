package listen

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"runtime"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	readBatch  = 64 // datagrams of one batched read
	readRounds = 32 // batched reads of one drain: a flood must not keep the clock
	sendWait   = 1  // milliseconds that a batch waits once for a full queue of the device

	sockaddrSize = unix.SizeofSockaddrInet6
)

// mmsghdr is struct mmsghdr of sendmmsg(2) and recvmmsg(2).
type mmsghdr struct {
	hdr unix.Msghdr
	len uint32
}

// rawSocket is a UDP socket outside of Go's network poller: reads and writes never wait, and
// cost no more than the system call. Everything that arrives is read by the engine's clock.
type rawSocket struct {
	mu     sync.RWMutex // held for reading by users of fd, so that it is not closed and reused below them
	fd     int
	closed bool
	bound  uint16

	in []mmsghdr
	ia []sockaddr
	ib []byte
}

// sockaddr is a struct sockaddr_in or sockaddr_in6.
type sockaddr [sockaddrSize]byte

func openSocket(at netip.AddrPort) (datagrams, error) {
	family := unix.AF_INET
	if at.Addr().Is6() {
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("socket: %w", err)
	}
	s := &rawSocket{fd: fd, in: make([]mmsghdr, readBatch), ia: make([]sockaddr, readBatch), ib: make([]byte, readBatch*bufSize)}
	if err := s.bind(family, at); err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("bind UDP %v: %w", at, err)
	}
	iovs := make([]unix.Iovec, readBatch)
	for i := range s.in {
		iovs[i].Base = &s.ib[i*bufSize]
		iovs[i].SetLen(bufSize)
		s.in[i].hdr.Iov = &iovs[i]
		s.in[i].hdr.SetIovlen(1)
		s.in[i].hdr.Name = &s.ia[i][0]
	}
	return s, nil
}

func (s *rawSocket) bind(family int, at netip.AddrPort) error {
	var to unix.Sockaddr
	if family == unix.AF_INET {
		to = &unix.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()}
	} else {
		if err := unix.SetsockoptInt(s.fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1); err != nil {
			return err
		}
		to = &unix.SockaddrInet6{Port: int(at.Port()), Addr: at.Addr().As16()}
	}
	// As much as the system allows: the first needs a privilege.
	for _, o := range [][2]int{{unix.SO_RCVBUFFORCE, unix.SO_RCVBUF}, {unix.SO_SNDBUFFORCE, unix.SO_SNDBUF}} {
		if unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, o[0], bufferAim) != nil {
			_ = unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, o[1], bufferAim)
		}
	}
	// Nothing is fragmented: a handshake has datagrams of 1,200 bytes, sound of a few hundred.
	// Without the numbers of fragments a packet costs less, and nobody can lower the limit by
	// a forged ICMP message.
	if family == unix.AF_INET {
		_ = unix.SetsockoptInt(s.fd, unix.IPPROTO_IP, unix.IP_MTU_DISCOVER, unix.IP_PMTUDISC_PROBE)
	} else {
		_ = unix.SetsockoptInt(s.fd, unix.IPPROTO_IPV6, unix.IPV6_MTU_DISCOVER, unix.IPV6_PMTUDISC_PROBE)
	}
	if err := unix.Bind(s.fd, to); err != nil {
		return err
	}
	name, err := unix.Getsockname(s.fd)
	if err != nil {
		return err
	}
	switch name := name.(type) {
	case *unix.SockaddrInet4:
		s.bound = uint16(name.Port)
	case *unix.SockaddrInet6:
		s.bound = uint16(name.Port)
	}
	return nil
}

func (s *rawSocket) port() uint16 { return s.bound }

func (s *rawSocket) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed = true
		_ = unix.Close(s.fd)
	}
}

func (s *rawSocket) receive(func(netip.AddrPort, []byte)) {}

// drain must not be called concurrently.
func (s *rawSocket) drain(handle func(netip.AddrPort, []byte)) {
	for range readRounds {
		for i := range s.in {
			s.in[i].hdr.Namelen = sockaddrSize
		}
		n := s.mmsg(unix.SYS_RECVMMSG, s.in)
		if n <= 0 {
			return
		}
		for i := range s.in[:n] {
			if s.in[i].hdr.Flags&unix.MSG_TRUNC != 0 {
				continue
			}
			if from := s.ia[i].addr(); from.IsValid() {
				handle(from, s.ib[i*bufSize:][:s.in[i].len])
			}
		}
		if n < len(s.in) {
			return
		}
	}
}

// mmsg calls sendmmsg or recvmmsg without waiting. It returns the number of datagrams, or the
// negative error number. The call is raw: Go's scheduler would take the processor from any
// other one after 20 µs, as if it waited, and a thread and its monitor would wake for nothing.
// It lasts for a batch, half a millisecond, which is also how long a garbage collection can
// have to wait for it.
func (s *rawSocket) mmsg(call uintptr, m []mmsghdr) int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return -int(unix.EBADF)
	}
	n, _, errno := unix.RawSyscall6(call, uintptr(s.fd), uintptr(unsafe.Pointer(&m[0])), uintptr(len(m)), unix.MSG_DONTWAIT, 0, 0)
	runtime.KeepAlive(m)
	if errno != 0 {
		return -int(errno)
	}
	return int(n)
}

func (s *rawSocket) send(data []byte, to netip.AddrPort) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return false
	}
	var err error
	if to.Addr().Is4() {
		err = unix.Sendto(s.fd, data, unix.MSG_DONTWAIT, &unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()})
	} else {
		err = unix.Sendto(s.fd, data, unix.MSG_DONTWAIT, &unix.SockaddrInet6{Port: int(to.Port()), Addr: to.Addr().As16()})
	}
	return err == nil
}

func (s *rawSocket) batch() batch {
	b := &rawBatch{s: s, out: make([]mmsghdr, batchSize), names: make([]sockaddr, batchSize), iovs: make([]unix.Iovec, batchSize), bufs: make([]byte, batchSize*bufSize)}
	for i := range b.out {
		b.iovs[i].Base = &b.bufs[i*bufSize]
		h := &b.out[i].hdr
		h.Iov = &b.iovs[i]
		h.SetIovlen(1)
		h.Name = &b.names[i][0]
	}
	return b
}

// rawBatch is the batch of a rawSocket.
type rawBatch struct {
	s     *rawSocket
	n     int
	out   []mmsghdr
	names []sockaddr
	iovs  []unix.Iovec
	bufs  []byte

	sent, bytes, dropped uint64
}

func (b *rawBatch) buffer() []byte { return b.bufs[b.n*bufSize:][:bufSize:bufSize] }

func (b *rawBatch) add(n int, to netip.AddrPort) {
	b.iovs[b.n].SetLen(n)
	b.out[b.n].hdr.Namelen = b.names[b.n].set(to)
	if b.n++; b.n == len(b.out) {
		b.flush()
	}
}

func (b *rawBatch) flush() {
	waited := false
	for at := 0; at < b.n; {
		n := b.s.mmsg(unix.SYS_SENDMMSG, b.out[at:b.n])
		switch {
		case n > 0:
			for _, m := range b.out[at : at+n] {
				b.bytes += uint64(m.len)
			}
			b.sent += uint64(n)
			at += n
		case n == -int(unix.EINTR):
		case (n == -int(unix.EAGAIN) || n == -int(unix.ENOBUFS)) && !waited:
			// The queue of the device is full, which no listener can cause alone. Once
			// and for a moment, so that nobody is delayed for long.
			waited = true
			b.s.waitWritable()
		case n == -int(unix.EAGAIN), n == -int(unix.ENOBUFS), n == -int(unix.EBADF):
			b.dropped += uint64(b.n - at)
			at = b.n
		default: // an error of this destination
			b.dropped++
			at++
		}
	}
	b.n = 0
}

func (s *rawSocket) waitWritable() {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if !s.closed {
		_, _ = unix.Poll([]unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLOUT}}, sendWait)
	}
}

func (b *rawBatch) counts() (sent, bytes, dropped uint64) {
	sent, bytes, dropped = b.sent, b.bytes, b.dropped
	b.sent, b.bytes, b.dropped = 0, 0, 0
	return sent, bytes, dropped
}

// addr returns the address; the zero value if it is of another family.
func (a *sockaddr) addr() netip.AddrPort {
	port := binary.BigEndian.Uint16(a[2:])
	switch binary.NativeEndian.Uint16(a[:]) {
	case unix.AF_INET:
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(a[4:8])), port)
	case unix.AF_INET6:
		return netip.AddrPortFrom(netip.AddrFrom16([16]byte(a[8:24])), port)
	}
	return netip.AddrPort{}
}

// set writes the address and returns its length.
func (a *sockaddr) set(to netip.AddrPort) uint32 {
	binary.BigEndian.PutUint16(a[2:], to.Port())
	if ip := to.Addr(); ip.Is4() {
		binary.NativeEndian.PutUint16(a[:], unix.AF_INET)
		v4 := ip.As4()
		copy(a[4:8], v4[:])
		clear(a[8:16])
		return unix.SizeofSockaddrInet4
	}
	binary.NativeEndian.PutUint16(a[:], unix.AF_INET6)
	clear(a[4:])
	v6 := to.Addr().As16()
	copy(a[8:24], v6[:])
	return sockaddrSize
}
