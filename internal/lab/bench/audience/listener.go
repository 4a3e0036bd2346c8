package audience

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/ice/v4"
	"github.com/pion/sdp/v3"
	"github.com/pion/srtp/v3"
	"github.com/pion/stun/v3"
	"github.com/pion/transport/v4/packetio"
)

// Slots is the number of voices that a listener asks for.
const Slots = 6

// States of a listener.
const (
	fresh int32 = iota
	connecting
	connected
	gone
)

const (
	firstRetry  = 100 * time.Millisecond // of a check that is not answered
	flightRetry = 500 * time.Millisecond // of a part of the DTLS handshake
	payloadType = 111
)

// Listener is one client of the listening tier.
type Listener struct {
	Number int // from 0 in its audience

	audience    *Audience
	address     [4]byte
	socket      *socket
	ufrag, pwd  string
	to          netip.AddrPort
	remoteUfrag string
	remotePwd   string
	state       atomic.Int32
	answered    chan struct{} // the first check was
	once        sync.Once
	first       chan struct{} // the first RTP packet came
	heard       bool
	firstAt     int64 // when, by the wall clock in nanoseconds
	transaction atomic.Pointer[[stun.TransactionIDSize]byte]
	shake       atomic.Pointer[pipe] // during the handshake
	keys        atomic.Pointer[srtp.Context]
}

// ErrNoKeys is the error of a packet that came before its listener had finished the handshake.
var ErrNoKeys = errors.New("audience: no keys yet")

// Packet is one RTP packet of a slot.
type Packet struct {
	SSRC      uint32
	Sequence  uint16
	Timestamp uint32
	Marker    bool
	Voice     uint32 // the first CSRC; 0: none
	At        int64  // arrival, by the wall clock in nanoseconds
	Size      int    // bytes of the payload

	raw  []byte
	keys *srtp.Context
	open []byte
}

// Open returns the decrypted payload, which is valid until the next call. It must be called
// for at least one packet in 30,000 of a slot, or the roll-over counter is lost.
func (p *Packet) Open() ([]byte, error) {
	if p.keys == nil {
		return nil, ErrNoKeys
	}
	plain, err := p.keys.DecryptRTP(p.open[:0], p.raw, nil)
	if err != nil {
		return nil, err
	}
	p.open = plain
	return plain[len(p.raw)-tagSize-p.Size:], nil
}

const tagSize = 16 // of AES-GCM

// Listen makes a listener and its offer.
func (a *Audience) Listen() (l *Listener, offer string, err error) {
	if l, err = a.add(); err != nil {
		return nil, "", err
	}
	l.ufrag, l.pwd = random(4), random(12)
	var b strings.Builder
	mids := make([]string, Slots)
	for i := range mids {
		mids[i] = fmt.Sprint(i)
	}
	fmt.Fprintf(&b, "v=0\r\no=- %d 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE %s\r\n", l.Number+1, strings.Join(mids, " "))
	for _, mid := range mids {
		fmt.Fprintf(&b, "m=audio 9 UDP/TLS/RTP/SAVPF %d\r\nc=IN IP4 0.0.0.0\r\na=mid:%s\r\na=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=fingerprint:sha-256 %s\r\na=setup:actpass\r\na=rtcp-mux\r\na=recvonly\r\na=rtpmap:%d opus/48000/2\r\n",
			payloadType, mid, l.ufrag, l.pwd, a.fingerprint, payloadType)
	}
	return l, b.String(), nil
}

