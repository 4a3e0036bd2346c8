//go:build !linux

package listen

import "net/netip"

func openSocket(at netip.AddrPort) (datagrams, error) { return openNet(at) }
