package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"

	"heyy/internal/base/config"
)

// port is a port that Heyy listens on.
type port struct {
	network string // "tcp" or "udp"
	host    string
	number  int
	use     string
	change  string // how to choose another
}

func (p port) String() string { return p.network + " " + strconv.Itoa(p.number) }

func (p port) addr() string { return net.JoinHostPort(p.host, strconv.Itoa(p.number)) }

// wanted returns the TCP ports of c; audio checks the UDP ports with packets.
func wanted(c config.Config) []port {
	var all []port
	add := func(addr, use, change string) {
		host, number, err := net.SplitHostPort(addr)
		if err != nil {
			return // Check has refused it
		}
		n, err := strconv.Atoi(number)
		if err != nil || n == 0 {
			return // any free one
		}
		all = append(all, port{"tcp", host, n, use, change})
	}
	if c.Domain != "" {
		add(":443", "HTTPS", "")
		add(":80", "the redirect to HTTPS and the proof of the domain", "")
	} else {
		add(c.Listen, "people", "--listen")
	}
	if c.MetricsListen != "" {
		add(c.MetricsListen, "metrics", "--metrics-listen")
	}
	add(net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Media.SignalPort)), "audio signalling", "--media-signal-port")
	if ip, err := c.MediaIP(); err != nil || !net.ParseIP(ip).IsLoopback() { // this machine alone needs no TCP
		add(":"+strconv.Itoa(c.Media.TCPPort), "audio over TCP", "--media-tcp-port")
		add(":"+strconv.Itoa(c.Audience.Port), "listeners over TCP", "--audience-port")
	}
	return all
}

func ports(ctx context.Context, c config.Config) (all []Finding) {
	for _, p := range wanted(c) {
		var lc net.ListenConfig
		l, err := lc.Listen(ctx, p.network, p.addr())
		if err == nil {
			_ = l.Close()
			all = append(all, ok("port "+p.String(), "It's free, for %s.", p.use))
			continue
		}
		all = append(all, p.taken(err))
	}
	return all
}

// taken returns the finding for a port that cannot be opened.
func (p port) taken(err error) Finding {
	check := "port " + p.String()
	other := "Choose another port with " + p.change + "."
	if p.change == "" {
		other = "A domain needs exactly this port."
	}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		who, known := holder(p.network, p.number)
		switch {
		case known && who.name == "heyy":
			return ok(check, "The running Heyy (process %d) uses it for %s.", who.pid, p.use)
		case known:
			return bad(check, fmt.Sprintf("Stop %s. %s", who.name, other), "%s (process %d) is using it, and Heyy needs it for %s.", who.name, who.pid, p.use)
		}
		return bad(check, "Find out with: ss -lpn | grep "+strconv.Itoa(p.number)+". "+other, "Another program is using it, and Heyy needs it for %s.", p.use)
	case errors.Is(err, syscall.EACCES):
		return bad(check, "Allow it: setcap cap_net_bind_service=+ep "+executable()+". "+other, "Only a privileged user may open ports below 1024, and Heyy needs it for %s.", p.use)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return bad(check, "Use an address of this machine in listen, or :"+strconv.Itoa(p.number)+" for all of them.", "%s isn't an address of this machine.", p.host)
	}
	return bad(check, other, "It can't be opened for %s: %v.", p.use, err)
}

func executable() string {
	if name, err := os.Executable(); err == nil {
		return name
	}
	return "bin/heyy"
}

const echoTime = time.Second

// audio sends a packet to each UDP port at the address that is announced to clients. It
// also tries loopback, to distinguish a firewall from a wrong address.
func audio(c config.Config) []Finding {
	const check = "audio address"
	ip, err := c.MediaIP()
	if err != nil {
		return []Finding{bad(check, "Set media.ip to the address where people reach this machine.", "This machine has no network to the outside, so there's no address to give people's devices.")}
	}
	var all []Finding
	own := local(net.ParseIP(ip))
	switch private := net.ParseIP(ip).IsPrivate(); {
	case private && c.Public():
		all = append(all, warn(check, "Behind a router or a cloud's address translation, set media.ip to the public address and forward the audio ports.", "People's devices are given %s, which can't be reached from the internet.", ip))
	case !own:
		all = append(all, ok(check, "People's devices are given %s, which isn't this machine's own address; the router must forward the audio ports.", ip))
	default:
		all = append(all, ok(check, "People's devices are given %s.", ip))
	}
	from, to, err := c.Media.UDPRange()
	if err != nil {
		return append(all, bad(check, "Write media.udp_ports like 7882-7883.", "%v.", err))
	}
	for n := from; n <= to; n++ {
		all = append(all, try(port{"udp", "", n, "audio", "--media-udp-ports"}, ip, own))
	}
	return append(all, try(port{"udp", "", c.Audience.Port, "listeners", "--audience-port"}, ip, own))
}

func try(p port, ip string, own bool) Finding {
	conn, err := net.ListenPacket("udp", p.addr())
	if err != nil {
		return p.taken(err)
	}
	defer func() { _ = conn.Close() }() // nothing is left in it
	if a, isUDP := conn.LocalAddr().(*net.UDPAddr); isUDP {
		p.number = a.Port // where 0 asked for any
	}
	check := "port " + p.String()
	here := echo(conn, "127.0.0.1", p.number)
	there := echo(conn, ip, p.number)
	switch {
	case here != nil:
		return bad(check, "Check this machine's firewall (nft list ruleset, iptables -L).", "Packets don't even arrive from this machine itself: %v.", here)
	case there == nil:
		return ok(check, "It's free, and packets arrive through %s.", ip)
	case own:
		return bad(check, fmt.Sprintf("Allow UDP to port %d in this machine's firewall.", p.number), "Packets to %s don't arrive: %v.", ip, there)
	}
	return warn(check, fmt.Sprintf("From outside, try: echo hi | nc -u -w1 %s %d while watching with tcpdump -n udp port %d", ip, p.number, p.number),
		"It's free, but packets to %s don't come back in. Many routers don't forward them from inside, so this may be fine.", ip)
}

// echo sends a packet to ip and waits for it on conn.
func echo(conn net.PacketConn, ip string, number int) error {
	out, err := net.Dial("udp", net.JoinHostPort(ip, strconv.Itoa(number)))
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }() // one packet was all
	word := []byte("heyy doctor " + ip)
	buf := make([]byte, 64)
	deadline := time.Now().Add(echoTime)
	for try := 0; ; try++ {
		if _, err := out.Write(word); err != nil {
			return err
		}
		// A packet may be lost; a tenth of the time each is plenty.
		wait := time.Now().Add(echoTime / 10)
		if err := conn.SetReadDeadline(wait); err != nil {
			return err
		}
		for {
			n, _, err := conn.ReadFrom(buf)
			if err != nil {
				break
			}
			if string(buf[:n]) == string(word) {
				return nil
			}
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("none of %d arrived within %s", try+1, echoTime)
		}
	}
}

// local reports whether ip is an address of this machine.
func local(ip net.IP) bool {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, a := range addrs {
		if n, isNet := a.(*net.IPNet); isNet && n.IP.Equal(ip) {
			return true
		}
	}
	return ip.IsLoopback()
}