func random(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// Connect connects with the server's answer: a check, and the handshake.
func (l *Listener) Connect(ctx context.Context, answer string) error {
	l.audience.connecting.Add(1)
	defer l.audience.connecting.Add(-1)
	fingerprint, err := l.parse(answer)
	if err != nil {
		return err
	}
	l.state.Store(connecting)
	for waiting := true; waiting; {
		if err := l.check(); err != nil {
			return fmt.Errorf("audience: check: %w", err)
		}
		select {
		case <-l.answered:
			waiting = false
		case <-time.After(firstRetry):
		case <-ctx.Done():
			return fmt.Errorf("audience: no answer to a check: %w", ctx.Err())
		}
	}
	if err := l.handshake(ctx, fingerprint); err != nil {
		return fmt.Errorf("audience: DTLS: %w", err)
	}
	l.state.CompareAndSwap(connecting, connected)
	return nil
}

// parse reads the answer and returns the fingerprint of the server's certificate.
func (l *Listener) parse(answer string) (fingerprint string, err error) {
	var s sdp.SessionDescription
	if err := s.UnmarshalString(answer); err != nil {
		return "", fmt.Errorf("audience: answer: %w", err)
	}
	attributes := s.Attributes
	for _, m := range s.MediaDescriptions {
		attributes = append(attributes, m.Attributes...)
	}
	for _, a := range attributes {
		switch a.Key {
		case "ice-ufrag":
			l.remoteUfrag = a.Value
		case "ice-pwd":
			l.remotePwd = a.Value
		case "fingerprint":
			fingerprint = a.Value
		case "candidate":
			f := strings.Fields(a.Value)
			if len(f) < 8 || !strings.EqualFold(f[2], "udp") {
				continue
			}
			if at, err := netip.ParseAddrPort(f[4] + ":" + f[5]); err == nil && at.Addr().IsLoopback() {
				l.to = at
			}
		}
	}
	if l.remoteUfrag == "" || l.remotePwd == "" || fingerprint == "" || !l.to.IsValid() {
		return "", errors.New("audience: the answer has no credentials, or no candidate on the loopback network")
	}
	return fingerprint, nil
}

// check sends one ICE check (RFC 8445).
func (l *Listener) check() error {
	id := stun.NewTransactionID()
	l.transaction.Store(&id)
	m, err := stun.Build(stun.BindingRequest, stun.NewTransactionIDSetter(id), stun.NewUsername(l.remoteUfrag+":"+l.ufrag),
		ice.PriorityAttr(1<<24), ice.AttrControlling(l.Number+1), ice.UseCandidate(), stun.NewShortTermIntegrity(l.remotePwd), stun.Fingerprint)
	if err != nil {
		return err
	}
	return l.send(m.Raw)
}

// prove answers a check of the server, which sends nothing else to an address that does not.
func (l *Listener) prove(request []byte) {
	m := stun.Message{Raw: request}
	integrity := stun.NewShortTermIntegrity(l.pwd)
	if m.Decode() != nil || integrity.Check(&m) != nil {
		return
	}
	mapped := stun.XORMappedAddress{IP: net.IP(l.to.Addr().AsSlice()), Port: int(l.to.Port())}
	if answer, err := stun.Build(&m, stun.BindingSuccess, &mapped, integrity, stun.Fingerprint); err == nil {
		_ = l.send(answer.Raw) // what is lost is asked for again
	}
}

func (l *Listener) send(packet []byte) error {
	if l.state.Load() == gone {
		return net.ErrClosed
	}
	return l.socket.send(l.address, l.to, packet)
}

// handshake agrees on keys and forgets the DTLS connection: nothing else comes by it.
func (l *Listener) handshake(ctx context.Context, fingerprint string) error {
	wire := &pipe{listener: l, in: packetio.NewBuffer()}
	l.shake.Store(wire)
	defer l.shake.Store(nil)
	conn, err := dtls.ClientWithOptions(wire, net.UDPAddrFromAddrPort(l.to),
		dtls.WithCertificates(l.audience.certificate),
		dtls.WithSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM),
		dtls.WithInsecureSkipVerify(true), // checked by its fingerprint
		dtls.WithFlightInterval(flightRetry),
		dtls.WithVerifyPeerCertificate(func(raw [][]byte, _ [][]*x509.Certificate) error {
			sum := sha256.Sum256(raw[0])
			if got := "sha-256 " + strings.ReplaceAll(fmt.Sprintf("% x", sum), " ", ":"); !strings.EqualFold(got, fingerprint) {
				return errors.New("another certificate than the answer's")
			}
			return nil
		}),
	)
	if err != nil {
		return err
	}
	defer func() {
		wire.mute.Store(true) // no close_notify, which would end the session
		_ = conn.Close()
	}()
	if err := conn.HandshakeContext(ctx); err != nil {
		return err
	}
	state, ok := conn.ConnectionState()
	if profile, agreed := conn.SelectedSRTPProtectionProfile(); !ok || !agreed || profile != dtls.SRTP_AEAD_AES_128_GCM {
		return errors.New("no SRTP profile agreed on")
	}
	c := srtp.Config{Profile: srtp.ProtectionProfileAeadAes128Gcm}
	if err := c.ExtractSessionKeysFromDTLS(&state, true); err != nil {
		return err
	}
	keys, err := srtp.CreateContext(c.Keys.RemoteMasterKey, c.Keys.RemoteMasterSalt, c.Profile)
	if err != nil {
		return err
	}
	l.keys.Store(keys)
	return nil
}

