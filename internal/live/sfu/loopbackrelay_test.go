package sfu

import (
	"encoding/json"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"
)

// own stands for the address of a network: another one than 127.0.0.1, and
// there on every machine.
var own = netip.MustParseAddr("127.0.0.2")

func near(t *testing.T) *LoopbackRelay {
	t.Helper()
	n := newLoopbackRelay(slog.New(slog.DiscardHandler))
	n.look = func() (netip.Addr, bool) { return own, true }
	t.Cleanup(n.Close)
	return n
}

func udp(t *testing.T, ip netip.Addr) *net.UDPConn {
	t.Helper()
	c, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(ip, 0)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func addressOf(c *net.UDPConn) netip.AddrPort { return c.LocalAddr().(*net.UDPAddr).AddrPort() }

// A browser of this machine is carried to the server and back; a packet from
// any other address goes nowhere.
func TestTheSecondAddressIsForThisMachineAlone(t *testing.T) {
	n := near(t)
	loopback := netip.MustParseAddr("127.0.0.1")
	server := udp(t, loopback)
	at, ok := n.at(addressOf(server))
	if !ok || at.Addr() != own {
		t.Fatal("no second address", at)
	}
	browser, stranger := udp(t, at.Addr()), udp(t, loopback)
	for _, c := range []*net.UDPConn{stranger, browser} {
		if _, err := c.WriteToUDPAddrPort([]byte(addressOf(c).String()), at); err != nil {
			t.Fatal(err)
		}
	}
	buf := make([]byte, 100)
	_ = server.SetReadDeadline(time.Now().Add(5 * time.Second))
	k, socket, err := server.ReadFromUDPAddrPort(buf)
	if err != nil || string(buf[:k]) != addressOf(browser).String() {
		t.Fatalf("the server hears %q first, %v", buf[:k], err)
	}
	if socket.Addr() != own {
		t.Errorf("the server sees the browser at %s", socket)
	}
	if _, err := server.WriteToUDPAddrPort([]byte("back"), socket); err != nil {
		t.Fatal(err)
	}
	_ = browser.SetReadDeadline(time.Now().Add(5 * time.Second))
	if k, from, err := browser.ReadFromUDPAddrPort(buf); err != nil || string(buf[:k]) != "back" || from != at {
		t.Errorf("the browser hears %q from %s, %v", buf[:k], from, err)
	}
	if again, _ := n.at(addressOf(server)); again != at {
		t.Errorf("the same server is then at %s, not %s", again, at)
	}
}

func TestASecondCandidateIsAnnouncedBesideEachOfLoopback(t *testing.T) {
	n := near(t)
	const loopback = "candidate:42 1 udp 2130706431 127.0.0.1 7882 typ host ufrag x"
	pack := func(m *livekit.SignalResponse) []byte {
		data, err := proto.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	init, _ := json.Marshal(map[string]any{"candidate": loopback, "sdpMid": "0", "sdpMLineIndex": 0})
	trickle := pack(&livekit.SignalResponse{Message: &livekit.SignalResponse_Trickle{Trickle: &livekit.TrickleRequest{
		CandidateInit: string(init), Target: livekit.SignalTarget_SUBSCRIBER, Final: true,
	}}})
	out := n.announce(trickle)
	if len(out) != 2 || string(out[1]) != string(trickle) {
		t.Fatalf("of one candidate become %d", len(out))
	}
	var m livekit.SignalResponse
	var c struct{ Candidate, SDPMid string }
	if err := proto.Unmarshal(out[0], &m); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(m.GetTrickle().GetCandidateInit()), &c); err != nil {
		t.Fatal(err)
	}
	f := strings.Fields(c.Candidate)
	if len(f) != 10 || f[4] != own.String() || f[3] != "2130706175" || c.SDPMid != "0" || m.GetTrickle().GetFinal() || m.GetTrickle().GetTarget() != livekit.SignalTarget_SUBSCRIBER {
		t.Errorf("the second is %v", m.GetTrickle())
	}

	offer := &livekit.SessionDescription{Type: "offer", Sdp: "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=" + loopback + "\r\na=candidate:43 1 tcp 1 127.0.0.1 7881 typ host\r\na=end-of-candidates\r\n"}
	out = n.announce(pack(&livekit.SignalResponse{Message: &livekit.SignalResponse_Offer{Offer: offer}}))
	if err := proto.Unmarshal(out[0], &m); err != nil || len(out) != 1 {
		t.Fatal(err, len(out))
	}
	if got := strings.Count(m.GetOffer().GetSdp(), "a=candidate:"); got != 3 || !strings.Contains(m.GetOffer().GetSdp(), " "+own.String()+" ") {
		t.Errorf("the description has %d candidates: %q", got, m.GetOffer().GetSdp())
	}

	for name, data := range map[string][]byte{
		"another address": pack(&livekit.SignalResponse{Message: &livekit.SignalResponse_Trickle{Trickle: &livekit.TrickleRequest{CandidateInit: strings.Replace(string(init), "127.0.0.1", "192.168.1.9", 1)}}}),
		"no candidate":    pack(&livekit.SignalResponse{Message: &livekit.SignalResponse_Trickle{Trickle: &livekit.TrickleRequest{CandidateInit: "what"}}}),
		"a pong":          pack(&livekit.SignalResponse{Message: &livekit.SignalResponse_Pong{Pong: 1}}),
	} {
		if out := n.announce(data); len(out) != 1 || string(out[0]) != string(data) {
			t.Errorf("%s is not carried as it is", name)
		}
	}
	var none *LoopbackRelay
	if out := none.announce(trickle); len(out) != 1 {
		t.Error("a server for others announces this machine's address too")
	}
}
