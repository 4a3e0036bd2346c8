package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"

	"heyy/internal/base/config"
	"heyy/internal/live/listen"
	"heyy/internal/live/sfu"
	"heyy/internal/rooms/room"
)

// taps taps rooms at the media server, for the listening tier.
type taps struct{ media *sfu.SFU }

func (t taps) Tap(ctx context.Context, room string, to listen.TapHandler) error {
	return t.media.Tap(ctx, room, to.Frame, to.Gone)
}

// audience passes the reports of the listening tier to rooms. It exists before them.
type audience struct {
	rooms *room.Service
	log   *slog.Logger
}

func (a *audience) connected(o listen.Owner) {
	a.report(a.rooms.ListenerJoined(context.Background(), o.Room, o.Identity, o.JoinID), o)
}

func (a *audience) gone(o listen.Owner) {
	a.report(a.rooms.ListenerLeft(context.Background(), o.Room, o.Identity, o.JoinID), o)
}

func (a *audience) report(err error, o listen.Owner) {
	if err != nil {
		a.log.Warn("listen: report; the reconciler repeats it", "room", o.Room, "err", err)
	}
}

// openTier opens the listening tier. ip is the address announced to clients.
func openTier(c config.Config, ip string, media *sfu.SFU, relay *sfu.LoopbackRelay, to *audience, log *slog.Logger) (*listen.Engine, error) {
	addrs, err := listenAddresses(ip)
	if err != nil {
		return nil, err
	}
	conf := listen.Config{
		Addrs: addrs, Port: c.Audience.Port, TCP: !addrs[0].IP.IsLoopback(),
		Large: c.Audience.LargeFrom, PerRoom: c.Audience.PerRoom, PerAddress: c.Audience.PerAddress,
		Taps: taps{media}, Connected: to.connected, Gone: to.gone, Log: log,
	}
	if c.LocalOnly() {
		conf.PerAddress = c.Audience.PerRoom // every listener is on this machine
	}
	if addrs[0].IP.IsLoopback() {
		conf.More = func(port int) []netip.AddrPort {
			return relay.Candidates(netip.AddrPortFrom(addrs[0].IP, uint16(port)))
		}
	}
	tier, err := listen.New(conf)
	if err != nil {
		return nil, fmt.Errorf("listening tier: %w; stop what uses port %d, or choose another with --audience-port", err, c.Audience.Port)
	}
	return tier, nil
}

// listenAddresses returns where the listening tier is reached: at ip, and at the global IPv6
// addresses of this machine. Each is bound by itself: from a socket for all of them, the
// system would answer a client from another address than the one it has asked.
func listenAddresses(ip string) ([]listen.Addr, error) {
	announced, err := netip.ParseAddr(ip)
	if err != nil {
		return nil, fmt.Errorf("media.ip: %w", err)
	}
	announced = announced.Unmap()
	if announced.IsLoopback() {
		return []listen.Addr{{IP: announced}}, nil
	}
	var own []netip.Addr
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok {
			if ip, ok := netip.AddrFromSlice(n.IP); ok {
				own = append(own, ip.Unmap())
			}
		}
	}
	first := listen.Addr{IP: announced}
	isOwn := false
	for _, ip := range own {
		isOwn = isOwn || ip == announced
	}
	if !isOwn { // behind address translation; connecting a UDP socket only asks the routing table
		far := "192.0.2.1:9"
		if announced.Is6() {
			far = "[2001:db8::1]:9"
		}
		way, err := net.Dial("udp", far)
		if err != nil {
			return nil, fmt.Errorf("no network leads out of this machine: %w", err)
		}
		local := way.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap()
		_ = way.Close()
		first = listen.Addr{IP: local, Announce: announced}
	}
	addrs := []listen.Addr{first}
	for _, ip := range own {
		if ip.Is6() && ip.IsGlobalUnicast() && !ip.IsPrivate() && ip != first.IP {
			addrs = append(addrs, listen.Addr{IP: ip})
		}
	}
	return addrs, nil
}