// First is closed when the first RTP packet has come.
func (l *Listener) First() <-chan struct{} { return l.first }

// FirstAt returns when that was. It may be called after First.
func (l *Listener) FirstAt() time.Time { return time.Unix(0, l.firstAt) }

// Close ends the listener, without a word to the server.
func (l *Listener) Close() { l.state.Store(gone) }

// receive takes a packet, on the reader's goroutine.
func (l *Listener) receive(at int64, packet []byte) {
	if len(packet) < 12 || l.state.Load() == gone {
		return
	}
	switch kind := packet[0]; { // RFC 7983
	case kind < 4:
		if packet[0] == 0 && packet[1] == 1 {
			l.prove(packet)
		} else if id := l.transaction.Load(); id != nil && stun.IsMessage(packet) && packet[0] == 1 && packet[1] == 1 && [12]byte(packet[8:20]) == *id {
			l.once.Do(func() { close(l.answered) })
		}
	case kind >= 20 && kind < 64:
		if wire := l.shake.Load(); wire != nil {
			_, _ = wire.in.Write(packet)
		}
	case kind >= 128 && kind < 192 && (packet[1] < 192 || packet[1] > 223): // not RTCP
		l.receiveRTP(at, packet)
	}
}

func (l *Listener) receiveRTP(at int64, packet []byte) {
	p := &l.audience.packet
	if !p.parse(packet) {
		return
	}
	p.At, p.keys = at, l.keys.Load()
	if !l.heard {
		l.heard, l.firstAt = true, at
		close(l.first)
	}
	l.audience.onPacket(l, p)
}

// parse reads the header of an SRTP packet.
func (p *Packet) parse(raw []byte) bool {
	u32 := func(at int) uint32 {
		return uint32(raw[at])<<24 | uint32(raw[at+1])<<16 | uint32(raw[at+2])<<8 | uint32(raw[at+3])
	}
	sources := int(raw[0] & 15)
	header := 12 + 4*sources
	if len(raw) < header {
		return false
	}
	if raw[0]&16 != 0 { // an extension
		if len(raw) < header+4 {
			return false
		}
		header += 4 + 4*int(u32(header)&0xffff)
	}
	p.raw, p.Size = raw, len(raw)-header-tagSize
	p.Marker = raw[1]&128 != 0
	p.Sequence, p.Timestamp, p.SSRC = uint16(u32(0)), u32(4), u32(8)
	p.Voice = 0
	if sources > 0 {
		p.Voice = u32(12)
	}
	return p.Size >= 0
}

// pipe is the connection of a handshake.
type pipe struct {
	listener *Listener
	in       *packetio.Buffer
	mute     atomic.Bool
}

func (p *pipe) ReadFrom(b []byte) (int, net.Addr, error) {
	n, err := p.in.Read(b)
	return n, net.UDPAddrFromAddrPort(p.listener.to), err
}

func (p *pipe) WriteTo(b []byte, _ net.Addr) (int, error) {
	if p.mute.Load() {
		return len(b), nil
	}
	return len(b), p.listener.send(b)
}

func (p *pipe) Close() error                      { return p.in.Close() }
func (p *pipe) LocalAddr() net.Addr               { return &net.UDPAddr{} }
func (p *pipe) SetDeadline(t time.Time) error     { return p.in.SetReadDeadline(t) }
func (p *pipe) SetReadDeadline(t time.Time) error { return p.in.SetReadDeadline(t) }
func (p *pipe) SetWriteDeadline(time.Time) error  { return nil }
