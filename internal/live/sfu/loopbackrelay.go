package sfu

import (
	"encoding/json"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// LoopbackRelay lets browsers of this machine reach a media server that listens on loopback
// only. Firefox and Safari never send media to a loopback address, so a second ICE
// candidate is announced to them, on an address of this machine's network. Packets to it
// are accepted only from that same address, which only this machine can use as a source,
// and forwarded to the server. A nil LoopbackRelay announces nothing.
type LoopbackRelay struct {
	log  *slog.Logger
	look func() (netip.Addr, bool)
	mu   sync.Mutex
	open map[netip.AddrPort]*udpRelay // by address of the server
}

func newLoopbackRelay(log *slog.Logger) *LoopbackRelay {
	return &LoopbackRelay{log: log, look: networkAddress, open: map[netip.AddrPort]*udpRelay{}}
}

// Close stops forwarding.
func (n *LoopbackRelay) Close() {
	if n == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, r := range n.open {
		_ = r.conn.Close()
	}
	clear(n.open)
}

// at returns the relay's address for target. It reads the machine's address each time,
// because the machine may change networks.
func (n *LoopbackRelay) at(target netip.AddrPort) (netip.AddrPort, bool) {
	ip, ok := n.look()
	if !ok {
		return netip.AddrPort{}, false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	r := n.open[target]
	if r != nil && r.own.Addr() == ip {
		return r.own, true
	}
	if r != nil {
		_ = r.conn.Close()
		delete(n.open, target)
	}
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(ip, 0)))
	if err != nil {
		n.log.Warn("media: no second address for this machine's browsers", "ip", ip, "err", err)
		return netip.AddrPort{}, false
	}
	r = &udpRelay{conn: conn, own: conn.LocalAddr().(*net.UDPAddr).AddrPort(), target: target, sockets: map[netip.AddrPort]*net.UDPConn{}}
	n.open[target] = r
	go r.run()
	return r.own, true
}

// Candidates returns the second address at which a UDP port on loopback is reached, if there
// is one.
func (n *LoopbackRelay) Candidates(target netip.AddrPort) []netip.AddrPort {
	if n == nil {
		return nil
	}
	if at, ok := n.at(target); ok {
		return []netip.AddrPort{at}
	}
	return nil
}

// networkAddress is the address of the interface with the default route, or else the first
// one of its networks.
func networkAddress() (netip.Addr, bool) {
	if socket, err := net.Dial("udp4", "192.0.2.1:9"); err == nil { // sends nothing
		defer func() { _ = socket.Close() }()
		ip := socket.LocalAddr().(*net.UDPAddr).AddrPort().Addr()
		return ip, !ip.IsLoopback()
	}
	all, err := net.InterfaceAddrs()
	if err != nil {
		return netip.Addr{}, false
	}
	for _, a := range all {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is4() && p.Addr().IsGlobalUnicast() {
			return p.Addr(), true
		}
	}
	return netip.Addr{}, false
}

const (
	maxSockets        = 64               // one for each peer connection of this machine
	socketIdleTimeout = 30 * time.Second // without a packet until one is forgotten
)

// udpRelay forwards packets between one address of this machine and the server.
type udpRelay struct {
	conn    *net.UDPConn
	own     netip.AddrPort
	target  netip.AddrPort
	mu      sync.Mutex
	sockets map[netip.AddrPort]*net.UDPConn // by address of the browser
}

func (r *udpRelay) run() {
	buf := make([]byte, 2048)
	for {
		k, from, err := r.conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return // closed
		}
		if from.Addr().Unmap() != r.own.Addr() {
			continue // not from this machine
		}
		if socket := r.socket(from); socket != nil {
			_, _ = socket.Write(buf[:k]) // packets may be lost
		}
	}
}

// socket returns the UDP socket that represents a browser at the server, or nil if there
// are too many.
func (r *udpRelay) socket(from netip.AddrPort) *net.UDPConn {
	r.mu.Lock()
	defer r.mu.Unlock()
	socket := r.sockets[from]
	if socket != nil || len(r.sockets) >= maxSockets {
		return socket
	}
	// Not from loopback: the server reports the source to the browser (STUN), and
	// Firefox accepts no loopback address there either.
	socket, err := net.DialUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(r.own.Addr(), 0)), net.UDPAddrFromAddrPort(r.target))
	if err != nil {
		return nil
	}
	r.sockets[from] = socket
	go r.back(from, socket)
	return socket
}

