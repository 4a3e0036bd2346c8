package audience

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	batch       = 128
	packetSize  = 1600
	controlSize = 96
	bufferSize  = 4 << 20 // of a socket, as far as the system allows
)

// socket is a UDP socket for all addresses of the loopback network, without Go's poller.
type socket struct {
	fd   int
	port uint16

	heads    [batch]mmsghdr
	vectors  [batch]unix.Iovec
	packets  [batch][packetSize]byte
	controls [batch][controlSize]byte
}

type mmsghdr struct {
	head unix.Msghdr
	size uint32
	_    [4]byte
}

func openSocket() (*socket, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("audience: socket: %w", err)
	}
	s := &socket{fd: fd}
	for _, o := range []struct{ level, option, value int }{
		{unix.IPPROTO_IP, unix.IP_PKTINFO, 1}, {unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1},
	} {
		if err := unix.SetsockoptInt(fd, o.level, o.option, o.value); err != nil {
			s.close()
			return nil, fmt.Errorf("audience: socket: %w", err)
		}
	}
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, bufferSize) != nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, bufferSize)
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{}); err != nil {
		s.close()
		return nil, fmt.Errorf("audience: bind: %w", err)
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		s.close()
		return nil, fmt.Errorf("audience: bind: %w", err)
	}
	s.port = uint16(name.(*unix.SockaddrInet4).Port)
	for i := range s.heads {
		s.vectors[i].Base = &s.packets[i][0]
		s.vectors[i].SetLen(packetSize)
		h := &s.heads[i].head
		h.Iov = &s.vectors[i]
		h.SetIovlen(1)
		h.Control = &s.controls[i][0]
	}
	return s, nil
}

func (s *socket) close() { _ = unix.Close(s.fd) }

// read hands over what has come: the address it was sent to, the time of its arrival by the
// wall clock in nanoseconds, and the packet, which is only valid during the call.
func (s *socket) read(take func(to [4]byte, at int64, packet []byte)) {
	for {
		for i := range s.heads {
			s.heads[i].head.SetControllen(controlSize)
		}
		n, _, fault := unix.Syscall6(unix.SYS_RECVMMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&s.heads[0])), batch, unix.MSG_DONTWAIT, 0, 0)
		if fault != 0 {
			if fault == unix.EINTR || fault == unix.ECONNREFUSED {
				continue
			}
			return // nothing there
		}
		for i := range int(n) {
			to, at := s.told(i)
			take(to, at, s.packets[i][:min(int(s.heads[i].size), packetSize)])
		}
		if n < batch {
			return
		}
	}
}

// told returns what the kernel says about a packet.
func (s *socket) told(i int) (to [4]byte, at int64) {
	rest := s.controls[i][:min(int(s.heads[i].head.Controllen), controlSize)]
	const head = unix.SizeofCmsghdr
	for len(rest) >= head {
		c := (*unix.Cmsghdr)(unsafe.Pointer(&rest[0]))
		size := int(c.Len)
		if size < head || size > len(rest) {
			return to, at
		}
		data := rest[head:size]
		switch {
		case c.Level == unix.IPPROTO_IP && c.Type == unix.IP_PKTINFO && len(data) >= unix.SizeofInet4Pktinfo:
			copy(to[:], data[8:12]) // ipi_addr
		case c.Level == unix.SOL_SOCKET && c.Type == unix.SO_TIMESTAMPNS && len(data) >= int(unsafe.Sizeof(unix.Timespec{})):
			t := (*unix.Timespec)(unsafe.Pointer(&data[0]))
			at = t.Nano()
		}
		rest = rest[min(len(rest), (size+7)&^7):]
	}
	return to, at
}

// send sends one packet from an address.
func (s *socket) send(from [4]byte, to netip.AddrPort, packet []byte) error {
	info := unix.PktInfo4(&unix.Inet4Pktinfo{Spec_dst: from})
	_, err := unix.SendmsgN(s.fd, packet, info, &unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}, unix.MSG_DONTWAIT)
	return err
}

// flood sends count packets, each made by fill into a buffer of its own, to the addresses that
// to names, in batches of one system call.
func (s *socket) flood(count int, to func(i int) ([4]byte, uint16), fill func(i int, buf []byte) int) (sent int, err error) {
	var names [batch]unix.RawSockaddrInet4
	for sent < count {
		n := min(batch, count-sent)
		for i := range n {
			address, port := to(sent + i)
			names[i] = unix.RawSockaddrInet4{Family: unix.AF_INET, Addr: address}
			binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(&names[i].Port))[:], port)
			s.vectors[i].SetLen(fill(sent+i, s.packets[i][:]))
			h := &s.heads[i].head
			h.Name, h.Namelen = (*byte)(unsafe.Pointer(&names[i])), unix.SizeofSockaddrInet4
			h.Control = nil
			h.SetControllen(0)
		}
		done, _, fault := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&s.heads[0])), uintptr(n), unix.MSG_DONTWAIT, 0, 0)
		switch fault {
		case 0:
			sent += int(done)
		case unix.EINTR, unix.EAGAIN, unix.ENOBUFS, unix.ECONNREFUSED:
		default:
			return sent, fmt.Errorf("audience: send: %w", fault)
		}
	}
	return sent, nil
}
