package audio

import (
	"fmt"
	"time"
)

const (
	maxPacketSamples = Rate * 120 / 1000 // the longest packet: 120 ms
	maxFrame         = 1275              // bytes
	// maxPacket is the largest packet in bytes, padding included (RFC 7845,
	// section 6). It fits into one page.
	maxPacket = 61440
)

// PacketDuration is the playing time of one Opus packet; 0 for a malformed one.
func PacketDuration(p []byte) time.Duration {
	return time.Duration(packetSamples(p)) * time.Second / Rate
}

// packetSamples is the playing time in samples at Rate (RFC 6716, section 3.1).
func packetSamples(p []byte) int {
	if len(p) == 0 {
		return 0
	}
	toc := p[0]
	var frame int
	switch config := toc >> 3; {
	case config < 12: // SILK: 10, 20, 40, 60 ms
		frame = [4]int{480, 960, 1920, 2880}[config&3]
	case config < 16: // hybrid: 10, 20 ms
		frame = [2]int{480, 960}[config&1]
	default: // CELT: 2.5, 5, 10, 20 ms
		frame = [4]int{120, 240, 480, 960}[config&3]
	}
	switch toc & 3 {
	case 0:
		return frame
	case 1, 2:
		return 2 * frame
	default:
		if len(p) < 2 {
			return 0
		}
		return frame * int(p[1]&63)
	}
}

// validatePacket checks a packet of one channel against RFC 6716, section 3.4, and returns it
// without padding.
func validatePacket(p []byte) ([]byte, error) {
	if len(p) > 0 && p[0]&stereoBit != 0 {
		return nil, fmt.Errorf("%w: it has two channels", ErrStereo)
	}
	return plainPacket(p)
}

// stereoBit is set in the first byte of packets with two channels.
const stereoBit = 4

// plainPacket is validatePacket for packets of any number of channels.
func plainPacket(p []byte) ([]byte, error) {
	bad := func(why string) ([]byte, error) {
		return nil, fmt.Errorf("%w: %s", ErrDamaged, why)
	}
	if len(p) == 0 || len(p) > maxPacket {
		return bad(fmt.Sprintf("it has %d bytes", len(p)))
	}
	if n := packetSamples(p); n == 0 || n > maxPacketSamples {
		return bad("it plays nothing, or more than 120 ms")
	}
	frames, body, differ := 1, p[1:], false
	switch p[0] & 3 {
	case 1:
		frames = 2
	case 2:
		frames, differ = 2, true
	case 3:
		const (
			padded   = 0x40
			variable = 0x80
		)
		frames, differ = int(p[1]&63), p[1]&variable != 0
		body = p[2:]
		if p[1]&padded != 0 {
			var fits bool
			if body, fits = unpad(body); !fits {
				return bad("its padding is longer than itself")
			}
			p = append([]byte{p[0], p[1] &^ padded}, body...)
		}
	}
	if !differ {
		if len(body)%frames != 0 || len(body)/frames > maxFrame {
			return bad(fmt.Sprintf("%d equal frames in %d bytes", frames, len(body)))
		}
		return p, nil
	}
	// The lengths of all frames but the last precede the frames.
	known := 0
	for range frames - 1 {
		n, size := frameLength(body)
		if size == 0 {
			return bad("the length of a frame is missing")
		}
		known += n
		body = body[size:]
	}
	if last := len(body) - known; last < 0 || last > maxFrame {
		return bad(fmt.Sprintf("its last frame has %d bytes", last))
	}
	return p, nil
}

// unpad returns the bytes between the padding length and the padding.
func unpad(p []byte) (body []byte, fits bool) {
	padding := 0
	for {
		if len(p) == 0 {
			return nil, false
		}
		n := int(p[0])
		p = p[1:]
		if n < 255 {
			padding += n
			break
		}
		padding += 254
	}
	if padding > len(p) {
		return nil, false
	}
	return p[:len(p)-padding], true
}

// frameLength parses the length of a frame, encoded in size bytes (1 or 2); size is 0 if it
// is missing.
func frameLength(p []byte) (n, size int) {
	switch {
	case len(p) > 0 && p[0] < 252:
		return int(p[0]), 1
	case len(p) > 1:
		return int(p[0]) + 4*int(p[1]), 2
	}
	return 0, 0
}