// back forwards packets of the server to one browser.
func (r *udpRelay) back(from netip.AddrPort, socket *net.UDPConn) {
	defer func() {
		r.mu.Lock()
		delete(r.sockets, from)
		r.mu.Unlock()
		_ = socket.Close()
	}()
	buf := make([]byte, 2048)
	for {
		_ = socket.SetReadDeadline(time.Now().Add(socketIdleTimeout))
		k, err := socket.Read(buf)
		if err != nil {
			return
		}
		if _, err := r.conn.WriteToUDPAddrPort(buf[:k], from); err != nil {
			return
		}
	}
}

// announce returns what is forwarded for a message of the server: the same, with the second
// candidate beside each one on loopback.
func (n *LoopbackRelay) announce(data []byte) [][]byte {
	kind, _, size := protowire.ConsumeTag(data)
	if n == nil || size < 0 || kind < 2 || kind > 4 { // answer, offer, trickle
		return [][]byte{data}
	}
	m := &livekit.SignalResponse{}
	if err := proto.Unmarshal(data, m); err != nil {
		return [][]byte{data}
	}
	switch k := m.Message.(type) {
	case *livekit.SignalResponse_Answer:
		k.Answer.Sdp = n.described(k.Answer.Sdp)
	case *livekit.SignalResponse_Offer:
		k.Offer.Sdp = n.described(k.Offer.Sdp)
	case *livekit.SignalResponse_Trickle:
		second, ok := n.trickled(k.Trickle.CandidateInit)
		if !ok {
			return [][]byte{data}
		}
		more, err := proto.Marshal(&livekit.SignalResponse{Message: &livekit.SignalResponse_Trickle{
			Trickle: &livekit.TrickleRequest{CandidateInit: second, Target: k.Trickle.Target},
		}})
		if err != nil {
			return [][]byte{data}
		}
		return [][]byte{more, data} // ours first, or it could follow the end of candidates
	}
	if out, err := proto.Marshal(m); err == nil {
		data = out
	}
	return [][]byte{data}
}

// described adds a second candidate after each loopback candidate of an SDP.
func (n *LoopbackRelay) described(sdp string) string {
	lines := strings.SplitAfter(sdp, "\n")
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(line)
		if candidate, ok := strings.CutPrefix(line, "a=candidate:"); ok {
			if second, ok := n.second(strings.TrimRight(candidate, "\r\n")); ok {
				b.WriteString("a=candidate:" + second + "\r\n")
			}
		}
	}
	return b.String()
}

// trickled returns the second candidate for a trickled one.
func (n *LoopbackRelay) trickled(init string) (string, bool) {
	var c map[string]any
	if err := json.Unmarshal([]byte(init), &c); err != nil {
		return "", false
	}
	line, _ := c["candidate"].(string)
	candidate, ok := strings.CutPrefix(line, "candidate:")
	if !ok {
		return "", false
	}
	second, ok := n.second(candidate)
	if !ok {
		return "", false
	}
	c["candidate"] = "candidate:" + second
	out, err := json.Marshal(c)
	return string(out), err == nil
}

// second returns the candidate with the relay's address, with a lower priority.
func (n *LoopbackRelay) second(candidate string) (string, bool) {
	f := strings.Fields(candidate) // foundation component protocol priority address port ...
	if len(f) < 8 || !strings.EqualFold(f[2], "udp") {
		return "", false
	}
	target, err := netip.ParseAddrPort(net.JoinHostPort(f[4], f[5]))
	if err != nil || !target.Addr().IsLoopback() || !target.Addr().Is4() {
		return "", false
	}
	priority, err := strconv.ParseUint(f[3], 10, 32)
	if err != nil || priority <= 256 {
		return "", false
	}
	at, ok := n.at(target)
	if !ok {
		return "", false
	}
	f[0], f[3] = f[0]+"0", strconv.FormatUint(priority-256, 10)
	f[4], f[5] = at.Addr().String(), strconv.Itoa(int(at.Port()))
	return strings.Join(f, " "), true
}
