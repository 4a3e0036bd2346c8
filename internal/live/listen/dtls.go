package listen

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/logging"
	"github.com/pion/transport/v4/packetio"
)

const (
	stalled        = 3 * time.Second // without a record of the client, a handshake ends
	handshakeQueue = 32 << 10        // bytes of records that wait for a handshake
	handshakeBytes = 64 << 10        // bytes of records that it takes: a client sends some 3 kB, and repeats
	handshakeTries = 4               // handshakes of one session, where one does not come to its end
	dtlsMTU        = 1200            // bytes of a datagram of a handshake
	keyLabel       = "EXTRACTOR-dtls_srtp"
	recordHeader   = 13
	typeAlert      = 21 // of a record
	typeHandshake  = 22
	typeHello      = 1 // of a handshake message
)

var errFingerprint = errors.New("listen: the certificate is not that of the offer")

// handshake is the DTLS of a session: the net.PacketConn below it, and its goroutine. Some
// seconds after the handshake it ends, without a word to the client, so that a listener costs
// neither goroutines nor memory. Until then a client whose last message was lost is answered.
type handshake struct {
	s      *session
	in     *packetio.Buffer
	ctx    context.Context
	cancel context.CancelFunc
	stall  *time.Timer // ends a handshake of whose client nothing comes
	muted  atomic.Bool // nothing is sent any more
	taken  int         // bytes of records; the session's mutex guards it
}

// record handles a DTLS record of the client. An alert in the clear is none: anybody can send it
// from a forged address, and a client that gives up in the middle falls silent anyway.
func (s *session) record(data []byte) {
	if len(data) <= recordHeader || clearAlert(data) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	if !s.shaken {
		hello := data[0] == typeHandshake && data[recordHeader] == typeHello
		if !hello || s.tries == handshakeTries || !s.engine.beginHandshake(s) {
			return // clients repeat what is not answered
		}
		s.tries++
	}
	// A client with fragments that never make a message would fill the buffers behind it.
	if h := s.handshake; h != nil && h.taken+len(data) <= handshakeBytes {
		h.taken += len(data)
		if h.stall.Stop() { // not yet over
			h.stall.Reset(stalled)
		}
		_, _ = h.in.Write(data) // full or closed: dropped
	}
}

// clearAlert reports whether an alert that is not encrypted (epoch 0) is among the records of a
// datagram.
func clearAlert(data []byte) bool {
	for len(data) >= recordHeader {
		if data[0] == typeAlert && data[3] == 0 && data[4] == 0 {
			return true
		}
		data = data[min(len(data), recordHeader+int(binary.BigEndian.Uint16(data[11:]))):]
	}
	return false
}

// beginHandshake starts the handshake of a session, unless there are too many; then one of
// whoever has most of them may end for it. The session's mutex is held.
func (e *Engine) beginHandshake(s *session) bool {
	h := &handshake{s: s, in: packetio.NewBuffer()}
	h.in.SetLimitSize(handshakeQueue)
	h.ctx, h.cancel = context.WithTimeout(e.ctx, e.c.HalfOpen)
	h.stall = time.AfterFunc(stalled, h.end)
	out, evicted, ok := e.handshakes.enter(placeOf(h, s.owner))
	if !ok {
		h.stall.Stop()
		h.end()
		return false
	}
	if evicted {
		out.end()
	}
	s.handshake, s.shaken = h, true
	e.running.Go(h.run)
	return true
}

func (h *handshake) run() {
	defer h.cancel()
	e := h.s.engine
	conn, err := h.shake()
	// A handshake that somebody ended may begin anew: a client repeats what is not answered.
	again := err != nil && h.muted.Load()
	h.stall.Stop()
	e.handshakes.leave(h)
	switch {
	case again:
	case err != nil:
		e.c.Log.Debug("listen: handshake", "room", h.s.room.name, "error", err)
		e.end(h.s, false)
	default:
		_ = conn.SetReadDeadline(time.Now().Add(e.c.keepDTLS))
		for buf := make([]byte, bufSize); err == nil; {
			_, err = conn.Read(buf) // nothing is spoken here
		}
		if errors.Is(err, io.EOF) && !h.muted.Load() {
			e.end(h.s, true) // close_notify: the client closed its connection
		}
	}
	h.muted.Store(true)
	if conn != nil {
		_ = conn.Close()
	}
	_ = h.in.Close()
	h.s.mu.Lock()
	h.s.handshake = nil
	h.s.shaken = !again
	h.s.mu.Unlock()
}

// shake does the handshake and lets the session send.
func (h *handshake) shake() (*dtls.Conn, error) {
	e := h.s.engine
	conn, err := dtls.ServerWithOptions(h, h.LocalAddr(), e.dtlsOptions(h.s.offer)...)
	if err != nil {
		return nil, err
	}
	if err := conn.HandshakeContext(h.ctx); err != nil {
		return conn, err
	}
	profile, ok := conn.SelectedSRTPProtectionProfile()
	if !ok {
		return conn, errors.New("listen: the client does not speak SRTP")
	}
	state, ok := conn.ConnectionState()
	if !ok {
		return conn, errors.New("listen: no state of the connection")
	}
	material, err := state.ExportKeyingMaterial(keyLabel, nil, keyingLength(profile))
	if err != nil {
		return conn, err
	}
	send, receive, err := protectors(profile, material)
	if err != nil {
		return conn, err
	}
	if !h.s.connect(send, receive) {
		return conn, net.ErrClosed
	}
	return conn, nil
}

func (e *Engine) dtlsOptions(o *offer) []dtls.ServerOption {
	return []dtls.ServerOption{
		dtls.WithCertificates([]tls.Certificate{e.certificate}...),
		dtls.WithSRTPProtectionProfiles(profiles...),
		dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret),
		dtls.WithClientAuth(dtls.RequireAnyClientCert),
		dtls.WithMTU(dtlsMTU),
		dtls.WithFlightInterval(200 * time.Millisecond),
		// A check of ICE has proved that the client receives at its address.
		dtls.WithInsecureSkipVerifyHello(true),
		dtls.WithVerifyPeerCertificate(func(certificates [][]byte, _ [][]*x509.Certificate) error {
			if len(certificates) == 0 || !o.matches(certificates[0]) {
				return errFingerprint
			}
			return nil
		}),
		dtls.WithLoggerFactory(&logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled}),
	}
}

// end stops the handshake or what is left of it, without a word to the client.
func (h *handshake) end() {
	h.muted.Store(true)
	h.cancel()
	_ = h.in.Close()
}

// ReadFrom, WriteTo and the others below make a handshake the net.PacketConn of its DTLS.
func (h *handshake) ReadFrom(p []byte) (int, net.Addr, error) {
	n, err := h.in.Read(p)
	return n, h.LocalAddr(), err
}

// WriteTo sends to where the session is now; what cannot be sent counts as lost.
func (h *handshake) WriteTo(p []byte, _ net.Addr) (int, error) {
	h.s.mu.Lock()
	defer h.s.mu.Unlock()
	if !h.s.closed && !h.muted.Load() {
		h.s.to.send(p, h.s.engine.stats)
	}
	return len(p), nil
}

func (h *handshake) LocalAddr() net.Addr                { return &net.UDPAddr{} }
func (h *handshake) Close() error                       { return h.in.Close() }
func (h *handshake) SetDeadline(t time.Time) error      { return h.in.SetReadDeadline(t) }
func (h *handshake) SetReadDeadline(t time.Time) error  { return h.in.SetReadDeadline(t) }
func (h *handshake) SetWriteDeadline(_ time.Time) error { return nil }
