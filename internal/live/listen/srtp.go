package listen

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"

	"github.com/pion/dtls/v3"
)

// Labels of the SRTP key derivation (RFC 3711, 4.3.2).
const (
	labelRTPKey   = 0
	labelRTPAuth  = 1
	labelRTPSalt  = 2
	labelRTCPKey  = 3
	labelRTCPAuth = 4
	labelRTCPSalt = 5
)

const (
	keyLength  = 16
	macLength  = 20 // of a session key of HMAC-SHA1
	saltLength = 14 // of AES-CM; AES-GCM uses 12

	// sealOverhead is the most that sealing adds to an RTP or RTCP packet: the tag of
	// AES-GCM and the index of SRTCP.
	sealOverhead = 16 + 4

	encryptedFlag  = 1 << 31 // of the index of SRTCP
	rtcpHeaderSize = 8       // header and SSRC of the first packet, sent in the clear
)

var errSRTP = errors.New("listen: not an SRTCP packet of this session")

// profiles are the SRTP protection profiles that the server accepts, the best first.
// AES-GCM is the faster; the other is what RFC 8827 demands of everybody.
var profiles = []dtls.SRTPProtectionProfile{dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80}

// protector seals outgoing packets with the keys of one direction of one session. It is not
// safe for concurrent use. Neither method allocates.
type protector interface {
	// sealRTP encrypts payload behind the header that is in buf[:header] and returns the
	// length of the packet. index is the sequence number, extended by the roll-over counter.
	sealRTP(buf []byte, header int, payload []byte, ssrc uint32, index uint64) int
	// sealRTCP encrypts a compound packet into buf and returns its length. index is the
	// packet's number, below 1<<31.
	sealRTCP(buf, packet []byte, index uint32) int
	// openRTCP checks and decrypts a packet into buf, which may be the packet itself, and
	// returns its length and index. After an error buf is of no use.
	openRTCP(buf, packet []byte) (n int, index uint32, err error)
}

// keyingLength is the number of bytes of keying material that a profile takes from DTLS, for both
// directions together.
func keyingLength(p dtls.SRTPProtectionProfile) int { return 2 * (keyLength + masterSalt(p)) }

func masterSalt(p dtls.SRTPProtectionProfile) int {
	if p == dtls.SRTP_AEAD_AES_128_GCM {
		return 12
	}
	return saltLength
}

// protectors makes the contexts of both directions out of the keying material that DTLS
// exports (RFC 5764, 4.2): the keys of client and server, then their salts.
func protectors(p dtls.SRTPProtectionProfile, material []byte) (send, receive protector, err error) {
	if len(material) != keyingLength(p) {
		return nil, nil, fmt.Errorf("listen: %d bytes of keying material for %v", len(material), p)
	}
	salt := masterSalt(p)
	clientKey, serverKey := material[:keyLength], material[keyLength:2*keyLength]
	clientSalt, serverSalt := material[2*keyLength:2*keyLength+salt], material[2*keyLength+salt:]
	build := newCM
	if p == dtls.SRTP_AEAD_AES_128_GCM {
		build = newGCM
	}
	if send, err = build(serverKey, serverSalt); err != nil {
		return nil, nil, err
	}
	receive, err = build(clientKey, clientSalt)
	return send, receive, err
}

// deriveKey returns n bytes of a session key (RFC 3711, 4.3.1 and 4.3.3, with a key
// derivation rate of 0). A salt of 12 bytes counts as padded with zeros (RFC 7714, 11).
func deriveKey(masterKey, masterSalt []byte, label byte, n int) ([]byte, error) {
	block, err := aes.NewCipher(masterKey)
	if err != nil {
		return nil, err
	}
	var iv [aes.BlockSize]byte
	copy(iv[:saltLength], masterSalt)
	iv[7] ^= label
	out := make([]byte, n)
	cipher.NewCTR(block, iv[:]).XORKeyStream(out, out)
	return out, nil
}

// gcm is AEAD_AES_128_GCM (RFC 7714).
type gcm struct {
	rtp, rtcp         cipher.AEAD
	rtpSalt, rtcpSalt [12]byte

	// Fields, because what is passed to an interface escapes to the heap.
	nonce [12]byte
	aad   [rtcpHeaderSize + 4]byte
}

