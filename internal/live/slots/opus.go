package slots

// The parts of the Opus packet format (RFC 6716, section 3) that need no decoding.

const (
	rate     = 48000 // Hz, of RTP timestamps
	maxFrame = 1275  // bytes

	// MaxPayload limits the payload of a Packet in bytes, so that it fits into one datagram
	// with its headers.
	MaxPayload = 1400

	// shortest and longest are the playing times that are forwarded. No client sends packets
	// of less than 10 ms, and each would cost as much as one of 20 ms.
	shortest = rate * 10 / 1000
	longest  = rate * 120 / 1000

	maxParts    = 3                // frames in a packet
	longestPart = rate * 20 / 1000 // of one frame that is put together with others
)

// samples returns the playing time of a packet in samples; 0 if it is not forwarded.
func samples(p []byte) int64 {
	if len(p) == 0 || len(p) > MaxPayload {
		return 0
	}
	frames := 1
	switch p[0] & 3 {
	case 0:
		if len(p) > 1+maxFrame {
			return 0
		}
	case 1, 2:
		frames = 2
	default:
		if len(p) < 2 {
			return 0
		}
		frames = int(p[1] & 63)
	}
	n := frameSamples(p[0]) * frames
	if n < shortest || n > longest {
		return 0
	}
	return int64(n)
}

// frameSamples is the playing time of one frame.
func frameSamples(toc byte) int {
	switch config := toc >> 3; {
	case config < 12: // SILK: 10, 20, 40, 60 ms
		return [4]int{480, 960, 1920, 2880}[config&3]
	case config < 16: // hybrid: 10, 20 ms
		return [2]int{480, 960}[config&1]
	default: // CELT: 2.5, 5, 10, 20 ms
		return [4]int{120, 240, 480, 960}[config&3]
	}
}

// parts are frames that wait to become one packet.
type parts struct {
	toc     byte // of code 0
	n       int
	lengths [maxParts]int
	data    []byte // the frames one after another; the buffer is reused
}

// isPart reports whether a packet is a single frame that may be put together with others.
func isPart(p []byte) bool { return p[0]&3 == 0 && frameSamples(p[0]) <= longestPart }

// fits reports whether the packet p, a part, has the format of the others and room beside
// them.
func (a *parts) fits(p []byte) bool {
	// In front of the frames: TOC, count, and two lengths of up to 2 bytes.
	return a.n == 0 || p[0] == a.toc && a.n < maxParts && len(a.data)+len(p)+6 <= MaxPayload
}

func (a *parts) add(p []byte) {
	a.toc = p[0]
	a.lengths[a.n] = len(p) - 1
	a.n++
	a.data = append(a.data, p[1:]...)
}

// packet returns the frames as one new Opus packet, and forgets them.
func (a *parts) packet() []byte {
	p := make([]byte, 0, len(a.data)+6)
	switch {
	case a.n == 1:
		p = append(p, a.toc)
	case a.equal():
		p = append(p, a.toc|3, byte(a.n))
	default:
		const variable = 0x80
		p = append(p, a.toc|3, variable|byte(a.n))
		for _, n := range a.lengths[:a.n-1] {
			if n < 252 {
				p = append(p, byte(n))
			} else {
				first := 252 + n&3
				p = append(p, byte(first), byte((n-first)/4))
			}
		}
	}
	p = append(p, a.data...)
	a.n, a.data = 0, a.data[:0]
	return p
}

func (a *parts) equal() bool {
	for _, n := range a.lengths[1:a.n] {
		if n != a.lengths[0] {
			return false
		}
	}
	return true
}
