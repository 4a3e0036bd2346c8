package e2e

import (
	"net"
	"strconv"
	"testing"
)

// Regression: a media server that also listened on an address that clients are not told
// sometimes waited there for packets that arrive at the other one.
func TestAudioWaitsAtTheOneAddressThatPeopleAreTold(t *testing.T) {
	t.Parallel()
	s := start(t)
	at := strconv.Itoa(s.udp)
	if taken, err := net.ListenPacket("udp", "127.0.0.1:"+at); err == nil {
		_ = taken.Close()
		t.Error("nobody takes audio at the address that people are told")
	}
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		ip := a.(*net.IPNet).IP
		if ip.IsLoopback() || ip.IsLinkLocalUnicast() {
			continue
		}
		free, err := net.ListenPacket("udp", net.JoinHostPort(ip.String(), at))
		if err != nil {
			t.Errorf("the media server listens at %s, too: %v", ip, err)
			continue
		}
		_ = free.Close()
	}
}