func newGCM(masterKey, masterSalt []byte) (protector, error) {
	g := &gcm{}
	for _, k := range []struct {
		key, salt byte
		aead      *cipher.AEAD
		to        *[12]byte
	}{{labelRTPKey, labelRTPSalt, &g.rtp, &g.rtpSalt}, {labelRTCPKey, labelRTCPSalt, &g.rtcp, &g.rtcpSalt}} {
		key, err := deriveKey(masterKey, masterSalt, k.key, keyLength)
		if err != nil {
			return nil, err
		}
		salt, err := deriveKey(masterKey, masterSalt, k.salt, len(k.to))
		if err != nil {
			return nil, err
		}
		copy(k.to[:], salt)
		if *k.aead, err = gcmOf(key); err != nil {
			return nil, err
		}
	}
	return g, nil
}

func (g *gcm) sealRTP(buf []byte, header int, payload []byte, ssrc uint32, index uint64) int {
	// 00 00 | SSRC | ROC | SEQ, and the last six bytes are the index.
	g.nonce = g.rtpSalt
	xor32(g.nonce[2:], ssrc)
	xor32(g.nonce[6:], uint32(index>>16))
	g.nonce[10] ^= byte(index >> 8)
	g.nonce[11] ^= byte(index)
	return len(g.rtp.Seal(buf[:header], g.nonce[:], payload, buf[:header]))
}

// prepareRTCP sets the nonce and the associated data of an SRTCP packet.
func (g *gcm) prepareRTCP(header []byte, word uint32) {
	copy(g.aad[:], header[:rtcpHeaderSize])
	binary.BigEndian.PutUint32(g.aad[rtcpHeaderSize:], word)
	g.nonce = g.rtcpSalt
	xor32(g.nonce[2:], binary.BigEndian.Uint32(header[4:]))
	xor32(g.nonce[8:], word&^encryptedFlag)
}

func (g *gcm) sealRTCP(buf, packet []byte, index uint32) int {
	word := index | encryptedFlag
	g.prepareRTCP(packet, word)
	copy(buf, packet[:rtcpHeaderSize])
	out := g.rtcp.Seal(buf[:rtcpHeaderSize], g.nonce[:], packet[rtcpHeaderSize:], g.aad[:])
	return len(binary.BigEndian.AppendUint32(out, word))
}

func (g *gcm) openRTCP(buf, packet []byte) (int, uint32, error) {
	at := len(packet) - 4
	if at < rtcpHeaderSize+g.rtcp.Overhead() {
		return 0, 0, errSRTP
	}
	word := binary.BigEndian.Uint32(packet[at:])
	if word&encryptedFlag == 0 {
		return 0, 0, errSRTP // only authenticated: nobody sends it
	}
	g.prepareRTCP(packet, word)
	copy(buf, packet[:rtcpHeaderSize])
	out, err := g.rtcp.Open(buf[:rtcpHeaderSize], g.nonce[:], packet[rtcpHeaderSize:at], g.aad[:])
	if err != nil {
		return 0, 0, errSRTP
	}
	return len(out), word &^ encryptedFlag, nil
}

func xor32(b []byte, v uint32) {
	binary.BigEndian.PutUint32(b, binary.BigEndian.Uint32(b)^v)
}

// cm is AES128_CM_HMAC_SHA1_80 (RFC 3711), for clients that do not know AES-GCM.
type cm struct {
	rtp, rtcp         cipher.Block
	rtpSalt, rtcpSalt [saltLength]byte
	rtpMAC, rtcpMAC   hash.Hash

	counter, stream [aes.BlockSize]byte
	roc             [4]byte
	sum             [sha1.Size]byte
}

const cmTag = 10

