//go:build !linux

package audience

import (
	"errors"
	"net/netip"
)

var errSystem = errors.New("audience: Linux only")

type socket struct{ port uint16 }

func openSocket() (*socket, error) { return nil, errSystem }

func (s *socket) close() {}

func (s *socket) read(func(to [4]byte, at int64, packet []byte)) {}

func (s *socket) send([4]byte, netip.AddrPort, []byte) error { return errSystem }

func (s *socket) flood(int, func(int) ([4]byte, uint16), func(int, []byte) int) (int, error) {
	return 0, errSystem
}
