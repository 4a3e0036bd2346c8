package listen

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"
)

// Limits of an offer. What a browser sends for six slots is about 8 kB.
const (
	maxOffer        = 16 << 10 // bytes
	maxMedia        = 16       // media sections
	maxFormats      = 128      // of a section; of browsers' video about 50
	maxFingerprints = 8
	maxName         = 256 // bytes of a mid, ufrag or password (RFC 8839, 5.4)
)

// ErrOffer is the error of an SDP offer that cannot be answered; it says why.
var ErrOffer = errors.New("listen: unusable offer")

func unusable(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrOffer, fmt.Sprintf(format, args...))
}

// offer is the part of an SDP offer that the engine uses.
type offer struct {
	ufrag, pwd   string // of the client
	fingerprints []fingerprint
	media        []offeredMedia
}

// fingerprint is the hash of a DTLS certificate.
type fingerprint struct {
	hash string // sha-256, sha-384 or sha-512
	sum  []byte
}

// offeredMedia is one m-line.
type offeredMedia struct {
	kind, proto string
	formats     []string
	mid         string
	bundled     bool
	accepted    bool // false: answered with port 0
	slot        int  // what is sent in it; -1: nothing
	payloadType uint8
	nack        bool
}

// hashes are the hash functions of fingerprints, with the bytes of their sums. SHA-1 is not
// among them: it can be collided.
var hashes = map[string]int{"sha-256": 32, "sha-384": 48, "sha-512": 64}

// parseOffer reads an offer. Each audio section that wants to receive Opus gets a slot, in
// order, up to so many. All errors are ErrOffer.
func parseOffer(text string, slots int) (*offer, error) {
	if len(text) > maxOffer {
		return nil, unusable("%d bytes, more than %d", len(text), maxOffer)
	}
	var s sdp.SessionDescription
	if err := s.UnmarshalString(text); err != nil {
		return nil, unusable("not SDP")
	}
	if n := len(s.MediaDescriptions); n == 0 || n > maxMedia {
		return nil, unusable("%d media sections, not 1 to %d", n, maxMedia)
	}
	o := &offer{}
	bundle := bundled(s.Attributes)
	mids := map[string]bool{}
	used, hasTransport := 0, false
	for _, m := range s.MediaDescriptions {
		media, err := parseMedia(m)
		if err != nil {
			return nil, err
		}
		if media.mid != "" {
			if mids[media.mid] {
				return nil, unusable("two sections with one mid")
			}
			mids[media.mid] = true
		}
		media.bundled = media.mid != "" && slices.Contains(bundle, media.mid)
		// All sections share one transport: that of the first which is accepted.
		media.accepted = media.accepted && (media.bundled || !hasTransport)
		if media.accepted && !hasTransport {
			if err := o.parseTransport(&s, m); err != nil {
				return nil, err
			}
			hasTransport = true
			if !media.bundled {
				bundle = nil
			}
		}
		if media.accepted && media.slot == 0 && used < slots {
			media.slot = used
			used++
		} else {
			media.slot = -1
		}
		o.media = append(o.media, media)
	}
	if used == 0 {
		return nil, unusable("no audio section that receives Opus")
	}
	return o, nil
}

// bundled returns the mids of the BUNDLE group.
func bundled(attributes []sdp.Attribute) []string {
	for _, a := range attributes {
		if mids, ok := strings.CutPrefix(a.Value, "BUNDLE "); ok && a.Key == "group" {
			return strings.Fields(mids)
		}
	}
	return nil
}