func newCM(masterKey, masterSalt []byte) (protector, error) {
	c := &cm{}
	for _, k := range []struct {
		key, auth, salt byte
		block           *cipher.Block
		mac             *hash.Hash
		to              *[saltLength]byte
	}{
		{labelRTPKey, labelRTPAuth, labelRTPSalt, &c.rtp, &c.rtpMAC, &c.rtpSalt},
		{labelRTCPKey, labelRTCPAuth, labelRTCPSalt, &c.rtcp, &c.rtcpMAC, &c.rtcpSalt},
	} {
		key, err := deriveKey(masterKey, masterSalt, k.key, keyLength)
		if err != nil {
			return nil, err
		}
		auth, err := deriveKey(masterKey, masterSalt, k.auth, macLength)
		if err != nil {
			return nil, err
		}
		salt, err := deriveKey(masterKey, masterSalt, k.salt, saltLength)
		if err != nil {
			return nil, err
		}
		copy(k.to[:], salt)
		if *k.block, err = aes.NewCipher(key); err != nil {
			return nil, err
		}
		*k.mac = hmac.New(sha1.New, auth)
	}
	return c, nil
}

// encrypt XORs src with the key stream into dst (RFC 3711, 4.1.1). cipher.NewCTR would
// allocate for each packet.
func (c *cm) encrypt(block cipher.Block, salt *[saltLength]byte, dst, src []byte, ssrc uint32, index uint64) {
	c.counter = [aes.BlockSize]byte{}
	copy(c.counter[:], salt[:])
	xor32(c.counter[4:], ssrc)
	xor32(c.counter[8:], uint32(index>>16))
	c.counter[12] ^= byte(index >> 8)
	c.counter[13] ^= byte(index)
	for n := uint16(0); len(src) > 0; n++ {
		binary.BigEndian.PutUint16(c.counter[14:], n)
		block.Encrypt(c.stream[:], c.counter[:])
		done := subtle.XORBytes(dst, src, c.stream[:])
		dst, src = dst[done:], src[done:]
	}
}

func (c *cm) tag(mac hash.Hash, data, more []byte) []byte {
	mac.Reset()
	mac.Write(data)
	mac.Write(more)
	return mac.Sum(c.sum[:0])[:cmTag]
}

func (c *cm) sealRTP(buf []byte, header int, payload []byte, ssrc uint32, index uint64) int {
	n := header + len(payload)
	c.encrypt(c.rtp, &c.rtpSalt, buf[header:n], payload, ssrc, index)
	binary.BigEndian.PutUint32(c.roc[:], uint32(index>>16))
	return n + copy(buf[n:], c.tag(c.rtpMAC, buf[:n], c.roc[:]))
}

func (c *cm) sealRTCP(buf, packet []byte, index uint32) int {
	n := copy(buf, packet[:rtcpHeaderSize])
	c.encrypt(c.rtcp, &c.rtcpSalt, buf[n:len(packet)], packet[n:], binary.BigEndian.Uint32(packet[4:]), uint64(index))
	n = len(packet)
	binary.BigEndian.PutUint32(buf[n:], index|encryptedFlag)
	n += 4
	return n + copy(buf[n:], c.tag(c.rtcpMAC, buf[:n], nil))
}

func (c *cm) openRTCP(buf, packet []byte) (int, uint32, error) {
	at := len(packet) - cmTag
	if at < rtcpHeaderSize+4 || subtle.ConstantTimeCompare(c.tag(c.rtcpMAC, packet[:at], nil), packet[at:]) != 1 {
		return 0, 0, errSRTP
	}
	at -= 4
	word := binary.BigEndian.Uint32(packet[at:])
	if word&encryptedFlag == 0 {
		return 0, 0, errSRTP
	}
	index := word &^ encryptedFlag
	n := copy(buf, packet[:rtcpHeaderSize])
	c.encrypt(c.rtcp, &c.rtcpSalt, buf[n:at], packet[n:at], binary.BigEndian.Uint32(packet[4:]), uint64(index))
	return at, index, nil
}

// replayWindow refuses packets whose index was seen, or is too old to know.
type replayWindow struct {
	top  uint32 // highest index so far, plus 1; 0: none
	seen uint64 // bit i: top-1-i was seen
}

// fresh reports whether index is new, and remembers it.
func (w *replayWindow) fresh(index uint32) bool {
	if index >= w.top {
		ahead := index + 1 - w.top
		if ahead >= 64 {
			w.seen = 0
		} else {
			w.seen <<= ahead
		}
		w.seen |= 1
		w.top = index + 1
		return true
	}
	behind := w.top - 1 - index
	if behind >= 64 || w.seen&(1<<behind) != 0 {
		return false
	}
	w.seen |= 1 << behind
	return true
}

func gcmOf(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