// parseMedia reads one m-line. Its slot is 0 if it wants to receive, otherwise -1.
func parseMedia(m *sdp.MediaDescription) (media offeredMedia, err error) {
	media = offeredMedia{kind: m.MediaName.Media, proto: strings.Join(m.MediaName.Protos, "/"), formats: m.MediaName.Formats, slot: -1}
	if len(media.formats) == 0 {
		return media, unusable("a section without formats")
	}
	if len(media.formats) > maxFormats { // each rtpmap is looked for among them
		return media, unusable("%d formats, more than %d", len(media.formats), maxFormats)
	}
	media.mid, _ = m.Attribute("mid")
	if len(media.mid) > maxName || strings.ContainsFunc(media.mid, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return media, unusable("a mid that is none")
	}
	secure := media.proto == "UDP/TLS/RTP/SAVPF" || media.proto == "TCP/TLS/RTP/SAVPF" || media.proto == "UDP/TLS/RTP/SAVP"
	_, bundleOnly := m.Attribute("bundle-only")
	if media.kind != "audio" || !secure || m.MediaName.Port.Value == 0 && !bundleOnly {
		return media, nil
	}
	if _, mux := m.Attribute("rtcp-mux"); !mux {
		return media, nil
	}
	format := opusOf(m)
	if format == "" {
		return media, nil
	}
	pt, err := strconv.ParseUint(format, 10, 8)
	// With rtcp-mux, 64 to 95 would look like RTCP (RFC 5761).
	if err != nil || pt > 127 || pt >= 64 && pt <= 95 {
		return media, unusable("payload type %q", format)
	}
	media.accepted, media.payloadType = true, uint8(pt)
	media.nack = slices.ContainsFunc(m.Attributes, func(a sdp.Attribute) bool {
		return a.Key == "rtcp-fb" && (a.Value == format+" nack" || a.Value == "* nack")
	})
	if receives(m) {
		media.slot = 0
	}
	return media, nil
}

// opusOf returns the format of Opus, or "".
func opusOf(m *sdp.MediaDescription) string {
	for _, a := range m.Attributes {
		if format, codec, ok := strings.Cut(a.Value, " "); ok && a.Key == "rtpmap" && strings.EqualFold(codec, "opus/48000/2") && slices.Contains(m.MediaName.Formats, format) {
			return format
		}
	}
	return ""
}

// receives reports whether the author of m wants to receive; without a direction they do.
func receives(m *sdp.MediaDescription) bool {
	for _, a := range m.Attributes {
		switch a.Key {
		case "recvonly", "sendrecv":
			return true
		case "sendonly", "inactive":
			return false
		}
	}
	return true
}

// parseTransport reads the credentials of ICE and DTLS, of a section or of the session.
func (o *offer) parseTransport(s *sdp.SessionDescription, m *sdp.MediaDescription) error {
	attribute := func(key string) string {
		if v, ok := m.Attribute(key); ok {
			return v
		}
		v, _ := s.Attribute(key)
		return v
	}
	o.ufrag, o.pwd = attribute("ice-ufrag"), attribute("ice-pwd")
	if !isICE(o.ufrag, 4) || !isICE(o.pwd, 22) {
		return unusable("no ICE credentials")
	}
	if setup := attribute("setup"); setup != "actpass" && setup != "active" {
		return unusable("setup:%.16q, not actpass", setup)
	}
	for _, attributes := range [][]sdp.Attribute{m.Attributes, s.Attributes} {
		for _, a := range attributes {
			if a.Key != "fingerprint" || len(o.fingerprints) == maxFingerprints {
				continue
			}
			name, value, _ := strings.Cut(a.Value, " ")
			sum, err := hex.DecodeString(strings.ReplaceAll(strings.TrimSpace(value), ":", ""))
			name = strings.ToLower(name)
			if n := hashes[name]; n == 0 || err != nil || len(sum) != n {
				continue // another may be better (RFC 8122, 5)
			}
			o.fingerprints = append(o.fingerprints, fingerprint{name, sum})
		}
		if len(o.fingerprints) > 0 {
			return nil
		}
	}
	return unusable("no fingerprint of a certificate")
}

// isICE reports whether a ufrag or password has the letters and the length of one (RFC 8839, 5.4).
func isICE(text string, least int) bool {
	return len(text) >= least && len(text) <= maxName && !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '+' && r != '/'
	})
}

// matches reports whether one of the fingerprints is that of a certificate.
func (o *offer) matches(certificate []byte) bool {
	return slices.ContainsFunc(o.fingerprints, func(f fingerprint) bool {
		return bytes.Equal(f.sum, hashOf(f.hash, certificate))
	})
}

// trim forgets what only the answer needs, so that a session does not keep the text.
func (o *offer) trim() {
	o.ufrag, o.pwd = strings.Clone(o.ufrag), strings.Clone(o.pwd)
	for i := range o.media {
		o.media[i] = offeredMedia{slot: o.media[i].slot, payloadType: o.media[i].payloadType}
	}
	for i := range o.fingerprints {
		o.fingerprints[i].hash = strings.Clone(o.fingerprints[i].hash)
	}
}

// candidate is one address of the server.
type candidate struct {
	at  netip.AddrPort
	tcp bool
}

// answerParts are the parameters of the server in an answer.
type answerParts struct {
	session     uint64 // id in the o= line
	ufrag, pwd  string
	fingerprint string // with the name of its hash
	candidates  []candidate
	ssrcs       []uint32 // by slot
}

const (
	cname  = "heyy"
	stream = "room"
)

// answer makes the SDP answer to an offer.
func (o *offer) answer(p answerParts) (string, error) {
	s := &sdp.SessionDescription{
		Origin:           sdp.Origin{Username: "-", SessionID: p.session, SessionVersion: 1, NetworkType: "IN", AddressType: "IP4", UnicastAddress: "0.0.0.0"},
		SessionName:      "-",
		TimeDescriptions: []sdp.TimeDescription{{}},
	}
	var group []string
	first := true
	for _, m := range o.media {
		d := &sdp.MediaDescription{
			MediaName:             sdp.MediaName{Media: m.kind, Protos: strings.Split(m.proto, "/"), Formats: m.formats},
			ConnectionInformation: &sdp.ConnectionInformation{NetworkType: "IN", AddressType: "IP4", Address: &sdp.Address{Address: "0.0.0.0"}},
		}
		s.MediaDescriptions = append(s.MediaDescriptions, d)
		add := func(key, value string) { d.Attributes = append(d.Attributes, sdp.Attribute{Key: key, Value: value}) }
		if m.mid != "" {
			add("mid", m.mid)
		}
		if !m.accepted {
			add("inactive", "")
			continue
		}
		d.MediaName.Port = sdp.RangedPort{Value: 9}
		if first && len(p.candidates) > 0 {
			at := p.candidates[0].at
			d.MediaName.Port.Value = int(at.Port())
			d.ConnectionInformation.Address.Address = at.Addr().String()
			if at.Addr().Is6() {
				d.ConnectionInformation.AddressType = "IP6"
			}
		}
		if m.bundled {
			group = append(group, m.mid)
		}
		format := strconv.Itoa(int(m.payloadType))
		d.MediaName.Formats = []string{format}
		add("ice-ufrag", p.ufrag)
		add("ice-pwd", p.pwd)
		add("fingerprint", p.fingerprint)
		add("setup", "passive")
		add("rtcp-mux", "")
		add("rtpmap", format+" opus/48000/2")
		add("fmtp", format+" minptime=10;useinbandfec=1")
		if m.nack {
			add("rtcp-fb", format+" nack")
		}
		if m.slot < 0 {
			add("inactive", "")
		} else {
			ssrc := strconv.FormatUint(uint64(p.ssrcs[m.slot]), 10)
			track := stream + " slot" + strconv.Itoa(m.slot)
			add("sendonly", "")
			add("msid", track)
			add("ssrc", ssrc+" cname:"+cname)
			add("ssrc", ssrc+" msid:"+track)
		}
		if first {
			for i, c := range p.candidates {
				add("candidate", c.line(i))
			}
			add("end-of-candidates", "")
		}
		first = false
	}
	s.Attributes = []sdp.Attribute{{Key: "ice-lite"}, {Key: "msid-semantic", Value: " WMS " + stream}}
	if len(group) > 0 {
		s.Attributes = append(s.Attributes, sdp.Attribute{Key: "group", Value: "BUNDLE " + strings.Join(group, " ")})
	}
	text, err := s.Marshal()
	return string(text), err
}

// line is the value of the candidate attribute (RFC 8839, 5.1; RFC 6544, 4.5). TCP comes after
// all UDP, and addresses in the order of the configuration.
func (c candidate) line(i int) string {
	transport, kind, end := "udp", 126, ""
	if c.tcp {
		transport, kind, end = "tcp", 90, " tcptype passive"
	}
	priority := kind<<24 | (65535-i)<<8 | 255
	return fmt.Sprintf("%d 1 %s %d %s %d typ host%s", i+1, transport, priority, c.at.Addr(), c.at.Port(), end)
}
